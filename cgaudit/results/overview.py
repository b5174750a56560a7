"""A scores table as a page looks at it: what is counted is held, the rest is read of few rows.

What a page counts (labels, scores, flags, sets) takes some 80 bytes a sample; the most probable
labels, places and contents, which it says of a few hundred samples, would take twice that again.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cgaudit.errors import StaleError
from cgaudit.numerics.contents import drawn
from cgaudit.reading.files import artefact
from cgaudit.results.columns import OF_ONE, types
from cgaudit.results.table import OpenedScores, Provenance, Scores, open_scores

#: Texts that are Python's own at a time.
_SLICE = 1 << 17

_ID, _CONTENT = "id", "content_hash"
#: Of a content hash, in bytes.
_WIDTH = 32


class _Rest(Protocol):
    """Where the columns are that are not held; rows are numbered in the order of their ids."""

    def columns(self, names: Sequence[str]) -> pd.DataFrame:
        """Return some columns of all rows."""

    def rows(self, at: npt.NDArray[np.int64]) -> pd.DataFrame:
        """Return all columns of some rows."""

    def contents(self) -> Iterator[tuple[slice | npt.NDArray[np.int64], list[str]]]:
        """Yield some rows, and the hashes of their contents, empty for none."""


class Overview:
    """A scores table of which pages count a part, and read the rest of the rows that they show.

    Attributes
    ----------
    table
        What is counted, of n samples sorted by id and numbered from 0: at least all known columns
        but those of `cgaudit.results.columns.OF_ONE`. Lists may be as Arrow holds them: each cell
        is then a list of Python's own values, made when it is asked for.
    provenance
        How the scores were computed.
    """

    def __init__(self, table: pd.DataFrame, provenance: Provenance, rest: _Rest) -> None:
        self.table = table
        self.provenance = provenance
        self._rest = rest

    @classmethod
    def of(cls, scores: Scores) -> Overview:
        """Return that of a table that is in memory."""
        order = _order(pa.chunked_array([pa.array(scores.table[_ID], pa.large_string())]))
        table = scores.table if order is None else scores.table.iloc[order]
        table = table.reset_index(drop=True)
        return cls(table, scores.provenance, _InMemory(table))

    def columns(self, *names: str) -> pd.DataFrame:
        """Return some columns of all samples, read where they are not held."""
        if set(names) <= set(self.table.columns):
            return self.table[list(names)]
        return self._rest.columns(names)

    def rows(self, at: Sequence[int] | npt.NDArray[np.int64]) -> pd.DataFrame:
        """Return all columns of some samples, those that nobody knows here too.

        Parameters
        ----------
        at
            Their numbers, which are the index of what is returned, in this order.
        """
        return self._rest.rows(np.asarray(at, dtype=np.int64))

    def find(self, sample: str) -> int:
        """Return the number of a sample, by its id; raises KeyError where there is none."""
        ids = self.table[_ID].array
        at = bisect_left(range(len(ids)), sample, key=ids.__getitem__)
        if at == len(ids) or ids[at] != sample:
            raise KeyError(sample)
        return at

    @property
    def has_places(self) -> bool:
        """Whether the table says where samples lie."""
        return "path" in self.rows([])

    @cached_property
    def places(self) -> pd.Series[str]:
        """Where each sample lies in the source, as the source names it: (n,)."""
        return self.columns("path")["path"]

    def contents(self) -> npt.NDArray[np.bytes_]:
        """Return the hash of each sample's content, (n,) of 32 bytes; empty where it has none.

        What is longer, and so no MD5, stands for itself by a hash of its own.
        """
        found = np.empty(len(self.table), dtype=f"S{_WIDTH}")
        for here, texts in self._rest.contents():
            found[here] = list(map(_in_32_bytes, texts))
        return found

    def drawn(self, contents: npt.NDArray[np.bytes_], seed: int) -> npt.NDArray[np.float64]:
        """Return a number of [0, 1) for each sample, drawn by its content: (n,).

        Parameters
        ----------
        contents
            From `contents`; where there is none, the number is drawn by the id.
        seed
            Of the draw.
        """
        found = np.empty(len(self.table))
        for here, ids in _texts(self.table[_ID]):
            known = np.char.decode(contents[here], "utf-8", "replace").tolist()
            found[here] = drawn([it or one for it, one in zip(known, ids, strict=True)], seed)
        return found


def open_overview(path: Path, where: str | None = None) -> Overview:
    """Return the overview of scores that lie at a path; all of them are read once, and checked.

    Parameters
    ----------
    path, where
        As for `cgaudit.results.table.open_scores`.

    Raises
    ------
    StaleError
        As `cgaudit.results.table.read_scores`.
    """
    opened = open_scores(path, where)
    there = opened.stored.schema.names
    held = [name for name in types() if name in there and name not in OF_ONE]
    columns = _gathered(opened.checked(known=False), held)
    order = _order(columns[_ID])
    table = _frame(columns, order)
    return Overview(table, opened.provenance, _Stored(opened, order, table[_ID]))


class _InMemory:
    """The columns of a table that is in memory."""

    def __init__(self, table: pd.DataFrame) -> None:
        self._table = table

    def columns(self, names: Sequence[str]) -> pd.DataFrame:
        return self._table[list(names)]

    def rows(self, at: npt.NDArray[np.int64]) -> pd.DataFrame:
        return self._table.iloc[at]

    def contents(self) -> Iterator[tuple[slice, list[str]]]:
        return _texts(self._table[_CONTENT])


class _Stored:
    """The columns of a table on the disk; rows that were read once are remembered.

    Parameters
    ----------
    opened
        The table.
    order
        Which of its rows each is, in the order of ids; None where they lie in it.
    ids
        In that order.
    """

    def __init__(
        self, opened: OpenedScores, order: npt.NDArray[np.int64] | None, ids: pd.Series[str]
    ) -> None:
        self._opened = opened
        self._order = order
        self._ids = ids
        self._known = self._read(np.empty(0, dtype=np.int64))

    def columns(self, names: Sequence[str]) -> pd.DataFrame:
        return _frame(_gathered(self._pieces(names), names), self._order)

    def contents(self) -> Iterator[tuple[npt.NDArray[np.int64], list[str]]]:
        number, before = np.arange(self._opened.stored.n), 0
        if self._order is not None:
            number[self._order] = np.arange(len(number))
        for piece in self._pieces([_CONTENT]):
            yield number[before : before + len(piece)], piece[_CONTENT].fill_null("").to_pylist()
            before += len(piece)

    def rows(self, at: npt.NDArray[np.int64]) -> pd.DataFrame:
        missing = np.setdiff1d(at, self._known.index.to_numpy())
        if len(missing):
            self._known = pd.concat([self._known, self._read(missing)])
        return self._known.loc[at]

    def _read(self, at: npt.NDArray[np.int64]) -> pd.DataFrame:
        """Return some rows, each once, in one pass over the files."""
        stored_at = at if self._order is None else self._order[at]
        sequence = np.argsort(stored_at, kind="stable")
        wanted, found, before = stored_at[sequence], [self._opened.stored.schema.empty_table()], 0
        for piece in self._pieces() if len(at) else ():
            here = slice(*np.searchsorted(wanted, [before, before + len(piece)]))
            found.append(piece.take(wanted[here] - before))
            before += len(piece)
        # Of no rows, what the file says they would be.
        table = pa.concat_tables(found[1:] or found)
        if table[_ID].to_pylist() != self._ids.iloc[at[sequence]].tolist():
            raise self._changed()
        rows: pd.DataFrame = table.to_pandas()
        return rows.set_axis(at[sequence], axis="index")

    def _pieces(self, names: Collection[str] | None = None) -> Iterator[pa.Table]:
        """Yield some columns or all in pieces, and see that they are those that there were."""
        stored, n = self._opened.stored, 0
        wanted = set(stored.schema.names if names is None else names)
        with artefact(self._opened.where, "a scores table", "cgaudit score", StaleError):
            # A part is known by its contents.
            for piece in stored.pieces(None if names is None else {*names, _CONTENT}):
                if not wanted <= set(piece.column_names):
                    raise self._changed()
                n += len(piece)
                yield piece
        if n != stored.n:
            raise self._changed()

    def _changed(self) -> StaleError:
        where = self._opened.where
        return StaleError(f"{where} was written anew while it was read. Run the command again.")


def _gathered(pieces: Iterable[pa.Table], names: Sequence[str]) -> dict[str, pa.ChunkedArray]:
    """Return some columns of a table in pieces."""
    chunks: dict[str, list[pa.ChunkedArray]] = {name: [] for name in names}
    for piece in pieces:
        for name in names:
            chunks[name].append(piece[name])
    return {
        name: pa.chunked_array([chunk for it in column for chunk in it.chunks], column[0].type)
        for name, column in chunks.items()
    }


def _order(ids: pa.ChunkedArray) -> npt.NDArray[np.int64] | None:
    """Return which row each is in the order of ids, None where they are in it already."""
    texts = _long(ids).combine_chunks()
    if len(texts) < 2 or pc.all(pc.less(texts[:-1], texts[1:])).as_py():
        return None
    order: npt.NDArray[np.int64] = pc.sort_indices(texts).to_numpy().astype(np.int64)
    return order


def _frame(
    columns: dict[str, pa.ChunkedArray], order: npt.NDArray[np.int64] | None
) -> pd.DataFrame:
    """Return columns as a frame, one after the other; they are taken out of the mapping."""
    made = {}
    for name in list(columns):
        column = _long(columns.pop(name)).combine_chunks()
        if order is not None:
            column = column.take(pa.array(order))
        made[name] = pa.table({name: column}).to_pandas(types_mapper=_lists_of_arrow)[name]
    # Arrow keeps what it had for the pieces, a third of what it took.
    pa.default_memory_pool().release_unused()
    return pd.DataFrame(made, copy=False)


def _in_32_bytes(text: str) -> bytes:
    octets = text.encode("utf-8", "replace")
    return octets if len(octets) <= _WIDTH else blake2b(octets, digest_size=16).hexdigest().encode()


def _long(column: pa.ChunkedArray) -> pa.ChunkedArray:
    # The texts of a column may be more than 2 GiB, to which pa.string() counts.
    return column.cast(pa.large_string()) if pa.types.is_string(column.type) else column


def _lists_of_arrow(kind: pa.DataType) -> pd.ArrowDtype | None:
    return pd.ArrowDtype(kind) if pa.types.is_list(kind) else None


def _texts(column: pd.Series) -> Iterator[tuple[slice, list[str]]]:
    """Yield where a slice of a column of texts lies, and its texts, empty for none."""
    for start in range(0, len(column), _SLICE):
        here = slice(start, min(start + _SLICE, len(column)))
        yield here, column.iloc[here].fillna("").tolist()
