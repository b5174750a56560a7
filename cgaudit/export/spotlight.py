"""A table for Renumics Spotlight: the scores beside the pictures or the texts.

Format: renumics.com/docs, "Loading data" and "Data types": a Parquet file, and the type of each
column that cannot be told by its values.
"""

from __future__ import annotations

import io

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cgaudit.export.base import Contents, Material, as_json

#: Columns of the scores that Spotlight would not know what to do with.
_LISTS = ("top_labels", "top_scores")
#: Columns whose values are names of classes or the like.
_CATEGORIES = ("given_label", "predicted_label", "split")


def spotlight(material: Material) -> Contents:
    """Return ``table.parquet`` and ``dtypes.json``, what `spotlight.show` takes as ``dtype``.

    Pictures stay where they are; their paths are seen from the folder of the table.
    """
    table = material.scores.table.drop(columns=list(_LISTS))
    dtypes = {name: "Category" for name in _CATEGORIES if name in table}
    if material.pictures is not None:
        folder = material.pictures.from_out
        table = table.assign(image=[f"{folder}/{path}" for path in table["path"]])
        dtypes["image"] = "Image"
    if material.texts is not None:
        table = table.assign(text=[material.texts[path] for path in table["path"]])
        dtypes["text"] = "str"
    return {"table.parquet": _parquet(table), "dtypes.json": as_json(dtypes)}


def _parquet(table: pd.DataFrame) -> bytes:
    made = pa.Table.from_pandas(table, preserve_index=False)
    file = io.BytesIO()
    # What pandas was, and its version, is nobody's concern: the same table gives the same bytes.
    pq.write_table(made.replace_schema_metadata(None), file, compression="zstd")
    return file.getvalue()
