"""The scores table: its schema, its provenance, and how it is written and read.

One row per sample, sorted by id; `cgaudit.score.LabelScores.table` lays it out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cgaudit.errors import IncomparableError, StaleError
from cgaudit.files import replacing

METADATA_KEY = b"cgaudit"

#: The columns every scores table has, in order; more may follow.
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("given_label", pa.string()),
        pa.field("predicted_label", pa.string()),
        pa.field("label_score", pa.float32()),
        pa.field("is_label_issue", pa.bool_(), nullable=False),
        pa.field("cg_score", pa.float32()),
        pa.field("margin", pa.float32()),
        pa.field("top_labels", pa.list_(pa.string())),
        pa.field("top_scores", pa.list_(pa.float32())),
        pa.field("content_hash", pa.string()),
    ]
)


@dataclass(frozen=True)
class Provenance:
    """How a scores table was computed; kept in the file's metadata.

    Two tables that differ in any field but the `HARMLESS` are not comparable.
    """

    recipe: int
    featurizer: str
    featurizer_fingerprint: str
    method: str
    ridge: float
    likelihood: str
    landmarks: int | None
    seed: int
    precision: str
    task: str
    device: str
    version: str
    issue_rule: str = "confident_learning"
    strictness: float = 0.0
    repairs: str = ""
    sampling: str = ""

    def differences(self, other: Provenance) -> dict[str, tuple[object, object]]:
        """Return the fields in which the two differ, with both values."""
        return {
            field.name: (mine, theirs)
            for field in fields(self)
            if (mine := getattr(self, field.name)) != (theirs := getattr(other, field.name))
        }


#: Differences in these do not make two tables incomparable. A repair (jitter on a singular kernel)
#: comes with the data, not with how it was asked to be scored.
HARMLESS = frozenset({"device", "version", "repairs"})


def comparable(a: Provenance, b: Provenance) -> list[str]:
    """Return a warning for each harmless difference between two provenances.

    Raises
    ------
    IncomparableError
        They differ in more than `HARMLESS`.
    """
    found = a.differences(b)
    if fatal := {name: values for name, values in found.items() if name not in HARMLESS}:
        raise IncomparableError(fatal)
    return [
        f"The scores were computed with different values of {name}: {old!r} and {new!r}."
        for name, (old, new) in found.items()
    ]


@dataclass(frozen=True)
class Scores:
    """A scores table and how it was computed."""

    table: pd.DataFrame
    provenance: Provenance


def write_scores(scores: Scores, path: Path) -> None:
    """Write the table as Parquet: same table, same bytes; moved into place when complete."""
    table = pa.Table.from_pandas(
        scores.table, schema=_schema_of(scores.table), preserve_index=False
    )
    provenance = json.dumps(asdict(scores.provenance), sort_keys=True).encode()
    table = table.replace_schema_metadata({METADATA_KEY: provenance})
    with replacing(path) as partial:
        pq.write_table(table, partial, compression="zstd")


def read_scores(source: str | Path | IO[bytes], where: str | None = None) -> Scores:
    """Read a table that `write_scores` wrote.

    Parameters
    ----------
    source
        A path or an open binary file.
    where
        What to call it in an error, when `source` is no path.

    Raises
    ------
    StaleError
        The file is missing or no scores table, or lacks a column or its provenance.
    """
    named = where or str(source)
    try:
        table = pq.read_table(source)
    except (OSError, pa.ArrowInvalid) as error:
        raise StaleError(
            f"{named} cannot be read as a scores table ({error}). Run `cgaudit score` again."
        ) from None
    metadata = (table.schema.metadata or {}).get(METADATA_KEY)
    missing = [name for name in SCHEMA.names if name not in table.schema.names]
    if metadata is None or missing:
        lacks = f"the columns {missing}" if missing else "the record of how it was computed"
        raise StaleError(
            f"{named} is no scores table: it lacks {lacks}. Run `cgaudit score` again."
        )
    return Scores(table.to_pandas(), _provenance(json.loads(metadata), named))


def _provenance(stored: Mapping[str, object], where: str) -> Provenance:
    known = {field.name for field in fields(Provenance)}
    needed = {field.name for field in fields(Provenance) if field.default is MISSING}
    if odd := sorted((set(stored) - known) | (needed - set(stored))):
        raise StaleError(
            f"{where} was written by another version of cgaudit ({odd} differ). "
            "Run `cgaudit score` again."
        )
    return Provenance(**stored)  # type: ignore[arg-type]


def _schema_of(frame: pd.DataFrame) -> pa.Schema:
    extra = [name for name in frame.columns if name not in SCHEMA.names]
    guessed = pa.Schema.from_pandas(frame[extra], preserve_index=False)
    return pa.schema([*SCHEMA, *(guessed.field(name) for name in extra)])
