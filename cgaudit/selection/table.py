"""The selection as files: which samples are kept, and the curve, written and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pydantic import FiniteFloat

from cgaudit.errors import StaleError
from cgaudit.numerics.rounding import number
from cgaudit.reading.files import Damage, artefact, bytes_of
from cgaudit.reading.parquet import parquet_table
from cgaudit.reading.text import json_of
from cgaudit.results.recorded import mismatch, record_of, write_recorded
from cgaudit.selection.curve import Curve

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("keep", pa.bool_(), nullable=False),
        pa.field("rank", pa.int32()),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("label", pa.string()),
        pa.field("content_hash", pa.string()),
    ]
)
_METADATA_KEY = b"cgaudit"
_KIND, _COMMAND = "a selection", "cgaudit select"
#: Decimal digits of the curve: a hundredth of a point.
_DIGITS = 4
_RULE, _RANDOM = "rule", "random"
#: The columns of the curve: what the rule reaches as asked, what it would in the other way, and
#: chance; each with its standard error.
ARMS = (_RULE, "rule_other", _RANDOM)


@dataclass(frozen=True)
class Made:
    """How a selection was made; kept in the file's metadata.

    Attributes
    ----------
    rule, share, balance, among, seed
        As params.yaml asked.
    dropped_flagged
        Whether samples whose label looks wrong were left out.
    why
        Why they were or were not, in a sentence.
    n_rows
        How many labels the curve rests on; 0 where there is none.
    scores
        MD5 of the scores table that it was made from.
    """

    rule: str
    share: FiniteFloat
    balance: str
    among: str
    seed: int
    dropped_flagged: bool
    why: str
    n_rows: int
    scores: str

    def is_like(self, other: Made) -> bool:
        """Tell whether what one kept may stay in the other: they choose by the same means."""
        means = ("rule", "balance", "among", "seed")
        return all(getattr(self, name) == getattr(other, name) for name in means)


@dataclass(frozen=True)
class Selection:
    """Which samples are kept: columns as in `SCHEMA`, a row per sample, sorted by id."""

    table: pd.DataFrame
    made: Made


@dataclass(frozen=True)
class CurvePoint:
    """What a share of the data reaches: accuracies, and their standard errors."""

    share: float
    rule: float
    rule_error: float
    rule_other: float
    rule_other_error: float
    random: float
    random_error: float


def write_selection(selection: Selection, path: Path) -> None:
    """Write a selection as Parquet: same selection, same bytes; moved into place when complete."""
    write_recorded(selection.table, SCHEMA, _METADATA_KEY, asdict(selection.made), path)


def read_selection(source: Path | bytes, where: str | None = None) -> Selection:
    """Read what `write_selection` wrote, whoever committed it since.

    Parameters
    ----------
    source
        A path, or the file's bytes.
    where
        What to call it in an error, when `source` is no path.

    Raises
    ------
    StaleError
        The file is missing, damaged, or no selection.
    """
    with artefact(where or source, _KIND, _COMMAND, StaleError):
        table = parquet_table(source)
        if problem := _wrong(table):
            raise Damage(problem)
        made = record_of(table, _METADATA_KEY, Made)
    return Selection(table.to_pandas().astype({"rank": "Int32"}), made)


def _wrong(table: pa.Table) -> str | None:
    if problem := mismatch(table, SCHEMA):
        return problem
    if table["keep"].to_pylist() != table["rank"].is_valid().to_pylist():
        return "its column rank does not fit its column keep"
    return None


def curve_rows(curve: Curve | None, dropped_flagged: bool) -> list[dict[str, float | None]]:
    """Return the curve as the rows of a DVC plot, none where there is no curve."""
    if curve is None:
        return []
    arms = (curve.rule(dropped_flagged), curve.rule(not dropped_flagged), curve.random)
    return [
        {"share": float(share)}
        | {name: number(float(arm.mean[at]), _DIGITS) for name, arm in zip(ARMS, arms, strict=True)}
        | {
            f"{name}_error": number(float(arm.error[at]), _DIGITS)
            for name, arm in zip(ARMS, arms, strict=True)
        }
        for at, share in enumerate(curve.shares)
    ]


def read_curve(path: Path) -> list[CurvePoint]:
    """Read the curve that `cgaudit select` wrote, whoever committed it since.

    Raises
    ------
    StaleError
        The file is missing, damaged, or no such curve.
    """
    with artefact(path, "a curve", _COMMAND, StaleError):
        rows = json_of(bytes_of(path))
        if not isinstance(rows, list):
            raise Damage("it is no list")
        points = [_point(row) for row in rows]
        shares = [point.share for point in points]
        if len(shares) == 1 or shares != sorted(set(shares)):
            raise Damage("its shares do not ascend")
    return points


def _point(row: object) -> CurvePoint:
    names = [field.name for field in fields(CurvePoint)]
    if not isinstance(row, Mapping) or set(row) != set(names):
        raise Damage(f"a row has not the columns {', '.join(names)}")
    values = {name: row[name] for name in names}
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise Damage(f"{name} is no number from 0 to 1")
    return CurvePoint(**{name: float(value) for name, value in values.items()})
