"""WebDataset shards: tar archives of images and labels, read in place.

The layout is that of https://github.com/webdataset/webdataset: members whose names agree up to the
first point of the file name are the fields of one sample, ``a/0001.jpg`` and ``a/0001.cls``. Read
by position with the standard library: the webdataset package streams shards from front to back, and
its default decoders include pickle.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pandas as pd
from PIL import Image

from cgaudit.dataset.images import EMPTY, IMAGE_SUFFIXES, Decoding, read_picture
from cgaudit.dataset.parallel import in_threads
from cgaudit.dataset.samples import Sample, Skip, samples_table, skipped_table
from cgaudit.dataset.sources.pictures import PictureSource
from cgaudit.dataset.sources.shardfields import Chooser, Chosen, Fields, label_object, label_text
from cgaudit.dataset.sources.splits import is_split
from cgaudit.dataset.sources.tarindex import Member, Refused, members, read_member
from cgaudit.dataset.tables import as_text
from cgaudit.dataset.walk import Walk, Wanted, folders_of_data
from cgaudit.errors import SourceError, UnreadableSample
from cgaudit.params import SourceParams
from cgaudit.reading.files import bytes_md5
from cgaudit.wording.text import shown

SHARD_SUFFIX = ".tar"
_SHARDS = Wanted((SHARD_SUFFIX,), f"not a shard by its extension ({SHARD_SUFFIX})")
_LARGEST_LABEL = 1 << 20
#: A picture within `max_pixels` takes fewer bytes than this a pixel, however it is stored.
_BYTES_A_PIXEL = 16
_HEADER_BYTES = 1 << 20


class _Entry(NamedTuple):
    """A sample that has a picture."""

    id: str
    split: str | None
    shard: int
    picture: Member
    label: Member | None


def holds_shards(folder: Path) -> bool:
    """Tell whether there is a tar archive in a folder, and no image file."""
    found = False
    for _, names in folders_of_data(folder):
        suffixes = {Path(name).suffix.lower() for name in names}
        if suffixes & IMAGE_SUFFIXES:
            return False
        found = found or SHARD_SUFFIX in suffixes
    return found


class TarShards(PictureSource):
    """The images of one tar archive, or of all below a folder, in the order of their names.

    A sample's id is its key, the members' common name; where the folder or the first word of a
    shard's name is a split (``train-0001.tar``), it stands before the key, and where keys begin
    anew in each shard, the shard's name does. Its path is the place
    of the picture, ``train-0001.tar/a/0001.jpg``. The headers are read when the source is opened,
    the contents when they are needed. What cannot be used is listed as skipped: members that are
    links or whose names climb out, keys that come up again, samples without a picture, and the
    rest of a damaged shard.

    Parameters
    ----------
    root
        A folder, or one archive.
    params
        ``image_column`` may name the picture's field, ``label_column`` the label's, or a key in the
        field ``json``.
    ignored
        Files that belong to the audit itself, such as the labels table.

    Raises
    ------
    SourceError
        There is no sample with a picture.
    ColumnError
        A named field is missing, or none looks like a label and no table holds them.
    """

    def __init__(self, root: Path, params: SourceParams, ignored: Iterable[Path] = ()) -> None:
        self.root = root
        self.notes: list[str] = []
        self._decoding = Decoding.of(params)
        self._skips: list[Skip] = []
        self._shards: list[str] = list(self._found(ignored))
        self._fields = Chosen((), None, None)
        self._entries: dict[str, _Entry] = {}
        self._last_dot: bool | None = None
        grouped = [self._grouped(shard) for shard in range(len(self._shards))]
        for shard, keys in enumerate(grouped):
            if not self._fields.images:
                chooser = Chooser(root, keys, params, partial(self._label_bytes, shard))
                self._fields = chooser.fields()
                self.notes += chooser.notes
        self._restarts = self._keys_restart(grouped)
        place_of: dict[str, str] = {}
        for shard, keys in enumerate(grouped):
            self._add(shard, keys, place_of)
        if not self._entries:
            raise SourceError(self._nothing())
        self._describe()

    def samples(
        self, known_hashes: Mapping[str, str] | None = None
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the samples and the skipped; reads labels, and pictures whose hash is unknown."""
        known = known_hashes or {}
        found = list(in_threads(partial(self._sample, known=known), self._entries))
        skips = [*self._skips, *(one for one in found if isinstance(one, Skip))]
        return samples_table(one for one in found if isinstance(one, Sample)), skipped_table(skips)

    def lacks(self, path: str) -> bool:
        """Tell whether no member that is used has that path."""
        return path not in self._entries

    def _content(self, shard: int, member: Member) -> bytes:
        try:
            return read_member(self._file(shard), member.offset, member.size)
        except OSError as error:
            raise UnreadableSample(f"cannot be read ({error.strerror})") from None

    def _as_stored(self, paths: Sequence[str]) -> Sequence[str]:
        return sorted(paths, key=self._place)

    def _found(self, ignored: Iterable[Path]) -> Iterator[str]:
        """Yield the shards by their path below the root; ``""`` is the root itself."""
        if self.root.is_file():
            yield ""
            return
        walk = Walk(self.root, _SHARDS, ignored)
        for path, reason in walk:
            if reason is None:
                yield path
            else:
                self._skips.append(Skip(path, reason))
        self.notes += walk.notes

    def _file(self, shard: int) -> Path:
        return self.root / self._shards[shard]

    def _path(self, shard: int, name: str) -> str:
        return f"{self._shards[shard]}/{name.lstrip('/')}".lstrip("/")

    def _place(self, path: str) -> tuple[int, int]:
        entry = self._entries[path]
        return entry.shard, entry.picture.offset

    def _grouped(self, shard: int) -> dict[str, Fields]:
        """Return the fields of each key of a shard."""
        keys: dict[str, Fields] = {}
        found: list[Member] = []
        for member in members(self._file(shard)):
            if isinstance(member, Refused):
                path = self._path(shard, member.name) or self.root.name
                self._skips.append(Skip(path.rstrip("/"), member.reason))
            else:
                found.append(member)
        if self._last_dot is None and found:
            self._last_dot = _keys_have_dots(member.name for member in found)
        for member in found:
            path = self._path(shard, member.name)
            key, field = _split_name(member.name, last=bool(self._last_dot))
            if not field:
                self._skips.append(Skip(path, "no field of a sample: it has no extension"))
            elif field in keys.setdefault(key, {}):
                self._skips.append(Skip(path, "the shard holds this name twice; the first is used"))
            else:
                keys[key][field] = member
        return keys

    def _add(self, shard: int, grouped: Mapping[str, Fields], place_of: dict[str, str]) -> None:
        where = self._shards[shard] or self.root.name
        split = _split_of(where)
        for key, fields in grouped.items():
            within = PurePosixPath(where).with_suffix("") if self._restarts else split
            identity = f"{within}/{key}" if within else key
            picture = next((fields[f] for f in self._fields.images if f in fields), None)
            if picture is None:
                reason = f"no picture in {where}, only the fields {shown(sorted(fields))}"
                self._skips.append(Skip(identity, reason))
            elif identity in place_of:
                reason = f"its key is in {where}, and was in {place_of[identity]} already"
                self._skips.append(Skip(identity, reason))
            else:
                place_of[identity] = where
                label = fields.get(self._fields.label or "")
                entry = _Entry(identity, split, shard, picture, label)
                self._entries[self._path(shard, picture.name)] = entry

    def _keys_restart(self, grouped: Sequence[Mapping[str, Fields]]) -> bool:
        """Tell whether most keys of the shards after the first of their split came up before."""
        seen: dict[str | None, set[str]] = {}
        later = again = 0
        for shard, keys in enumerate(grouped):
            known = seen.setdefault(_split_of(self._shards[shard]), set())
            later += len(keys) if known else 0
            again += len(keys.keys() & known)
            known.update(keys)
        return 2 * again > later

    def _sample(self, path: str, known: Mapping[str, str]) -> Sample | Skip:
        entry = self._entries[path]
        try:
            label = self._label(entry)
            digest = known.get(path) or bytes_md5(self._picture_bytes(entry))
        except UnreadableSample as error:
            return Skip(entry.id, str(error))
        return Sample(path, digest, label, entry.split, entry.id)

    def _label(self, entry: _Entry) -> str | None:
        if entry.label is None:
            return None
        data = self._label_bytes(entry.shard, entry.label)
        if self._fields.key is None:
            return label_text(data).strip() or None
        return as_text(label_object(data).get(self._fields.key), self.root)

    def _label_bytes(self, shard: int, member: Member) -> bytes:
        if member.size > _LARGEST_LABEL:
            raise UnreadableSample(f"its label takes {member.size:,} bytes")
        return self._content(shard, member)

    def _picture_bytes(self, entry: _Entry) -> bytes:
        size, limit = entry.picture.size, _BYTES_A_PIXEL * self._decoding.max_pixels + _HEADER_BYTES
        if size == 0:
            raise UnreadableSample(EMPTY)
        if size > limit:
            raise UnreadableSample(f"{size:,} bytes, more than a picture of max_pixels can take")
        return self._content(entry.shard, entry.picture)

    def _read(self, path: str) -> Image.Image:
        return read_picture(self._picture_bytes(self._entries[path]), *self._decoding)

    def _describe(self) -> None:
        fields = self._fields
        label = f", key {fields.key!r}" if fields.key else ""
        said = [
            f"{len(self._entries):,} images in {len(self._shards):,} WebDataset shards "
            f"({self.root}), field {shown(fields.images)}"
        ]
        if fields.label:
            said.append(f"labels: field {fields.label!r}{label}")
        if self._last_dot:
            said.append("the names have dots: a key is what comes before the last of them")
        splits = sorted({entry.split for entry in self._entries.values() if entry.split})
        if self._restarts:
            said.append("keys begin anew in each shard: ids are shard/key")
        elif splits:
            said.append(f"splits by the shards' names: {', '.join(splits)}; ids are split/key")
        self.notes = [*said, *self.notes]

    def _nothing(self) -> str:
        reasons = Counter(skip.reason for skip in self._skips)
        most = f" The most common reason: {reasons.most_common(1)[0][0]}." if reasons else ""
        return (
            f"{self.root} holds no sample with a picture.{most} WebDataset shards are tar archives "
            "of members such as 0001.jpg and 0001.cls; image_column names the picture's field."
        )


def _split_name(name: str, *, last: bool) -> tuple[str, str]:
    """Return the key of a member, and its field: what comes after the first point, or the last."""
    folder, slash, file = name.rpartition("/")
    stem, dot, field = file.rpartition(".") if last else file.partition(".")
    return folder + slash + stem if dot else name, field.lower() if dot else ""


def _keys_have_dots(names: Iterable[str]) -> bool:
    """Tell whether names are to be split at their last point instead of the first.

    A field comes up with many keys. Where most fields by the first point come up with one key alone
    and none by the last does, the keys themselves have points in them.
    """
    names = list(names)
    first, last = (
        Counter(field for _, field in {_split_name(name, last=it) for name in names})
        for it in (False, True)
    )
    lonely = sum(count == 1 for count in first.values())
    return 2 * lonely > len(first) and 1 not in last.values() and len(names) > len(last) * 2


def _split_of(shard: str) -> str | None:
    """Return the split that a shard's folders, or the first word of its name, stand for."""
    path = PurePosixPath(shard)
    words = [*path.parts[:-1], re.split(r"[\W\d_]", path.name, maxsplit=1)[0]]
    return next((word for word in words if is_split(word)), None)
