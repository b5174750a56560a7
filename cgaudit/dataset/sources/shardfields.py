"""The fields of a WebDataset sample: which is the picture, which the label, and what it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from cgaudit.dataset.images import IMAGE_SUFFIXES
from cgaudit.dataset.sources.prose import LOOKED_AT, is_prose
from cgaudit.dataset.sources.tarindex import Member
from cgaudit.dataset.tables import choose_column, json_as_written
from cgaudit.errors import ColumnError, UnreadableSample
from cgaudit.params import SourceParams

_LABEL_FIELDS = ("cls", "json", "txt")

#: The members of one sample, by the part of their names after the first point, in lower case.
Fields = dict[str, Member]


class Chosen(NamedTuple):
    """Which fields are read.

    Attributes
    ----------
    images
        The first of them that a sample has is its picture.
    label
        Holds the label; None where no field does.
    key
        Of the label in a JSON field.
    """

    images: tuple[str, ...]
    label: str | None
    key: str | None


class Chooser:
    """Decides which fields are read, by the first samples of the first shard.

    Parameters
    ----------
    root
        The source, for messages.
    grouped
        The fields of each key of the shard.
    params
        May name the fields.
    read
        Returns the bytes of a member; raises UnreadableSample.

    Attributes
    ----------
    notes
        What was guessed.
    """

    def __init__(
        self,
        root: Path,
        grouped: Mapping[str, Fields],
        params: SourceParams,
        read: Callable[[Member], bytes],
    ) -> None:
        self.notes: list[str] = []
        self._root = root
        self._params = params
        self._read = read
        self._head = list(islice(grouped.values(), LOOKED_AT))
        count = Counter(field for fields in self._head for field in fields)
        self._names = [field for field, _ in sorted(count.items(), key=lambda it: (-it[1], it[0]))]

    def fields(self) -> Chosen:
        """Return the fields; no images where no field is a picture."""
        images = self._images()
        if not images:
            return Chosen((), None, None)
        label = self._label(self._params.label_column)
        if label is None and self._params.labels is None:
            raise ColumnError(self._root, "label", None, [*self._names, *self._keys()])
        field, key = label or (None, None)
        return Chosen(images, field, key)

    def _images(self) -> tuple[str, ...]:
        wanted = self._params.image_column
        if wanted is not None and self._params.labels is None:
            if wanted not in self._names:
                raise ColumnError(self._root, "image", wanted, self._names)
            return (wanted,)
        found = [name for name in self._names if f".{name}" in IMAGE_SUFFIXES]
        last = [name for name in self._names if f".{name.rpartition('.')[2]}" in IMAGE_SUFFIXES]
        return tuple(dict.fromkeys([*found, *last]))

    def _label(self, wanted: str | None) -> tuple[str, str | None] | None:
        """Return the field of the label, and the key where it is JSON."""
        if wanted is not None and self._params.labels is None:
            if wanted in self._names and wanted != "json":
                return wanted, None
            if wanted in self._keys():
                return "json", wanted
            raise ColumnError(self._root, "label", wanted, [*self._names, *self._keys()])
        for field in (name for name in _LABEL_FIELDS if name in self._names):
            if field == "json":
                key = choose_column(self._root, "label", None, self._keys(), self.notes)
                if key is not None:
                    return field, key
            elif field == "cls" or not is_prose(self._texts(field)):
                return field, None
        return None

    def _keys(self) -> list[str]:
        """Return the keys of the first JSON field, but those that hold lists and the like."""
        for data in self._contents("json"):
            return [key for key, value in label_object(data).items() if _is_plain(value)]
        return []

    def _texts(self, field: str) -> list[str]:
        return [label_text(data).strip() for data in self._contents(field)]

    def _contents(self, field: str) -> Iterator[bytes]:
        """Yield the first contents of a field that can be read."""
        for fields in self._head:
            if field in fields:
                try:
                    data = self._read(fields[field])
                    (label_object if field == "json" else label_text)(data)
                except UnreadableSample:
                    continue
                yield data


def label_text(data: bytes) -> str:
    """Return the text of a label; raises UnreadableSample."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableSample("its label is not UTF-8") from None


def label_object(data: bytes) -> dict[str, Any]:
    """Return the JSON object that a label is in; raises UnreadableSample."""
    try:
        content = json_as_written(label_text(data))
    except (ValueError, RecursionError):
        raise UnreadableSample("its label is no JSON") from None
    if not isinstance(content, dict):
        raise UnreadableSample("its label is no JSON object")
    return content


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | bool)
