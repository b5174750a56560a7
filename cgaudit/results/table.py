"""The scores table: its schema, its provenance, and how it is written and read.

One row per sample, sorted by id; `cgaudit.score.LabelScores.table` lays it out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
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
from cgaudit.results.columns import (
    SCHEMA,
    SETS,
    lacking,
    lacking_for,
    types,
    wrong_type,
    wrong_values,
)
from cgaudit.results.recorded import write_recorded
from cgaudit.results.stored import (
    Stored,
    Unique,
    digest_at,
    folder_of,
    lies_at,
    remove_other,
    stored_at,
    whole,
    write_parts,
)
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
    def of_classes(self) -> bool:
        """Whether labels are classes, of which a sample has one."""
        return not (self.of_numbers or self.of_sets)

    @property
    def of_numbers(self) -> bool:
        """Whether labels are numbers."""
        return self.task == "regression"

    @property
    def of_sets(self) -> bool:
        """Whether a sample may have several labels."""
        return self.task == "multilabel"

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


@dataclass(frozen=True)
class OpenedScores:
    """A scores table of which only the frame was read, and how it was computed.

    Attributes
    ----------
    stored
        Where it lies.
    provenance
        How it was computed.
    where
        What to call it in an error.
    """

    stored: Stored
    provenance: Provenance
    where: str

    def pieces(self, *files: Path, known: bool = True) -> Iterator[pa.Table]:
        """Yield the table in pieces, checked as `read_scores` checks it.

        That no two pieces have one id is left to `cgaudit.results.stored.Unique`.

        Parameters
        ----------
        files
            Of the parts; none for all.
        known
            Leave out columns that nobody knows here.
        """
        with artefact(self.where, "a scores table", "cgaudit score", StaleError):
            for piece in self.stored.pieces(types().keys() if known else None, files or None):
                _refuse_wrong(piece, self.provenance)
                yield piece

    def checked(self, *, known: bool = True) -> Iterator[pa.Table]:
        """Yield what `pieces` does, and see at the end that no two rows have one id.

        Raises
        ------
        StaleError
            As `read_scores`; what was yielded before is of no use then.
        """
        unique = Unique()
        for piece in self.pieces(known=known):
            unique.add(piece["id"])
            yield piece
        with artefact(self.where, "a scores table", "cgaudit score", StaleError):
            unique.check(self.stored)

    def check(self) -> None:
        """Read all of it a piece at a time, and keep nothing; raises as `checked`."""
        for _ in self.checked():
            pass

    def read(self) -> Scores:
        """Return the whole table, checked.

        Raises
        ------
        StaleError
            As `read_scores`.
        """
        with artefact(self.where, "a scores table", "cgaudit score", StaleError):
            table = whole(self.stored)
            _refuse_wrong(table, self.provenance)
        return Scores(table.to_pandas(), self.provenance)


def digest(path: Path) -> str:
    """Return what is remembered of a scores table by what was made from it: its files' MD5.

    Raises
    ------
    StaleError
        It is missing, or cannot be read.
    """
    with artefact(path, "a scores table", "cgaudit score", StaleError):
        return digest_at(path)


def has_scores(path: Path) -> bool:
    """Tell whether scores are at a path, in one file or in parts."""
    return path.exists() or folder_of(path).is_dir()


def write_scores(scores: Scores, path: Path, *, parted: bool = False) -> None:
    """Write the table as Parquet: same table, same bytes; moved into place when complete.

    Parameters
    ----------
    scores
        What to write.
    path
        The file.
    parted
        Write parts to the folder of that name without its ending; what was in the other place
        goes.
    """
    schema, record = _schema_of(scores.table), asdict(scores.provenance)
    if parted:
        table = pa.Table.from_pandas(scores.table, schema=schema, preserve_index=False)
        metadata = {METADATA_KEY: json.dumps(record, sort_keys=True).encode()}
        write_parts(table.replace_schema_metadata(metadata), folder_of(path))
        remove_other(folder_of(path))
        return
    write_recorded(scores.table, schema, METADATA_KEY, record, path)
    remove_other(path)


def open_scores(path: Path, where: str | None = None) -> OpenedScores:
    """Return a scores table to be read in pieces; its values are checked as they are.

    Parameters
    ----------
    path
        Of the file; where there is none but a folder of parts, that is opened.
    where
        What to call it in an error; None for the path.

    Raises
    ------
    StaleError
        As `read_scores`.
    """
    with artefact(where or path, "a scores table", "cgaudit score", StaleError):
        stored = stored_at(lies_at(path))
        if problem := lacking(stored.schema):
            raise Damage(problem)
        return OpenedScores(stored, _provenance(stored.schema), str(where or path))


def read_scores(source: Path | bytes, where: str | None = None) -> Scores:
    """Read a table that `write_scores` wrote, whoever committed it since.

    Parameters
    ----------
    source
        A path, or the file's bytes. Where there is no file but a folder of its parts, they are
        read.
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
    if isinstance(source, Path):
        return open_scores(source, where).read()
    with artefact(where, "a scores table", "cgaudit score", StaleError):
        table = parquet_table(source)
        if problem := lacking(table.schema):
            raise Damage(problem)
        provenance = _provenance(table.schema)
        _refuse_wrong(table, provenance)
    return Scores(table.to_pandas(), provenance)


def _refuse_wrong(table: pa.Table, provenance: Provenance) -> None:
    if problem := (
        lacking_for(provenance.task, table.schema)
        or wrong_type(table.schema)
        or wrong_values(table, provenance.task == "classification")
    ):
        raise Damage(problem)


def _provenance(schema: pa.Schema) -> Provenance:
    metadata = (schema.metadata or {}).get(METADATA_KEY)
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
    # A list that is empty in all rows does not say what it is a list of.
    sets = {name: pa.field(name, types()[name]) for name in SETS}
    return pa.schema([*SCHEMA, *(sets.get(name) or guessed.field(name) for name in extra)])
