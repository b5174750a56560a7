"""Labels from a table or from the source, joined with the samples one to one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from cgaudit.dataset.labels.paths import Paths, is_absolute
from cgaudit.dataset.labels.read import LabelRow, LabelTable
from cgaudit.dataset.samples import OnError, Sample, Skip, refuse_skips, skipped_table
from cgaudit.errors import LabelsError
from cgaudit.wording.text import most_common, shown

#: Longer ones are texts in the wrong column: a label is repeated for every sample and class.
_LONGEST_LABEL = 10_000
#: The number of a row as text.
_NUMBER = re.compile(r"0|[1-9]\d{0,17}", re.ASCII)

JOINED_COLUMNS = ("id", "path", "content_hash", "label", "split")


class Joined(NamedTuple):
    """Samples with labels, and what did not fit.

    Attributes
    ----------
    table
        One row per sample, sorted by id: ``id``, ``path``, ``content_hash``, ``label``, ``split``;
        label is None where the sample is unlabelled.
    skipped
        All that was seen and is not in the table: what could not be read, rows without file, files
        without row, repeated ids: ``id``, ``reason``.
    notes
        What was guessed.
    """

    table: pd.DataFrame
    skipped: pd.DataFrame
    notes: Sequence[str] = ()


def join_labels(
    samples: pd.DataFrame,
    labels: LabelTable | None = None,
    *,
    root: Path | None = None,
    unreadable: pd.DataFrame | None = None,
    on_error: OnError = "skip",
) -> Joined:
    """Give every sample its id and label.

    Without a table the source speaks: id is the source's own id, else the path; label is
    ``folder_label``. With a table, each row finds its sample by the first of these that the table
    and the samples allow:

    - its path: beside the table, then below `root`, never outside of it; where that finds fewer,
      with backslashes, from the source's own folder on, in another case, or by file names alone;
    - its id among the source's own ids;
    - its id as a path, then as a file name with or without extension, if only one file has it;
    - its id as the number of a row, counted from 0, where the source is rows without ids;
    - its position, where the source is rows without ids, as many as the table has: said, if the
      table has ids that this cannot be checked by.

    Names are compared as written, then in Unicode's composed form. The first of several rows with
    one id counts; the others are skipped.

    Parameters
    ----------
    samples
        As in `cgaudit.dataset.samples`.
    labels
        From `read_labels`; None to use the source's own labels.
    root
        The source's folder; needed to find paths beside a table.
    unreadable
        What else the source saw: ``id`` (its own, else the path) and ``reason``. A row of the table
        that belongs to one of these is listed in its place, under the row's id.
    on_error
        ``"fail"`` raises for the first skipped row or file.

    Raises
    ------
    LabelsError
        Rows can't be told to samples, or none fits.
    SourceError
        Something was skipped and `on_error` is ``"fail"``.
    """
    unread = {} if unreadable is None else dict(unreadable[["id", "reason"]].to_numpy().tolist())
    notes: list[str] = []
    if labels is None:
        found, skips = _own_labels(samples)
        skips += [Skip(name, reason) for name, reason in unread.items()]
    else:
        join = _TableJoin(samples, labels, root, unread)
        found, skips = join.joined()
        notes = join.notes
    skipped = skipped_table(skips)
    refuse_skips(skipped, on_error)
    if not found and labels is not None:
        raise LabelsError(_nothing_joined(labels, samples, skips))
    rows = [
        (identity, sample.path, sample.content_hash, label, sample.split)
        for identity, (sample, label) in sorted(found.items())
    ]
    return Joined(pd.DataFrame(rows, columns=list(JOINED_COLUMNS), dtype=object), skipped, notes)


#: Each sample that has a row, and the label, by id.
_Found = dict[str, tuple[Sample, str | None]]


def _own_labels(samples: pd.DataFrame) -> tuple[_Found, list[Skip]]:
    found: _Found = {}
    skips: list[Skip] = []
    for sample in _ordered(samples):
        identity = sample.path if sample.id is None else sample.id
        if (reason := _no_label(sample.folder_label)) is not None:
            skips.append(Skip(identity, f"row {sample.path}: {reason}"))
        elif identity in found:
            first = found[identity][0].path
            skips.append(Skip(identity, f"row {sample.path} repeats the id of row {first}"))
        else:
            found[identity] = (sample, sample.folder_label)
    return found, skips


class _TableJoin:
    """The rows of one table, the samples of one source, and what of it could not be read."""

    def __init__(
        self,
        samples: pd.DataFrame,
        labels: LabelTable,
        root: Path | None,
        unreadable: Mapping[str, str],
    ) -> None:
        self._labels = labels
        self._samples = {sample.path: sample for sample in _ordered(samples)}
        self._unreadable = dict(unreadable)
        self.notes: list[str] = []
        self._files = Paths(
            self._samples.keys() | self._unreadable.keys(),
            labels.file.resolve().parent,
            None if root is None else root.resolve(),
        )
        self._by_id = {s.id: s.path for s in self._samples.values() if s.id is not None}
        self._find = self._finder()

    def joined(self) -> tuple[_Found, list[Skip]]:
        found: _Found = {}
        first_row: dict[str, int] = {}
        skips: list[Skip] = []
        used: set[str] = set()
        name = self._labels.file.name
        has_ids = any(row.id is not None for row in self._labels.rows)
        for number, row in enumerate(self._labels.rows, start=1):
            path, reason = self._find(number, row)
            identity = row.id if has_ids else path
            shown = identity or row.path or f"row {number}"
            if path is None:
                skips.append(Skip(shown, f"row {number} of {name}: {reason}"))
            elif path not in self._samples:
                skips += self._unread(shown, path, used)
            elif (odd := _no_label(row.label)) is not None:
                skips.append(Skip(shown, f"row {number} of {name}: {odd}"))
                used.add(path)
            elif identity is None:
                skips.append(Skip(shown, f"row {number} of {name} has no id"))
            elif identity in found:
                repeats = f"row {number} of {name} repeats the id of row {first_row[identity]}"
                skips.append(Skip(identity, repeats))
            else:
                found[identity] = (self._samples[path], row.label)
                first_row[identity] = number
                used.add(path)
        skips += [
            Skip(path if sample.id is None else sample.id, f"no usable row in {name}")
            for path, sample in self._samples.items()
            if path not in used
        ]
        left = self._unreadable.keys() - used
        return found, skips + [Skip(path, self._unreadable[path]) for path in left]

    def _unread(self, shown: str, path: str, used: set[str]) -> list[Skip]:
        """List a row whose sample could not be read, in place of the sample itself."""
        reason = self._unreadable.get(path)
        if reason is None:
            # By position in a source that has ids of its own, under which it is listed already.
            return []
        used.add(path)
        return [Skip(shown, reason if shown == path else f"{path}: {reason}")]

    def _finder(self) -> Callable[[int, LabelRow], tuple[str | None, str]]:
        rows = self._labels.rows
        has_ids = any(row.id is not None for row in rows)
        if has_ids and self._by_id:
            return self._find_own_id
        if all(path.isdecimal() for path in self._samples):
            return self._find_row(has_ids)
        if written := [row.path for row in rows if row.path is not None]:
            self._way, name = self._files.best_way(written)
            if name:
                self.notes.append(f"the paths in {self._labels.file.name} are read {name}")
            return self._find_path
        if has_ids:
            return self._find_name
        raise LabelsError(
            f"{self._labels.file} has no column of file names or ids, so its labels cannot be told "
            "to files. Name one with --image-column or --id-column."
        )

    def _find_row(self, has_ids: bool) -> Callable[[int, LabelRow], tuple[str | None, str]]:
        """Return how rows of labels are told to rows without ids: by number, else by position."""
        rows, file = self._labels.rows, self._labels.file
        count = len(self._samples) + len(self._unreadable)
        ids = [row.id for row in rows]
        in_order = ids == [str(number) for number in range(len(ids))]
        if has_ids and not in_order and _are_row_numbers(ids, count):
            self.notes.append(
                f"the ids in {file.name} are taken for the numbers of the source's rows, counted "
                "from 0"
            )
            return self._find_number
        if len(rows) != count:
            which = "its ids are not the numbers of" if has_ids else "no id column says which are"
            raise LabelsError(
                f"{file} has {len(rows)} rows, the source {count}, and {which} the source's rows. "
                "Give both ids, or one row per sample."
            )
        if has_ids and not in_order and _are_row_numbers(ids, count + 1) and not _ascending(ids):
            raise LabelsError(
                f"The ids in {file} are whole numbers in another order than its rows, and the "
                "source has no ids. Sort it by id, or number the source's rows from 0."
            )
        if has_ids and not in_order:
            self.notes.append(
                f"labels are taken by position, row by row: the source has no ids that those in "
                f"{file.name} could be compared with"
            )
        return self._find_position

    def _find_number(self, _number: int, row: LabelRow) -> tuple[str | None, str]:
        known = row.id in self._samples or row.id in self._unreadable
        return row.id if known else None, "the source has no such row"

    def _find_own_id(self, _number: int, row: LabelRow) -> tuple[str | None, str]:
        unread = row.id if row.id in self._unreadable else None
        return self._by_id.get(row.id or "", unread), "the source has no such id"

    def _find_position(self, number: int, _row: LabelRow) -> tuple[str | None, str]:
        return str(number - 1), ""

    def _find_path(self, _number: int, row: LabelRow) -> tuple[str | None, str]:
        if row.path is None:
            return None, "its file name is empty"
        if (path := self._way(row.path)) is not None:
            return path, ""
        if is_absolute(row.path):
            return None, f"{row.path!r} is an absolute path; write it relative to the table"
        if not any(self._files.inside(row.path)):
            return None, f"{row.path!r} leaves the source"
        return None, f"no usable file at {row.path!r}"

    def _find_name(self, _number: int, row: LabelRow) -> tuple[str | None, str]:
        if row.id is None:
            return None, "its id is empty"
        exact = self._files.lookup(row.id)
        path = exact if exact is not None else self._files.named(row.id)
        return path, f"no file, or more than one, is called {row.id!r}"


def _no_label(label: str | None) -> str | None:
    """Return why text is no label: it is so long that something else was meant."""
    if label is None or len(label) <= _LONGEST_LABEL:
        return None
    return f"its label has {len(label):,} characters, which is no label"


def _are_row_numbers(ids: Sequence[str | None], count: int) -> bool:
    """Tell whether ids are different numbers of `count` rows, counted from 0."""
    numbers = {int(id_) for id_ in ids if id_ is not None and _NUMBER.fullmatch(id_)}
    return len(numbers) == len(ids) and max(numbers, default=count) < count


def _ascending(ids: Sequence[str | None]) -> bool:
    numbers = [int(id_ or 0) for id_ in ids]
    return numbers == sorted(numbers)


def _ordered(samples: pd.DataFrame) -> list[Sample]:
    """Return the samples in order: files by path, rows by number."""
    columns = [samples[name].tolist() for name in Sample._fields]
    return sorted(map(Sample, *columns), key=lambda sample: _natural(sample.path))


def _natural(path: str) -> tuple[int, str]:
    return (len(path) if path.isdecimal() else 0), path


def _nothing_joined(labels: LabelTable, samples: pd.DataFrame, skips: Sequence[Skip]) -> str:
    met = most_common(it.reason for it in skips if f" of {labels.file.name}" in it.reason)
    paths = [str(sample) for sample in samples["path"].head(2)]
    looks = f" The source's are such as {shown(paths)}." if paths else ""
    written = any(row.path is not None for row in labels.rows)
    looked = (
        " Paths were looked for beside the table, below the source, with either slash, from the "
        "source's own folder on, in any case, and by bare names."
    )
    return (
        f"None of the {len(labels.rows):,} rows of {labels.file} belongs to a sample of the source "
        f"({met}).{looks}{looked if written else ''} Name the columns with --id-column "
        "or --image-column, or write the paths relative to the source."
    )
