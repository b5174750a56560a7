"""A folder of images: labels from sub-folders, splits from train/val/test folders above them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

import pandas as pd
from PIL import Image

from cgaudit.dataset.hashing import file_md5
from cgaudit.dataset.images import EMPTY, IMAGE_SUFFIXES, Decoding, read_picture
from cgaudit.dataset.parallel import in_threads
from cgaudit.dataset.samples import Sample, Skip, samples_table, skipped_table
from cgaudit.dataset.sources.pictures import PictureSource
from cgaudit.dataset.sources.splits import layout, placed
from cgaudit.dataset.tables import TABLE_SUFFIXES
from cgaudit.dataset.walk import BROKEN_LINK, FOLDER_LINK, OUTSIDE_LINK, Walk, Wanted
from cgaudit.errors import SourceError
from cgaudit.wording.text import shown

_PICTURES = Wanted(IMAGE_SUFFIXES, "not an image by its extension")


class ImageFolder(PictureSource):
    """Images below a folder, any depth, read one at a time.

    The label is the first folder below the root. Where the folders directly below the root are
    splits (see `layout`) the first folder becomes the split and the second the label. Images
    without a folder have no label.

    Names that start with a dot are left out, and said; everything else that is not used is listed
    as skipped: other files, what a NAS or macOS left among them, links that leave the folder (links
    into a DVC cache are followed), links to folders, and images that do not decode.

    Parameters
    ----------
    root
        The folder.
    decoding
        How images are decoded.
    split_folders
        Whether the first folders are splits; None guesses.
    ignored
        Files that belong to the audit itself, such as the labels table.

    Raises
    ------
    SourceError
        No image is there.
    """

    def __init__(
        self,
        root: Path,
        *,
        decoding: Decoding,
        split_folders: bool | None = None,
        ignored: Iterable[Path] = (),
    ) -> None:
        self.root = root
        self._decoding = decoding
        self._paths: list[str] = []
        self._skips: list[Skip] = []
        walk = Walk(root, _PICTURES, ignored)
        for path, reason in walk:
            if reason is None:
                self._paths.append(path)
            else:
                self._skips.append(Skip(path, reason))
        if not self._paths:
            raise SourceError(_no_images(root, self._skips))
        self._used = frozenset(self._paths)
        self._splits, self._doubt = layout(self._paths, split_folders)
        self.notes = [*self._inferred(), *walk.notes]

    @property
    def paths(self) -> Sequence[str]:
        """The images, relative to the folder, in order."""
        return self._paths

    def samples(
        self, known_hashes: Mapping[str, str] | None = None
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the samples and the skipped; reads every file whose hash is not known."""
        known = known_hashes or {}
        found: list[Sample] = []
        skips = list(self._skips)
        for path, digest in in_threads(partial(self._hashed, known=known), self._paths):
            if isinstance(digest, Skip):
                skips.append(digest)
            else:
                found.append(Sample(path, digest, *placed(path, self._splits)))
        return samples_table(found), skipped_table(skips)

    def lacks(self, path: str) -> bool:
        """Tell whether the folder has no image of that path that is used: none lies outside."""
        return path not in self._used

    def _read(self, path: str) -> Image.Image:
        return read_picture(self.root / path, *self._decoding)

    def _hashed(self, path: str, known: Mapping[str, str]) -> tuple[str, str | Skip]:
        if path in known:
            return path, known[path]
        try:
            file = self.root / path
            if file.stat().st_size == 0:
                return path, Skip(path, EMPTY)
            return path, file_md5(file)
        except OSError as error:
            return path, Skip(path, f"cannot be read ({error.strerror})")

    def _inferred(self) -> list[str]:
        places = [placed(path, self._splits) for path in self._paths]
        labels = Counter(place.label for place in places)
        unplaced = labels.pop(None, 0)
        notes = [f"{len(self._paths):,} image files in {self.root}, {len(labels):,} label folders"]
        if labels and unplaced:
            notes.append(f"{unplaced:,} images lie in no label folder and have no label from it")
        if self._splits:
            splits = sorted({place.split for place in places if place.split is not None})
            notes.append(
                f"the first folder is a split ({shown(splits)}), the second the label; if the first"
                " is the label, say --no-split-folders (source.split_folders: false)"
            )
        notes += [self._doubt] if self._doubt else []
        return notes + _in_other_case(self._paths)


def _in_other_case(paths: Sequence[str]) -> list[str]:
    """Warn of paths that only some file systems keep apart."""
    count = Counter(map(str.casefold, paths))
    twins = [path for path in paths if count[path.casefold()] > 1]
    if not twins:
        return []
    return [
        f"{len(twins):,} paths are the same but for upper and lower case ({shown(twins, 4)}): on "
        "Windows and macOS a checkout keeps one of each"
    ]


#: How pictures behind links can be audited nevertheless.
_UNLINKED = {
    OUTSIDE_LINK: "`cp -rL` copies what they lead to",
    FOLDER_LINK: "`cp -rL` copies what they lead to",
    BROKEN_LINK: "fetch what they lead to (`dvc pull`, `git annex get`)",
}


def _no_images(root: Path, skips: Sequence[Skip]) -> str:
    if not skips:
        return (
            f"{root} is empty. Put images below it, a sub-folder per label or with a labels table."
        )
    suffixes = Counter(PurePosixPath(it.id).suffix.lower() or "(no extension)" for it in skips)
    seen = shown([f"{suffix} × {count}" for suffix, count in suffixes.most_common()])
    reasons = Counter(it.reason for it in skips)
    why = "; ".join(f"{count:,} × {reason}" for reason, count in reasons.most_common())
    links = [remedy for reason, remedy in _UNLINKED.items() if reason in reasons]
    remedy = f"As for links, {' and '.join(dict.fromkeys(links))}. " if links else ""
    tables = sorted(it.id for it in skips if PurePosixPath(it.id).suffix.lower() in TABLE_SUFFIXES)
    if tables:
        remedy += f"A table is audited by itself: `cgaudit audit {root}/{tables[0]}`. "
    return (
        f"{root} holds no image that is used. Files seen there: {seen}. Why not: {why}. {remedy}"
        f"Images are known by their extension: {', '.join(sorted(IMAGE_SUFFIXES))}."
    )
