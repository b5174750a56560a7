"""The two tables that every source yields: the samples, and what was seen but not used."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cgaudit.errors import SourceError
from cgaudit.files import csv_text, replacing, write_text
from cgaudit.wording.text import shown

OnError = Literal["skip", "fail"]

SAMPLES_SCHEMA = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("content_hash", pa.string(), nullable=False),
        pa.field("folder_label", pa.string()),
        pa.field("split", pa.string()),
        pa.field("id", pa.string()),
    ]
)
SKIPPED_COLUMNS = ("id", "reason")


class Sample(NamedTuple):
    """One row of the samples table.

    Attributes
    ----------
    path
        The file relative to the source, with forward slashes; the row number, as text, where the
        source is one file of rows.
    content_hash
        MD5 of the content, in hex.
    folder_label
        The label that the source itself gives: the folder's name, or the label stored with the
        row. None where there is none.
    split
        ``train``, ``val``, … where folders of that name lie above the labels.
    id
        The id that the source itself gives to the row; None for files.
    """

    path: str
    content_hash: str
    folder_label: str | None = None
    split: str | None = None
    id: str | None = None


class Skip(NamedTuple):
    """Something that was seen and not used, and why."""

    id: str
    reason: str


def samples_table(samples: Iterable[Sample]) -> pd.DataFrame:
    """Return the samples sorted by path: a column per field of `Sample`, text or None."""
    ordered = sorted(samples, key=lambda sample: sample.path)
    return pd.DataFrame(ordered, columns=list(Sample._fields), dtype=object)


def skipped_table(skips: Iterable[Skip]) -> pd.DataFrame:
    """Return what was skipped, sorted: columns ``id`` and ``reason``."""
    return pd.DataFrame(sorted(skips), columns=list(SKIPPED_COLUMNS), dtype=object)


def refuse_skips(skipped: pd.DataFrame, on_error: OnError) -> None:
    """Raise SourceError where anything was skipped and ``on_error`` is ``"fail"``."""
    if on_error == "skip" or skipped.empty:
        return
    first = [f"{row.id!r}: {row.reason}" for row in skipped.head(5).itertuples()]
    more = [f"and {len(skipped) - 5} more"] if len(skipped) > 5 else []
    raise SourceError(
        f"{len(skipped)} samples cannot be used, and on_error is 'fail':",
        *(f"  {reason}" for reason in [*first, *more]),
        "Mend or remove them, or set on_error to 'skip' to list them and go on.",
    )


def write_samples(samples: pd.DataFrame, path: Path) -> None:
    """Write a samples table to Parquet; the same table gives the same bytes."""
    table = pa.Table.from_pandas(samples, schema=SAMPLES_SCHEMA, preserve_index=False)
    with replacing(path) as partial:
        pq.write_table(table.replace_schema_metadata(None), partial, compression="zstd")


def read_samples(path: Path) -> pd.DataFrame:
    """Read a samples table that `write_samples` wrote.

    Raises
    ------
    SourceError
        The file is missing, is no Parquet file, or has other columns.
    """
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise SourceError(
            f"{path} is no readable table of samples ({error}). Run `cgaudit featurize` again."
        ) from None
    if table.schema.names != SAMPLES_SCHEMA.names:
        raise SourceError(
            f"{path} has the columns {shown(table.schema.names)}, not those of a table of samples. "
            "Run `cgaudit featurize` again."
        )
    columns = {name: table[name].to_pylist() for name in table.schema.names}
    return pd.DataFrame(columns, dtype=object)


def write_skipped(skipped: pd.DataFrame, path: Path) -> None:
    """Write what was skipped as CSV."""
    rows = skipped[list(SKIPPED_COLUMNS)].itertuples(index=False)
    write_text(csv_text([SKIPPED_COLUMNS, *rows]), path)


def read_skipped(path: Path) -> pd.DataFrame:
    """Read what `write_skipped` wrote."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return pd.DataFrame(rows[1:], columns=list(SKIPPED_COLUMNS), dtype=object)
