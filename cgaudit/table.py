"""The scores table: its schema, its provenance, and how it is written and read.

One row per sample, sorted by id. Values are rounded on the way in, so that last-bit noise of the
arithmetic mostly stays out of versioned files.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cgaudit.errors import StaleError, shown
from cgaudit.files import replacing

if TYPE_CHECKING:
    from cgaudit.score.result import LabelScores

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

    Two tables that differ in any field but `device`, `version` and `repairs` (what the numerics had
    to mend, which comes with the data) are not comparable; those only merit a warning.
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


@dataclass(frozen=True)
class Scores:
    """A scores table and how it was computed."""

    table: pd.DataFrame
    provenance: Provenance


#: What the noise of float32 arithmetic leaves: digits after the point, or significant ones.
PROBABILITY_DECIMALS = 5
SIGNIFICANT_DIGITS = 5


def scores_frame(
    result: LabelScores, ids: Sequence[object], content_hash: Sequence[str] | None = None
) -> pd.DataFrame:
    """Lay a result out as the scores table.

    Parameters
    ----------
    result
        Scores of n samples.
    ids : sequence, length n
        Turned into text; must differ.
    content_hash : sequence of str, length n, optional

    Returns
    -------
    DataFrame
        One row per sample, sorted by id, columns as in `SCHEMA`.
    """
    columns: dict[str, object] = {
        "id": [str(name) for name in ids],
        "given_label": _texts(result.given_label),
        "predicted_label": _texts(result.predicted_label),
        "label_score": _rounded(result.label_score, PROBABILITY_DECIMALS),
        "is_label_issue": result.is_label_issue,
        "cg_score": significant(result.cg_score, SIGNIFICANT_DIGITS).astype(np.float32),
        "margin": _rounded(result.margin, PROBABILITY_DECIMALS),
        "top_labels": [_texts(row) for row in result.top_labels],
        "top_scores": list(_rounded(result.top_scores, PROBABILITY_DECIMALS)),
        "content_hash": list(content_hash) if content_hash is not None else None,
    }
    if result.per_label is not None:
        for column, name in enumerate(result.per_label.names):
            scores = result.per_label.label_score[:, column]
            columns[f"label_score_{name}"] = _rounded(scores, PROBABILITY_DECIMALS)
    frame = pd.DataFrame(columns)
    if not frame["id"].is_unique:
        twice = frame.loc[frame["id"].duplicated(), "id"]
        raise ValueError(f"ids must differ; found twice: {shown(twice)}")
    return frame.sort_values("id", ignore_index=True)


def _texts(labels: np.ndarray) -> list[str | None]:
    return [None if label is None else _text(label) for label in labels]


def _text(label: object) -> str:
    return ";".join(map(str, label)) if isinstance(label, tuple) else str(label)


def _rounded(values: np.ndarray, decimals: int) -> np.ndarray:
    # Adding 0 turns −0.0 into 0.0.
    return (np.round(values.astype(np.float64), decimals) + 0.0).astype(np.float32)


def significant(values: np.ndarray, digits: int) -> np.ndarray:
    """Round to a number of significant decimal digits; zero and NaN stay what they are.

    Parameters
    ----------
    values : ndarray of float, any shape
    digits : int

    Returns
    -------
    ndarray of float64, the same shape
    """
    wide = np.asarray(values, dtype=np.float64)
    usable = np.isfinite(wide) & (wide != 0)
    exponent = np.floor(np.log10(np.abs(wide, where=usable, out=np.ones_like(wide))))
    scale = 10.0 ** (digits - 1 - exponent)
    return np.where(usable, np.round(wide * scale) / scale, wide)


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
