"""The scores table: its schema, its provenance, and how it is written and read.

One row per sample, sorted by id; `cgaudit.score.LabelScores.table` lays it out.
"""

from __future__ import annotations

import hashlib
from dataclasses import MISSING, asdict, dataclass, fields
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pydantic import FiniteFloat, TypeAdapter, ValidationError

from cgaudit.errors import IncomparableError, StaleError
from cgaudit.reading.files import Damage, artefact
from cgaudit.reading.parquet import parquet_table
from cgaudit.reading.text import json_of
from cgaudit.results.columns import SCHEMA, lacking, lacking_for, wrong_type, wrong_values
from cgaudit.results.recorded import write_recorded
from cgaudit.wording.text import shown

METADATA_KEY = b"cgaudit"


@dataclass(frozen=True)
class Provenance:
    """How a scores table was computed; kept in the file's metadata.

    Two tables that differ in any field but the `HARMLESS` are not comparable.

    Attributes
    ----------
    recipe
        Which release's numbers these are.
    featurizer, featurizer_fingerprint
        Its name, and a hash of its options, its state and its model.
    method, ridge, likelihood, landmarks, seed, precision, task, issue_rule, strictness
        As the parameters asked, settled where they said `auto`.
    device
        What it was computed on.
    version
        Of cgaudit.
    repairs
        What was added to a singular kernel matrix, in words; else empty.
    sampling
        Of the method `sampled`: its draws; else empty.
    """

    recipe: int
    featurizer: str
    featurizer_fingerprint: str
    method: str
    ridge: FiniteFloat
    likelihood: str
    landmarks: int | None
    seed: int
    precision: str
    task: str
    device: str
    version: str
    issue_rule: str = "confident_learning"
    strictness: FiniteFloat = 0.0
    repairs: str = ""
    sampling: str = ""

    @property
    def of_numbers(self) -> bool:
        """Whether labels are numbers."""
        return self.task == "regression"

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


def digest(scores: bytes) -> str:
    """Return what is remembered of a scores table by what was made from it: its file's MD5."""
    return hashlib.md5(scores, usedforsecurity=False).hexdigest()


def write_scores(scores: Scores, path: Path) -> None:
    """Write the table as Parquet: same table, same bytes; moved into place when complete."""
    schema = _schema_of(scores.table)
    write_recorded(scores.table, schema, METADATA_KEY, asdict(scores.provenance), path)


def read_scores(source: Path | bytes, where: str | None = None) -> Scores:
    """Read a table that `write_scores` wrote, whoever committed it since.

    Parameters
    ----------
    source
        A path, or the file's bytes.
    where
        What to call it in an error, when `source` is no path.

    Raises
    ------
    StaleError
        The file is missing, damaged or no scores table: a column is missing or of another type,
        values are none that scores can be, two rows have one id, the record of how it was computed
        is not there or another version's; or it would take far more memory than its size accounts
        for.
    """
    with artefact(where or source, "a scores table", "cgaudit score", StaleError):
        table = parquet_table(source)
        if problem := lacking(table.schema):
            raise Damage(problem)
        provenance = _provenance(table)
        classified = provenance.task == "classification"
        if problem := (
            lacking_for(provenance.task, table.schema)
            or wrong_type(table.schema)
            or wrong_values(table, classified)
        ):
            raise Damage(problem)
    return Scores(table.to_pandas(), provenance)


def _provenance(table: pa.Table) -> Provenance:
    metadata = (table.schema.metadata or {}).get(METADATA_KEY)
    if metadata is None:
        raise Damage("it lacks the record of how it was computed")
    stored = json_of(metadata)
    if not isinstance(stored, dict):
        raise Damage("the record of how it was computed is no JSON object")
    known = {field.name for field in fields(Provenance)}
    needed = {field.name for field in fields(Provenance) if field.default is MISSING}
    if odd := sorted((set(stored) - known) | (needed - set(stored))):
        raise Damage(f"it was written by another version of cgaudit ({shown(odd)} differ)")
    try:
        return _as_provenance().validate_json(metadata, strict=True)
    except ValidationError as error:
        names = sorted({str(detail["loc"][0]) for detail in error.errors() if detail["loc"]})
        raise Damage(
            f"its record of how it was computed has odd values of {shown(names)}"
        ) from None


@cache
def _as_provenance() -> TypeAdapter[Provenance]:
    return TypeAdapter(Provenance)


def _schema_of(frame: pd.DataFrame) -> pa.Schema:
    extra = [name for name in frame.columns if name not in SCHEMA.names]
    guessed = pa.Schema.from_pandas(frame[extra], preserve_index=False)
    return pa.schema([*SCHEMA, *(guessed.field(name) for name in extra)])
