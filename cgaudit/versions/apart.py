"""Two versions too large to hold: what they have alike is counted, the rest is compared as ever.

Both tables are parted by the hash of the content (`cgaudit.results.parts`) and joined a part at a
time. Samples of one id, content and label, of which neither version says anything, are in no list
of a comparison: they are summed up. The first step of `cgaudit.versions.match` would have paired
them, since the same id and content come once in a version; so what is left is matched as it would
have been among all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cgaudit.errors import StaleError
from cgaudit.reading.files import artefact
from cgaudit.results.columns import BOXES, NUMBERS
from cgaudit.results.parts import parts_for, parts_of
from cgaudit.results.stored import Unique
from cgaudit.results.table import OpenedScores, Scores
from cgaudit.versions.counted import (
    LARGEST_RIPPLES,
    OF_FIGURES,
    Apart,
    Counted,
    Rippled,
    Sums,
)

#: Files that are written at a time where a table is parted for the comparison alone.
_MOST_OPEN = 256
_Mask = npt.NDArray[np.bool_]


class Reduced(NamedTuple):
    """Two versions without what they have alike, which was counted."""

    a: Scores
    b: Scores
    apart: Apart


def set_apart(
    a: OpenedScores, b: OpenedScores, *, kept: Collection[str], tolerance: float, scratch: Path
) -> Reduced:
    """Read two versions a part at a time, and hold only what differs or is an issue.

    Parameters
    ----------
    a, b
        The earlier and the later version.
    kept
        Contents that the review memory of either speaks of: they are held.
    tolerance
        By how much a score must move to count as ripple.
    scratch
        An empty folder, for parts of a table that is one file.

    Raises
    ------
    StaleError
        A table is damaged.
    """
    of = min(max(_parts(it) for it in (a, b)), _MOST_OPEN)
    sides = [_Side(it, of, scratch / name) for it, name in ((a, "a"), (b, "b"))]
    counting = _Counting(kept, tolerance)
    for part in range(of):
        counting.add(sides[0].part(part), sides[1].part(part))
    for side in sides:
        side.finish()
    held = [_joined(rest) for rest in counting.rest]
    return Reduced(
        Scores(held[0], a.provenance),
        Scores(held[1], b.provenance),
        counting.apart(sides[1].ids_are_paths),
    )


def _parts(opened: OpenedScores) -> int:
    stored = opened.stored
    return len(stored.files) if stored.parted else parts_for(stored.n)


def _joined(rest: list[pa.Table]) -> pd.DataFrame:
    """Return what is held of a version, sorted by id as a whole table is."""
    table = pa.concat_tables(rest)
    rest.clear()
    frame: pd.DataFrame = table.take(pc.sort_indices(table["id"])).to_pandas()
    return frame


class _Side:
    """One version, a part at a time.

    Attributes
    ----------
    ids_are_paths
        Whether all ids so far are those of files.
    """

    def __init__(self, opened: OpenedScores, of: int, scratch: Path) -> None:
        self._opened, self._of, self._scratch = opened, of, scratch
        self._unique = Unique()
        self._n, self.ids_are_paths = 0, True
        stored = opened.stored
        self._spilt = not stored.parted or len(stored.files) < of
        if self._spilt:
            scratch.mkdir()
            self._spill()

    def part(self, part: int) -> pa.Table:
        """Return the rows of one part, checked."""
        if self._spilt:
            return self._spilt_part(part)
        files = self._opened.stored.files
        each = len(files) // self._of
        pieces = self._looked_at(*files[part * each : (part + 1) * each])
        return pa.concat_tables(pieces)

    def finish(self) -> None:
        """Raise StaleError where two rows have one id."""
        self.ids_are_paths &= self._n > 0
        with artefact(self._opened.where, "a scores table", "cgaudit score", StaleError):
            self._unique.check(self._opened.stored)

    def _looked_at(self, *files: Path) -> Iterator[pa.Table]:
        for piece in self._opened.pieces(*files):
            self._unique.add(piece["id"])
            self._n += len(piece)
            self.ids_are_paths = self.ids_are_paths and _are_paths(piece)
            yield piece

    def _spill(self) -> None:
        with ExitStack() as stack:
            writers: dict[int, pa.RecordBatchWriter] = {}
            for piece in self._looked_at():
                self._schema = piece.schema
                rows = parts_of(piece["content_hash"], self._of)
                order = np.argsort(rows, kind="stable")
                ends = np.searchsorted(rows[order], np.arange(self._of + 1))
                piece = piece.take(order)
                for part in np.unique(rows).tolist():
                    if part not in writers:
                        writers[part] = stack.enter_context(
                            pa.ipc.new_stream(self._place(part), piece.schema)
                        )
                    writers[part].write_table(piece.slice(ends[part], ends[part + 1] - ends[part]))

    def _place(self, part: int) -> Path:
        return self._scratch / f"{part}.arrow"

    def _spilt_part(self, part: int) -> pa.Table:
        path = self._place(part)
        if not path.exists():
            return self._schema.empty_table()
        with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as stream:
            table = stream.read_all()
        path.unlink()
        return table


def _are_paths(piece: pa.Table) -> bool:
    """Tell whether ids are only where samples lie (`cgaudit.versions.Pair`)."""
    if "path" in piece.schema.names:
        return bool(pc.all(pc.equal(piece["id"], piece["path"]), min_count=0).as_py())
    return all(PurePosixPath(name).suffix for name in piece["id"].to_pylist())


class _Counting:
    """Sums up what two versions have alike, and keeps the rest of each.

    Attributes
    ----------
    rest
        Of either version, what is held.
    """

    def __init__(self, kept: Collection[str], tolerance: float) -> None:
        self._kept, self._tolerance = list(kept), tolerance
        self.rest: tuple[list[pa.Table], list[pa.Table]] = ([], [])
        self._n = 0
        self._labels: Counter[str] = Counter()
        self._quality: tuple[dict[str, float], dict[str, float]] = (
            defaultdict(float),
            defaultdict(float),
        )
        self._rows: tuple[list[pd.DataFrame], list[pd.DataFrame]] = ([], [])
        self._ripple = Rippled()

    def add(self, a: pa.Table, b: pa.Table) -> None:
        """Take the rows of one part of both."""
        ids_a, ids_b = (pd.Index(_objects(it["id"])) for it in (a, b))
        if not (ids_a.is_unique and ids_b.is_unique):
            # The end finds which, and says so.
            self._keep(a, b)
            return
        at_a = ids_a.get_indexer(ids_b)
        at_b = np.flatnonzero(at_a >= 0)
        pairs = a.take(at_a[at_b]), b.take(at_b)
        alike = self._alike(*pairs)
        moved, change = self._moved(pairs, alike)
        alike[self._largest(moved, change, _objects(pairs[1]["id"]))] = False
        self._count(pairs, alike)
        self._count_ripple(change[moved & alike])
        rows_a, rows_b = at_a[at_b][alike], at_b[alike]
        self._keep(a.filter(_others(len(a), rows_a)), b.filter(_others(len(b), rows_b)))

    def apart(self, ids_are_paths: bool) -> Apart:
        """Return what was counted."""
        a, b = (
            Counted(
                self._n,
                {label: Sums(n, quality[label]) for label, n in self._labels.items()},
                pd.concat(rows, ignore_index=True) if rows else None,
            )
            for quality, rows in zip(self._quality, self._rows, strict=True)
        )
        return Apart(a, b, self._ripple, ids_are_paths)

    def _keep(self, a: pa.Table, b: pa.Table) -> None:
        for rest, table in zip(self.rest, (a, b), strict=True):
            # Copied: a slice would hold all of it.
            rest.append(table)

    def _alike(self, a: pa.Table, b: pa.Table) -> _Mask:
        """Tell which pairs of one id are in no list of a comparison."""
        alike = ~_flags(a["is_label_issue"]) & ~_flags(b["is_label_issue"])
        there = [name for name in (*BOXES, *NUMBERS[:1]) if name in a.schema.names]
        for name in ("content_hash", "given_label", *there):
            if name in b.schema.names:
                alike &= _same(a[name], b[name])
        contents = [_objects(it["content_hash"]) for it in (a, b)]
        alike &= ~pd.isna(contents[1])
        if self._kept:
            alike &= ~pd.Series(contents[1], dtype=object).isin(self._kept).to_numpy(dtype=bool)
        if BOXES[0] in a.schema.names:
            # Boxes are paired by content before id where ids are places in a file.
            for column in contents:
                alike &= ~pd.Series(column, dtype=object).duplicated(keep=False).to_numpy(bool)
        return alike

    def _moved(
        self, pairs: tuple[pa.Table, pa.Table], alike: _Mask
    ) -> tuple[_Mask, npt.NDArray[np.float32]]:
        before, after = (_numbers(it["label_score"]) for it in pairs)
        change = after - before
        return alike & (np.abs(change) > self._tolerance), change

    @staticmethod
    def _largest(moved: _Mask, change: np.ndarray, ids: np.ndarray) -> npt.NDArray[np.int64]:
        """Return the pairs that moved most, those first that come first in the table."""
        rows = np.flatnonzero(moved)
        if len(rows) > LARGEST_RIPPLES:
            size = np.abs(change[rows])
            least = np.partition(size, -LARGEST_RIPPLES)[-LARGEST_RIPPLES]
            rows = rows[size >= least]
        in_order = sorted(rows.tolist(), key=lambda row: (-abs(change[row]), ids[row]))
        return np.array(in_order[:LARGEST_RIPPLES], dtype=np.int64)

    def _count_ripple(self, change: np.ndarray) -> None:
        if not len(change):
            return
        size = np.abs(change).astype(np.float64)
        was = self._ripple
        self._ripple = Rippled(
            was.count + len(change),
            was.up + int((change > 0).sum()),
            was.total + float(size.sum()),
            max(was.most, float(size.max())),
        )

    def _count(self, pairs: tuple[pa.Table, pa.Table], alike: _Mask) -> None:
        self._n += int(alike.sum())
        codes, labels = pd.factorize(_objects(pairs[1]["given_label"])[alike])
        known = codes >= 0
        for label, n in zip(labels, np.bincount(codes[known], minlength=len(labels)), strict=True):
            self._labels[label] += int(n)
        for table, quality in zip(pairs, self._quality, strict=True):
            scores = _numbers(table["label_score"]).astype(np.float64)[alike][known]
            sums = np.bincount(codes[known], weights=scores, minlength=len(labels))
            for label, total in zip(labels, sums.tolist(), strict=True):
                quality[label] += total
        for table, rows, later in zip(pairs, self._rows, (False, True), strict=True):
            if (found := _of_figures(table, alike, later=later)) is not None:
                rows.append(found)


def _of_figures(table: pa.Table, alike: _Mask, *, later: bool) -> pd.DataFrame | None:
    """Return the rows and columns that further figures are computed from; None where none are."""
    names = [name for name in OF_FIGURES if name in table.schema.names]
    counts = np.zeros(len(table), dtype=bool)
    if "near_duplicate_set" in names:
        counts |= table["near_duplicate_set"].to_numpy() >= 0
    if "is_overlap_issue" in names:
        counts |= _flags(table["is_overlap_issue"])
    if "value" in names:
        counts[:] = True
    if not counts.any():
        return None
    found: pd.DataFrame = table.select(names).filter(alike & counts).to_pandas()
    labelled = table["given_label"].is_valid().to_numpy()[alike & counts]
    if "near_duplicate_set" in names:
        # Whether there is a label is all that counts.
        found["given_label"] = ["" if it else None for it in labelled]
    if later:
        # The review memory of the version says who is, and none of these is.
        found["is_reviewed"] = False
    return found


def _others(n: int, rows: np.ndarray) -> pa.Array:
    mask = np.ones(n, dtype=bool)
    mask[rows] = False
    return pa.array(mask)


def _objects(column: pa.ChunkedArray) -> np.ndarray:
    """Return text as Python's strings, None where there is none."""
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=object)


def _numbers(column: pa.ChunkedArray) -> npt.NDArray[np.float32]:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float32)


def _flags(column: pa.ChunkedArray) -> _Mask:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=bool)


def _same(a: pa.ChunkedArray, b: pa.ChunkedArray) -> _Mask:
    """Tell where two columns have the same, or both nothing."""
    equal = pc.fill_null(pc.equal(a, b), False)
    neither = pc.and_(pc.is_null(a, nan_is_null=True), pc.is_null(b, nan_is_null=True))
    return _flags(pc.or_(equal, neither)).copy()
