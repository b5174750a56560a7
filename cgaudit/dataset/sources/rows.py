"""Data whose samples are the rows of one table: texts, pictures, columns or vectors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
import pandas as pd
from PIL import Image

from cgaudit.dataset.hashing import canonical_md5, row_md5s
from cgaudit.dataset.images import Decoding, picture_or_none, read_picture
from cgaudit.dataset.samples import Sample, Skip, samples_table, skipped_table
from cgaudit.dataset.source import Loader, SourceKind, is_no_row
from cgaudit.dataset.tables import (
    Cells,
    Column,
    Table,
    Value,
    as_text,
    canonical_number,
    image_bytes,
    ragged,
    read_columns,
    refuse_nonfinite,
    rounded,
)
from cgaudit.errors import FeatureError, UnreadableSample
from cgaudit.reading.files import bytes_md5
from cgaudit.wording.labelsets import SetNotation
from cgaudit.wording.text import shown

_EXCERPT_COLUMNS = 12


class Roles(NamedTuple):
    """The columns that say what a row is, and are no part of its content; None where there is none.

    Attributes
    ----------
    id, label, split
        Names of columns.
    """

    id: str | None = None
    label: str | None = None
    split: str | None = None


class RowSource(ABC):
    """The rows of a table; a sample's path is its row number, counted from 0.

    Parameters
    ----------
    table
        The file, opened.
    columns
        Those that hold the content.
    roles
        Those that hold id, label and split.
    """

    kind: ClassVar[SourceKind]

    def __init__(self, table: Table, columns: Sequence[str], roles: Roles) -> None:
        self._table = table
        self._columns = columns
        self._roles = roles
        #: How several labels are written; None where a sample has one.
        self.sets: SetNotation | None = None
        self.root: Path = table.file
        self.notes: list[str] = []

    def samples(
        self, known_hashes: Mapping[str, str] | None = None
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return one sample per row that has content; reads the whole table."""
        ids, splits = self._cells(self._roles.id), self._cells(self._roles.split)
        labels = self._labels()
        found: list[Sample] = []
        skips: list[Skip] = []
        for row, (digest, reason) in enumerate(self._digests()):
            if digest is None:
                skips.append(Skip(ids[row] or str(row), reason))
            else:
                found.append(Sample(str(row), digest, labels[row], splits[row], ids[row]))
        return samples_table(found), skipped_table(skips)

    def loaders(self, paths: Sequence[str]) -> Iterator[Loader]:
        """Yield a loader for each row number, in the file's order."""
        wanted = set(map(int, paths))
        if not wanted:
            return
        first, last = min(wanted), max(wanted)
        for row, values in enumerate(self._table.rows(self._columns, first), start=first):
            if row in wanted:
                yield Loader(str(row), partial(self._payload, values), self._size(values))
            if row == last:
                return

    def picture(self, path: str) -> Image.Image | None:
        """Return None: a row has no picture, unless it is one."""
        return None

    def excerpt(self, path: str) -> str | None:
        """Return None: a row cannot be read, unless it is text or named columns."""
        return None

    def _digests(self) -> Iterator[tuple[str | None, str]]:
        """Yield each row's content hash, or None and why it has none."""
        for values in self._table.rows(self._columns):
            try:
                yield self._digest(values), ""
            except UnreadableSample as error:
                yield None, str(error)

    @abstractmethod
    def _digest(self, values: tuple[Value, ...]) -> str:
        """Return the content hash of a row, or raise UnreadableSample."""

    @abstractmethod
    def _payload(self, values: tuple[Value, ...]) -> Any:  # noqa: ANN401 - one type per source
        """Return what a featurizer gets of a row, or raise UnreadableSample."""

    def _size(self, values: tuple[Value, ...]) -> int:
        """Return the bytes that a row holds on to until it is loaded."""
        return 0

    def _values(self, path: str) -> tuple[Value, ...]:
        return next(self._table.rows(self._columns, int(path)))

    @property
    def n_rows(self) -> int:
        """The rows of the table, samples or not."""
        return len(self._table)

    def lacks(self, path: str) -> bool:
        """Tell whether the table has no row of that number, or it is none."""
        return is_no_row(path, self.n_rows)

    def _labels(self) -> Cells:
        column = self._roles.label
        if column is None:
            return [None] * len(self._table)
        notes: list[str] = []
        if self.sets is None:
            labels = self._table.labels(column, notes)
        else:
            labels = self._table.label_sets(column, self.sets, notes)
        self.notes += [note for note in notes if note not in self.notes]
        return labels

    def _cells(self, column: str | None) -> Cells:
        if column is None:
            return [None] * len(self._table)
        (cells,) = self._table.texts(column)
        return cells


class TextRows(RowSource):
    """A column of texts."""

    kind: ClassVar[SourceKind] = "text"

    def __init__(self, table: Table, column: str, roles: Roles) -> None:
        super().__init__(table, [column], roles)
        self.notes = [f"{len(table):,} texts in {table.file}, column {column!r}"]

    def excerpt(self, path: str) -> str | None:
        """Return the text."""
        return as_text(self._values(path)[0], self.root)

    def _digest(self, values: tuple[Value, ...]) -> str:
        return canonical_md5({self._columns[0]: self._payload(values)})

    def _payload(self, values: tuple[Value, ...]) -> str:
        text = as_text(values[0], self.root)
        if text is None or not text.strip():
            raise UnreadableSample("the text is empty")
        return text


class ColumnRows(RowSource):
    """Columns of numbers and categories, each cell as the text that it is.

    Numbers have one spelling, the shortest: a table that was read and written again by a program
    with other habits (``1`` and ``1.0``) has the content that it had.

    Attributes
    ----------
    left_out
        Columns that are no features, and why.
    """

    kind: ClassVar[SourceKind] = "table"

    def __init__(
        self,
        table: Table,
        columns: Sequence[str],
        roles: Roles,
        left_out: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(table, columns, roles)
        self.left_out = left_out or {}
        self.notes = [
            f"{len(table):,} rows of {len(columns):,} feature columns in {table.file}: "
            f"{shown(columns)}",
            *(f"column {name!r} left out: {why}" for name, why in self.left_out.items()),
        ]

    def excerpt(self, path: str) -> str | None:
        """Return the first columns, named."""
        cells = self._payload(self._values(path)).items()
        listed = [f"{name}: {rounded(cell)}" for name, cell in cells if cell is not None]
        more = f" · and {len(listed) - _EXCERPT_COLUMNS} more"
        return " · ".join(listed[:_EXCERPT_COLUMNS]) + more * (len(listed) > _EXCERPT_COLUMNS)

    @property
    def names(self) -> Sequence[str]:
        """The columns that are features."""
        return self._columns

    def columns(self) -> Iterator[Column]:
        """Yield the columns one by one, whole, their rows in the table's order."""
        return read_columns(self._table, self._columns)

    def cells(self, path: str) -> Mapping[str, str | None]:
        """Return a row's cells by their columns' names."""
        return self._payload(self._values(path))

    def _digest(self, values: tuple[Value, ...]) -> str:
        return canonical_md5(self._payload(values))

    def _payload(self, values: tuple[Value, ...]) -> dict[str, str | None]:
        cells = [_cell(value, self.root) for value in values]
        if all(cell is None for cell in cells):
            raise UnreadableSample("every feature column is empty")
        return dict(zip(self._columns, cells, strict=True))


class PictureRows(RowSource):
    """A column of image files' bytes, or of Hugging Face's ``{bytes, path}``."""

    kind: ClassVar[SourceKind] = "images"

    def __init__(self, table: Table, column: str, roles: Roles, decoding: Decoding) -> None:
        super().__init__(table, [column], roles)
        self._decoding = decoding
        self.notes = [f"{len(table):,} images in {table.file}, column {column!r}"]

    def picture(self, path: str) -> Image.Image | None:
        """Return the picture, or None where it cannot be read."""
        return picture_or_none(lambda: self._payload(self._values(path)))

    def _digest(self, values: tuple[Value, ...]) -> str:
        return bytes_md5(_bytes_of(values[0]))

    def _payload(self, values: tuple[Value, ...]) -> Image.Image:
        return read_picture(_bytes_of(values[0]), *self._decoding)

    def _size(self, values: tuple[Value, ...]) -> int:
        return len(image_bytes(values[0]) or b"")


class VectorRows(RowSource):
    """A column of lists of numbers, all of one length.

    Raises
    ------
    FeatureError
        Rows are empty, differ in length, or hold NaN or infinite values.
    """

    kind: ClassVar[SourceKind] = "features"

    def __init__(self, table: Table, column: str, roles: Roles) -> None:
        super().__init__(table, [column], roles)
        where = f"{table.file}, column {column!r}"
        width = 0
        for start, rows in table.vectors(column):
            refuse_nonfinite(rows, start, where)
            if start and rows.shape[1] != width:
                raise ragged(where, start, rows.shape[1], width)
            width = rows.shape[1]
        if not width:
            raise FeatureError(f"{table.file} has no rows.")
        self.notes = [f"{len(table):,} rows of {width:,} features in {where}"]

    def loaders(self, paths: Sequence[str]) -> Iterator[Loader]:
        """Yield a loader of a (d,) array for each row number, in the file's order."""
        wanted = set(map(int, paths))
        for start, rows in self._table.vectors(self._columns[0]):
            for row in range(start, start + len(rows)):
                if row in wanted:
                    yield Loader(str(row), partial(rows.__getitem__, row - start))

    def _digests(self) -> Iterator[tuple[str | None, str]]:
        for _, rows in self._table.vectors(self._columns[0]):
            for digest in row_md5s(rows):
                yield digest, ""

    def _digest(self, values: tuple[Value, ...]) -> str:
        raise NotImplementedError

    def _payload(self, values: tuple[Value, ...]) -> np.ndarray:
        raise NotImplementedError


def _cell(value: Value, where: object) -> str | None:
    """Return a cell of a column of numbers or categories; None where it is blank."""
    text = as_text(value, where)
    return canonical_number(text) if text is not None and text.strip() else None


def _bytes_of(value: Value) -> bytes:
    data = image_bytes(value)
    if data is not None:
        return data
    path = value.get("path") if isinstance(value, dict) else None
    if path:
        raise UnreadableSample(f"no image bytes in this row, only the path {path!r}")
    raise UnreadableSample("no image in this row")
