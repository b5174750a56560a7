"""Scores of other tools as a table beside ours: written, and read by anybody."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from cgaudit.errors import StaleError
from cgaudit.reading.files import Damage, artefact
from cgaudit.reading.parquet import parquet_table
from cgaudit.results.recorded import infinite, mismatch, record_of, write_recorded

#: Each column of another tool is called by its own name behind this.
PREFIX = "imported_"
#: Before the columns of numbers.
KEYS = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("content_hash", pa.string()),
        pa.field("given_label", pa.string()),
    ]
)
_METADATA_KEY = b"cgaudit"


@dataclass(frozen=True)
class ImportFacts:
    """What a table of imported scores was made of; kept in the file's metadata.

    Attributes
    ----------
    n_unknown, n_without
        Ids of the tables that no sample has, and samples that no table has.
    n_infinite
        Cells that held no finite number, taken as empty.
    scores
        MD5 of the scores table that it stands beside.
    """

    n_unknown: int
    n_without: int
    n_infinite: int
    scores: str


@dataclass(frozen=True)
class Imported:
    """A row per sample of the scores; `KEYS`, then float64 columns whose names have `PREFIX`."""

    table: pd.DataFrame
    facts: ImportFacts

    @property
    def columns(self) -> list[str]:
        """The columns of other tools."""
        return [name for name in self.table.columns if name.startswith(PREFIX)]


def write_imported(imported: Imported, path: Path) -> None:
    """Write it as Parquet: the same table, the same bytes; moved into place when complete."""
    schema = _schema(imported.columns)
    write_recorded(imported.table, schema, _METADATA_KEY, asdict(imported.facts), path)


def read_imported(source: Path | bytes, where: str | None = None) -> Imported:
    """Read what `write_imported` wrote, whoever committed it since.

    Parameters
    ----------
    source
        A path, or the file's bytes.
    where
        What to call it in an error, when `source` is no path.

    Raises
    ------
    StaleError
        The file is missing, damaged, or no such table.
    """
    with artefact(where or source, "a table of imported scores", "cgaudit import", StaleError):
        table = parquet_table(source)
        names = [name for name in table.schema.names if name.startswith(PREFIX)]
        if not names:
            raise Damage("it has no column of another tool")
        if problem := mismatch(table, _schema(names)) or infinite(table, names):
            raise Damage(problem)
        facts = record_of(table, _METADATA_KEY, ImportFacts)
    return Imported(table.to_pandas(), facts)


def _schema(names: list[str]) -> pa.Schema:
    return pa.schema([*KEYS, *(pa.field(name, pa.float64()) for name in names)])
