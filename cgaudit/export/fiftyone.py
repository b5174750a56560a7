"""A FiftyOneImageClassificationDataset.

Format: docs.voxel51.com, "Importing data into FiftyOne", "FiftyOne Image Classification". The
pictures stay where they are: a manifest names them instead of a folder of copies.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import Any

from cgaudit.errors import ExportError
from cgaudit.export.base import Contents, Material, Members, as_json, class_names, rows

#: Columns that become attributes of the label.
ATTRIBUTES = ("predicted_label", "is_label_issue", "cg_score", "margin")


def fiftyone(material: Material) -> Contents:
    """Return ``labels.json`` and ``data.json``, the manifest of the pictures.

    Import with ``data_path="data.json"``: FiftyOne does not look for a manifest by itself.

    Each label has the label score as its confidence, and the suggestion as an attribute; a sample
    without a label has none.

    Raises
    ------
    ExportError
        Two pictures differ by their suffix alone: FiftyOne names them without it.
    """
    pictures = material.pictures
    if pictures is None:
        raise ValueError("the FiftyOne export takes pictures")
    table = material.scores.table
    _refuse_alike(table["path"])
    classes = class_names(table)
    number = {name: index for index, name in enumerate(classes)}
    labels = ((posixpath.splitext(row["path"])[0], _label(row, number)) for row in rows(table))
    manifest = ((path, f"{pictures.from_out}/{path}") for path in table["path"])
    return {
        "labels.json": as_json({"classes": classes, "labels": Members(labels)}),
        "data.json": as_json(Members(manifest)),
    }


def _refuse_alike(paths: Iterable[str]) -> None:
    names: set[str] = set()
    for path in paths:
        name, _ = posixpath.splitext(path)
        if name in names:
            raise ExportError(
                f"{path} and another picture differ by their suffix alone, and FiftyOne names "
                "pictures without it. Rename one of them."
            )
        names.add(name)


def _label(row: Mapping[str, Any], number: Mapping[str, int]) -> dict[str, Any] | None:
    if row["given_label"] is None:
        return None
    return {
        "label": number[row["given_label"]],
        "confidence": row["label_score"],
        "attributes": {name: row[name] for name in ATTRIBUTES},
    }
