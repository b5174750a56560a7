"""Hugging Face datasets saved to disk: folders that ``Dataset.save_to_disk`` writes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from cgaudit.dataset.tables.arrow import ArrowTable, bounded, parts_from
from cgaudit.dataset.tables.table import refuse_repeats
from cgaudit.dataset.walk import why_not_follow
from cgaudit.errors import TableError
from cgaudit.revisions import Links

_STATE = "state.json"
_INFO = "dataset_info.json"
_SPLITS = "dataset_dict.json"
#: Any of these names marks a folder as a saved dataset, or as one of its splits.
SAVED_MARKS = frozenset({_STATE, _SPLITS})
#: All the names of files that are needed to open it, besides the data.
SAVED_NAMES = SAVED_MARKS | {_INFO}
SAVED_SUFFIX = ".arrow"
_SPLIT_COLUMN = "split"


class _Part(NamedTuple):
    """A memory-mapped batch of a split."""

    split: str | None
    batch: pa.RecordBatch


def is_saved_dataset(folder: Path) -> bool:
    """Tell whether a folder is a ``Dataset`` or a ``DatasetDict`` that was saved to disk."""
    one = (folder / _STATE).is_file() and (folder / _INFO).is_file()
    return one or (folder / _SPLITS).is_file()


class SavedDataset(ArrowTable):
    """The rows of a saved ``Dataset``, or of all splits of a ``DatasetDict``, one after the other.

    A ``DatasetDict`` gets a column ``split``, unless it has one. Its splits must have the same
    features. The files are Arrow IPC streams; they are mapped into memory, and read where they are
    needed. Their offsets are checked before use, because Arrow trusts them.

    Parameters
    ----------
    folder
        With ``state.json`` and ``dataset_info.json``, or with ``dataset_dict.json``.

    Attributes
    ----------
    splits
        Names of the splits; empty for a ``Dataset``.

    Raises
    ------
    TableError
        A file is missing, damaged, leads out of the folder, or splits have different features.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder
        self.splits = _splits(folder)
        self._parts: list[_Part] = []
        schemas: dict[Path, pa.Schema] = {}
        splits: Sequence[str | None] = self.splits or [None]
        for split in splits:
            for file in _data_files(folder if split is None else folder / split, folder):
                schemas[file], batches = _mapped(file)
                self._parts += [_Part(split, batch) for batch in batches]
        if not schemas:
            raise TableError(f"{folder} has no data files. Save the dataset again.")
        first, *others = schemas
        for other in others:
            if not schemas[other].equals(schemas[first], check_metadata=True):
                raise TableError(
                    f"{other} has other features than {first}. Cast the splits to the same "
                    "features (`Dataset.cast`) and save them again."
                )
        self.schema = schemas[first]
        refuse_repeats(folder, self.schema.names)
        self._adds_split = bool(self.splits) and _SPLIT_COLUMN not in self.schema.names
        if self._adds_split:
            self.schema = self.schema.append(pa.field(_SPLIT_COLUMN, pa.string()))
        self.columns = list(self.schema.names)

    def __len__(self) -> int:
        return sum(part.batch.num_rows for part in self._parts)

    @property
    def described(self) -> str:
        """What was recognised, as a sentence for the user."""
        splits = f", splits {', '.join(self.splits)}" if self.splits else ""
        return f"{self.file} is a Hugging Face dataset saved to disk{splits}"

    def batches(self, columns: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch]:
        """Yield the rows from `start` on; batches before it are not looked at."""
        counts = (part.batch.num_rows for part in self._parts)
        for number, skip in parts_from(start, counts):
            part = self._parts[number]
            yield from bounded(self._selected(part.batch, columns, part.split), skip)

    def _selected(
        self, batch: pa.RecordBatch, columns: Sequence[str], split: str | None
    ) -> pa.RecordBatch:
        stored = [name for name in columns if not (self._adds_split and name == _SPLIT_COLUMN)]
        try:
            found = batch.select(stored)
            found.validate(full=True)
        except pa.ArrowException as error:
            raise TableError(f"{self.file} is damaged ({error}). Save the dataset again.") from None
        cells = {name: found.column(name) for name in stored}
        if len(stored) < len(columns):
            cells[_SPLIT_COLUMN] = pa.repeat(pa.scalar(split, pa.string()), batch.num_rows)
        return pa.RecordBatch.from_arrays([cells[name] for name in columns], names=list(columns))


def _splits(folder: Path) -> list[str]:
    if not (folder / _SPLITS).is_file():
        return []
    names = _json(folder / _SPLITS).get("splits")
    if not isinstance(names, list) or not names:
        raise TableError(f"{folder / _SPLITS} names no splits. Save the dataset again.")
    return [_plain_name(name, folder / _SPLITS) for name in names]


def _data_files(folder: Path, root: Path) -> Iterator[Path]:
    """Yield the files that a state.json lists, in its order."""
    state = _json(folder / _STATE)
    if state.get("_indices_data_files"):
        raise TableError(
            f"{folder} selects its rows by a table of indices, as old versions of datasets saved "
            "them. Call flatten_indices() and save it again."
        )
    listed = state.get("_data_files")
    if not isinstance(listed, list) or not all(isinstance(entry, dict) for entry in listed):
        raise TableError(f"{folder / _STATE} lists no data files. Save the dataset again.")
    links = Links(root)
    for entry in listed:
        file = folder / _plain_name(entry.get("filename"), folder / _STATE)
        if file.is_symlink() and (reason := why_not_follow(file, links)):
            raise TableError(f"{file} is {reason}.")
        yield file


def _plain_name(name: object, where: Path) -> str:
    """Return a name that stays in its folder."""
    if not isinstance(name, str) or Path(name).name != name or name == "..":
        raise TableError(f"{where} names {name!r}, which is no name of a file beside it.")
    return name


def _json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise TableError(f"{file} cannot be read ({error}). Save the dataset again.") from None
    if not isinstance(content, dict):
        raise TableError(f"{file} is no JSON object. Save the dataset again.")
    return content


def _mapped(file: Path) -> tuple[pa.Schema, list[pa.RecordBatch]]:
    try:
        with pa.ipc.open_stream(pa.memory_map(str(file))) as reader:
            return reader.schema, list(reader)
    except (OSError, pa.ArrowException) as error:
        raise TableError(
            f"{file} is no readable Arrow stream ({error}). Run `dvc pull` if it is incomplete, or "
            "save the dataset again."
        ) from None
