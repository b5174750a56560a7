"""What a log says of each sample, as a table beside the scores: written, and read by anybody."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from cgaudit.errors import StaleError
from cgaudit.reading.files import Damage, artefact
from cgaudit.reading.parquet import parquet_table
from cgaudit.results.recorded import infinite, mismatch, record_of, write_recorded

#: Columns of numbers; those that a log says nothing of are empty.
MEASURES = (
    "dynamics_confidence",
    "dynamics_variability",
    "dynamics_mean_loss",
    "dynamics_forgetting",
    "dynamics_first_learned",
    "dynamics_learned",
    "dynamics_aum",
    "dynamics_joined_score",
)
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("content_hash", pa.string()),
        pa.field("given_label", pa.string()),
        *(pa.field(name, pa.float32()) for name in MEASURES),
        pa.field("dynamics_corner", pa.string(), nullable=False),
    ]
)
_METADATA_KEY = b"cgaudit"


@dataclass(frozen=True)
class LogFacts:
    """What a table of dynamics was made of; kept in the file's metadata.

    Attributes
    ----------
    kind
        What wrote the log, for people.
    n_epochs
        How many epochs it has; 0 where it is of the whole run.
    n_unknown, n_without
        Ids of the log that no sample has, and samples that the log does not have.
    joins, why
        Whether it was joined with the scores, and why, in a sentence.
    scores
        MD5 of the scores table that it was joined with.
    """

    kind: str
    n_epochs: int
    n_unknown: int
    n_without: int
    joins: bool
    why: str
    scores: str


@dataclass(frozen=True)
class Dynamics:
    """Columns as in `SCHEMA`, a row per sample that the log has, sorted by id."""

    table: pd.DataFrame
    facts: LogFacts


def write_dynamics(dynamics: Dynamics, path: Path) -> None:
    """Write it as Parquet: the same table, the same bytes; moved into place when complete."""
    write_recorded(dynamics.table, SCHEMA, _METADATA_KEY, asdict(dynamics.facts), path)


def read_dynamics(source: Path | bytes, where: str | None = None) -> Dynamics:
    """Read what `write_dynamics` wrote, whoever committed it since.

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
    with artefact(where or source, "a table of training dynamics", "cgaudit dynamics", StaleError):
        table = parquet_table(source)
        if problem := mismatch(table, SCHEMA) or infinite(table, MEASURES):
            raise Damage(problem)
        facts = record_of(table, _METADATA_KEY, LogFacts)
    return Dynamics(table.to_pandas(), facts)
