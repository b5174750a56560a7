"""The two tables that every source yields: the samples, and what was seen but not used."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cgaudit.errors import SourceError
from cgaudit.files import replacing
from cgaudit.reading.files import Damage, artefact, bytes_of
from cgaudit.reading.parquet import parquet_table
from cgaudit.reading.text import csv_rows
from cgaudit.wording.csvtext import unguarded, write_rows
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
#: Beside these, where samples are boxes: the picture of each, and where it lies, in shares of it.
BOX_SCHEMA = pa.schema(
    [
        pa.field("picture", pa.string(), nullable=False),
        *(
            pa.field(name, pa.float64(), nullable=False)
            for name in ("box_left", "box_top", "box_width", "box_height")
        ),
    ]
)
BOX_COLUMNS: tuple[str, ...] = tuple(BOX_SCHEMA.names)
_MD5 = "^[0-9a-f]{32}$"


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


def boxes_table(
    boxes: Iterable[tuple[Sample, str, tuple[float, float, float, float]]],
) -> pd.DataFrame:
    """Return boxes as samples, sorted by path: their pictures and bounds stand in `BOX_COLUMNS`."""
    ordered = sorted(boxes, key=lambda box: box[0].path)
    table = samples_table(sample for sample, _, _ in ordered)
    table[BOX_COLUMNS[0]] = pd.Series([picture for _, picture, _ in ordered], dtype=object)
    for at, name in enumerate(BOX_COLUMNS[1:]):
        table[name] = [float(bounds[at]) for _, _, bounds in ordered]
    return table


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
    schema = pa.schema([*SAMPLES_SCHEMA, *(BOX_SCHEMA if BOX_COLUMNS[0] in samples else ())])
    table = pa.Table.from_pandas(samples, schema=schema, preserve_index=False)
    with replacing(path) as partial:
        pq.write_table(table.replace_schema_metadata(None), partial, compression="zstd")


def read_samples(path: Path) -> pd.DataFrame:
    """Read a samples table that `write_samples` wrote, whoever committed it since.

    Raises
    ------
    SourceError
        The file is missing, is no Parquet file, has other columns, types or gaps, or would take far
        more memory than its size accounts for.
    """
    with artefact(path, "a table of samples", "cgaudit featurize", SourceError):
        table = parquet_table(path)
        if problem := _no_samples(table):
            raise Damage(problem)
    columns = {name: table[name].to_pylist() for name in table.schema.names}
    numbers = {name: np.float64 for name in BOX_COLUMNS[1:] if name in columns}
    return pd.DataFrame(columns, dtype=object).astype(numbers)


def _no_samples(table: pa.Table) -> str | None:
    """Return why a table is none of samples, None where it is one."""
    names = table.schema.names
    if names not in (SAMPLES_SCHEMA.names, [*SAMPLES_SCHEMA.names, *BOX_COLUMNS]):
        return f"it has the columns {shown(names)}"
    for field in (field for field in (*SAMPLES_SCHEMA, *BOX_SCHEMA) if field.name in names):
        column = table[field.name]
        if column.type != field.type:
            return f"its column {field.name} holds {column.type}, not {field.type}"
        if column.null_count and not field.nullable:
            return f"its column {field.name} is empty in {column.null_count:,} rows"
    if len(table["path"].unique()) < len(table):
        return "it has a path twice"
    if not pc.all(pc.match_substring_regex(table["content_hash"], _MD5)).as_py():
        return "its column content_hash holds what is no MD5"
    return wrong_boxes(table)


def wrong_boxes(table: pa.Table) -> str | None:
    """Return what is wrong with the bounds of boxes in a table, None where nothing is."""
    names = [name for name in BOX_COLUMNS[1:] if name in table.schema.names]
    if not all(pc.all(pc.is_finite(table[name])).as_py() in (True, None) for name in names):
        return "its boxes have bounds that are no finite numbers"
    return None


def write_skipped(skipped: pd.DataFrame, path: Path) -> None:
    """Write what was skipped as CSV."""
    with replacing(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
        write_rows(file, [SKIPPED_COLUMNS])
        write_rows(file, skipped[list(SKIPPED_COLUMNS)].itertuples(index=False))


def read_skipped(path: Path, made_by: str) -> pd.DataFrame:
    """Read what `write_skipped` wrote, whoever committed it since.

    Parameters
    ----------
    path
        The file.
    made_by
        The command that writes it.

    Raises
    ------
    SourceError
        The file is missing, no CSV in UTF-8, or has other columns.
    """
    with artefact(path, "a list of what was skipped", made_by, SourceError):
        rows = [row for _, row in csv_rows(bytes_of(path))]
        if not rows or tuple(rows[0]) != SKIPPED_COLUMNS:
            raise Damage(f"its columns are not {', '.join(SKIPPED_COLUMNS)}")
        if any(len(row) != len(SKIPPED_COLUMNS) for row in rows):
            raise Damage(f"a row has not {len(SKIPPED_COLUMNS)} cells")
    cells = [list(map(unguarded, row)) for row in rows[1:]]
    return pd.DataFrame(cells, columns=list(SKIPPED_COLUMNS), dtype=object)
