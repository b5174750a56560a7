"""Boxes as samples: each is a piece of its picture, and its class is the label."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from PIL import Image

from cgaudit.annotations import Box
from cgaudit.dataset.hashing import canonical_md5
from cgaudit.dataset.images import Decoding, picture_or_none, picture_size, read_picture
from cgaudit.dataset.labels import Paths
from cgaudit.dataset.samples import Sample, Skip, boxes_table, skipped_table
from cgaudit.dataset.source import Loader
from cgaudit.dataset.sources.boxes.crop import Bounds, crop, refuse_other_size
from cgaudit.dataset.sources.boxes.decoded import Recent, Shared
from cgaudit.dataset.sources.boxes.found import Annotations, find_annotations, twin_of
from cgaudit.dataset.sources.folder import ImageFolder
from cgaudit.dataset.sources.pictures import PictureSource
from cgaudit.dataset.sources.splits import is_split
from cgaudit.errors import SourceError, UnreadableSample
from cgaudit.params import SourceParams
from cgaudit.wording.numbers import plural
from cgaudit.wording.text import shown

#: Digits of shares: a hundredth of a pixel of a picture ten thousand wide.
_DIGITS = 6
#: A share of a picture beyond which bounds are none of a box in it.
_LARGEST = 1000.0
_SHARES = (1.0, 1.0)


class PlacedBox(NamedTuple):
    """One box that is a sample, or would be.

    Attributes
    ----------
    key
        Its path as a sample: that of the picture, ``#``, and its number there, from 1.
    picture
        The path of the picture; as written where there is none of that name.
    file, number
        Which file of annotations has it, and which of its boxes it is.
    box
        As it is written.
    bounds
        Where it lies; None where nothing says how large the picture is.
    odd
        Why it is no sample; None where it is.
    """

    key: str
    picture: str
    file: int
    number: int
    box: Box
    bounds: Bounds | None
    odd: str | None


class BoxSource(PictureSource):
    """The boxes of a folder of pictures.

    Parameters
    ----------
    pictures
        The folder.
    annotations
        Where the boxes are written.
    decoding
        How pictures are decoded.
    margin
        See `crop`.
    """

    def __init__(
        self, pictures: ImageFolder, annotations: Annotations, decoding: Decoding, margin: float
    ) -> None:
        self.root: Path = pictures.root
        self.annotations = annotations
        self._pictures = pictures
        self._decoding = decoding
        self._margin = margin
        self.boxes = list(_placed(pictures, annotations))
        self._by_key = {placed.key: placed for placed in self.boxes}
        self._recent = Recent(self._whole)
        self._sizes = {
            placed.picture: placed.box.size
            for placed in self.boxes
            if placed.box.size is not None and placed.box.size != _SHARES
        }
        if not self.boxes:
            raise SourceError(f"{annotations.files[0].path}: no box is there to audit.")
        self.notes = [*self._told(), *pictures.notes[1:]]

    def samples(
        self, known_hashes: Mapping[str, str] | None = None
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the boxes and what is skipped; reads every picture whose hash is not known.

        Parameters
        ----------
        known_hashes
            MD5s of pictures, by their paths.
        """
        pictures, unread = self._pictures.samples(known_hashes)
        md5s = dict(zip(pictures["path"], pictures["content_hash"], strict=True))
        own = {_below(file.path, self.root) for file in self.annotations.files}
        skips = [Skip(*row) for row in unread.to_numpy().tolist() if row[0] not in own]
        found: list[tuple[Sample, str, Bounds]] = []
        for placed in self.boxes:
            bounds, why = placed.bounds, placed.odd
            if why is None and placed.picture not in md5s:
                why = f"its picture {placed.picture!r} cannot be used"
            if why is None and bounds is None:
                bounds, why = self._measured(placed)
            if why is not None or bounds is None:
                skips.append(Skip(placed.box.id or placed.key, why or "nothing says where it lies"))
                continue
            digest = self._digest(md5s[placed.picture], bounds)
            split = _split(placed.picture)
            sample = Sample(placed.key, digest, placed.box.label, split, placed.box.id)
            found.append((sample, placed.picture, bounds))
        return boxes_table(found), skipped_table(skips)

    def loaders(self, paths: Sequence[str]) -> Iterator[Loader]:
        """Yield a loader of a crop for each path, those of one picture after each other."""
        by_picture: defaultdict[str, list[PlacedBox]] = defaultdict(list)
        for path in paths:
            by_picture[self._by_key[path].picture].append(self._by_key[path])
        for picture, boxes in by_picture.items():
            shared = Shared(partial(self._whole, picture), len(boxes))
            for placed in boxes:
                yield Loader(placed.key, partial(self._cut, placed, shared.take))

    def lacks(self, path: str) -> bool:
        """Tell whether no box that is used has that path."""
        placed = self._by_key.get(path)
        return placed is None or placed.odd is not None

    def pictures_of(self, paths: Sequence[str]) -> list[str]:
        """Return the pictures that some boxes lie in, each once, by their paths."""
        return list(dict.fromkeys(self._by_key[path].picture for path in paths))

    def bounds_of(self, placed: PlacedBox) -> Bounds | None:
        """Return where a box lies; reads its picture's size where nothing says it. None if odd."""
        if placed.odd is not None:
            return None
        return placed.bounds or self._measured(placed)[0]

    @property
    def unmeasured(self) -> set[str]:
        """The pictures whose boxes lie nobody knows where until they are opened."""
        return {it.picture for it in self.boxes if it.bounds is None and it.odd is None}

    def lacks_picture(self, name: str) -> bool:
        """Tell whether no picture of the source has that path."""
        return self._pictures.lacks(name)

    def whole(self, picture: str) -> Image.Image | None:
        """Return a whole picture of the source, None where it has none or it cannot be read."""
        if self._pictures.lacks(picture):
            return None
        return picture_or_none(partial(self._recent, picture))

    def _read(self, path: str) -> Image.Image:
        placed = self._by_key[path]
        return self._cut(placed, partial(self._recent, placed.picture))

    def _cut(self, placed: PlacedBox, picture: Callable[[], Image.Image]) -> Image.Image:
        whole = picture()
        bounds = placed.bounds or _shares(placed.box, whole.size)
        if bounds is None:
            raise UnreadableSample("nothing says where the box lies")
        return crop(whole, bounds, self._margin)

    def _whole(self, picture: str) -> Image.Image:
        """Return a picture as its boxes were drawn on it, upright or not."""
        file = self.root / picture
        whole = read_picture(file, *self._decoding)
        if refuse_other_size(whole.size, self._sizes.get(picture)):
            whole = read_picture(file, *self._decoding, upright=False)
        return whole

    def _measured(self, placed: PlacedBox) -> tuple[Bounds | None, str | None]:
        """Return where a box lies by the size of its picture, or why that cannot be told."""
        try:
            size = picture_size(self.root / placed.picture, self._decoding.max_pixels)
        except UnreadableSample as error:
            return None, f"{placed.picture}: {error}"
        bounds = _shares(placed.box, size)
        return bounds, _outside(bounds)

    def _digest(self, md5: str, bounds: Bounds) -> str:
        where = " ".join(f"{share:.{_DIGITS}f}" for share in bounds)
        return canonical_md5({"picture": md5, "box": where, "margin": f"{self._margin:g}"})

    def _told(self) -> Iterator[str]:
        with_boxes = {placed.picture for placed in self.boxes}
        pictures = list(self._pictures.paths)
        classes = {placed.box.label for placed in self.boxes} - {None}
        of = plural(len(classes), "class", "classes")
        yield (
            f"{plural(len(self.boxes), 'box', 'boxes')} of {of} on "
            f"{plural(len(pictures), 'picture')} in {self.root}"
        )
        yield from self.annotations.notes
        yield from dict.fromkeys(note for read in self.annotations.read for note in read.notes)
        if empty := len(set(pictures) - with_boxes):
            yield f"{plural(empty, 'picture')} hold no box, and have no part in the audit"
        if lost := sorted(with_boxes - set(pictures)):
            yield f"{plural(len(lost), 'picture')} of boxes not found: {shown(lost, 3)}"
        if odd := [placed.odd for placed in self.boxes if placed.odd is not None]:
            why, times = Counter(odd).most_common(1)[0]
            yield (
                f"{plural(len(odd), 'box', 'boxes')} cannot be used (see skipped.csv), most often: "
                f"{why} ({times:,})"
            )
        yield "what is audited is the class of each box, not where its edges are"


def open_boxes(root: Path, params: SourceParams, base: Path) -> BoxSource:
    """Open the boxes that the parameters name.

    Parameters
    ----------
    root
        The folder of pictures.
    params
        The ``source`` section.
    base
        The folder that relative paths start from.

    Raises
    ------
    SourceError
        There are no pictures or no boxes.
    LabelsError
        The annotations are not there, damaged, or in a format that is not known.
    """
    if not root.is_dir():
        raise SourceError(
            f"{params.path} is a file; boxes are read from a folder of pictures. Give the folder, "
            "and the annotations with --labels (source.labels)."
        )
    decoding = Decoding.of(params)
    pictures = ImageFolder(root, decoding=decoding, split_folders=False)
    labels = None if params.labels is None else base / params.labels
    annotations = find_annotations(root, labels, pictures.paths)
    return BoxSource(pictures, annotations, decoding, params.box_margin)


def _placed(pictures: ImageFolder, annotations: Annotations) -> Iterator[PlacedBox]:
    """Yield the boxes of all files, told to their pictures and numbered there."""
    find = _finder(pictures, annotations)
    count: Counter[str] = Counter()
    for number, (file, read) in enumerate(zip(annotations.files, annotations.read, strict=True)):
        for at, box in enumerate(read.boxes):
            found = find(box.picture, file.twin)
            picture = box.picture or file.twin if found is None else found
            count[picture] += 1
            bounds = None if box.odd or box.size is None else _shares(box, box.size)
            lost = f"its picture {picture!r} is not in the source" if found is None else None
            odd = box.odd or lost or _outside(bounds)
            key = f"{picture}#{count[picture]}"
            yield PlacedBox(key, picture, number, at, box, bounds, odd)


def _finder(pictures: ImageFolder, annotations: Annotations) -> Callable[[str, str], str | None]:
    """Return what tells the name of a picture, and that of the file of its boxes, to a picture."""
    paths = pictures.paths
    twins = defaultdict(list)
    for path in paths:
        twins[twin_of(path)].append(path)
    by_twin = {twin: of[0] for twin, of in twins.items() if len(of) == 1}
    if annotations.format.name == "YOLO":
        return lambda _name, twin: by_twin.get(twin)
    known = Paths(paths, annotations.files[0].path.resolve().parent, pictures.root.resolve())
    written = dict.fromkeys(box.picture for read in annotations.read for box in read.boxes)
    way, _ = known.best_way([name for name in written if name])
    if annotations.format.one_file:
        return lambda name, _twin: way(name) if name else None
    return lambda name, twin: (way(name) if name else None) or by_twin.get(twin)


def _shares(box: Box, size: tuple[float, float]) -> Bounds | None:
    """Return where a box lies in shares of its picture."""
    width, height = size if box.size is None else box.size
    sides = (width, height, width, height)
    return Bounds(*(round(at / side, _DIGITS) for at, side in zip(box.bounds, sides, strict=True)))


def _outside(bounds: Bounds | None) -> str | None:
    if bounds is None:
        return None
    if not all(abs(share) <= _LARGEST for share in bounds):
        return "it is far larger than its picture, or far away from it"
    if min(bounds.width, bounds.height) <= 0:
        return "a box without area"
    return None if bounds.is_inside else "it lies outside of its picture"


def _split(picture: str) -> str | None:
    """Return the split that a folder of the picture names, as ``images/train``."""
    return next((part for part in picture.split("/")[:-1] if is_split(part)), None)


def _below(path: Path, root: Path) -> str:
    """Return a path relative to a folder, as the source lists it; empty where it is elsewhere."""
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return ""
