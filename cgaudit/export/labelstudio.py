"""Tasks for Label Studio: each sample, its label, and the suggested one.

Formats: labelstud.io/guide/predictions and labelstud.io/guide/task_format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import numpy as np

from cgaudit.export.base import (
    Contents,
    Material,
    Pictures,
    as_json,
    class_names,
    rows,
    suggestion_score,
    xml_text,
)
from cgaudit.results.table import Provenance
from cgaudit.wording.labelsets import known_set

#: Where Label Studio serves files below its LOCAL_FILES_DOCUMENT_ROOT.
LOCAL_FILES = "/data/local-files/?d="

#: Storage whose keys are written as they are, not as URLs are.
_STORAGE = ("s3://", "gs://", "azure-blob://")

# Names of the tags in the labelling interface.
_CONTROL, _OBJECT = "label", "sample"


def label_studio(material: Material) -> Contents:
    """Return ``tasks.json``, the most suspicious sample first, and ``interface.xml``.

    The given label is an annotation, to be kept or changed; the suggested one is a prediction with
    its probability, which numbers and sets of labels have none of. The interface is the
    project's labelling setup, which both refer to.
    """
    kind, content = _content(material)
    table = material.scores.table
    worst_first = np.argsort(table["label_score"].to_numpy(), kind="stable")
    model = _model(material.scores.provenance)
    task = _number_task if material.numbers else _set_task if material.sets else _task
    tasks = (task(row, kind, content(row["path"]), model) for row in rows(table, worst_first))
    classes = None if material.numbers else class_names(table)
    interface = _interface(kind, classes, "multiple" if material.sets else "single")
    return {"tasks.json": as_json(tasks), "interface.xml": interface}


def _content(material: Material) -> tuple[str, Callable[[str], str]]:
    texts, pictures = material.texts, material.pictures
    if texts is not None:
        return "text", texts.__getitem__
    if pictures is None:
        raise ValueError("the Label Studio export takes pictures or texts")
    return "image", lambda path: _address(pictures, path)


def _address(pictures: Pictures, path: str) -> str:
    if pictures.prefix is None:
        return LOCAL_FILES + quote(f"{pictures.folder}/{path}")
    return pictures.prefix + (path if pictures.prefix.startswith(_STORAGE) else quote(path))


def _model(provenance: Provenance) -> str:
    return f"cgaudit recipe {provenance.recipe}, {provenance.featurizer}, {provenance.method}"


def _task(row: Mapping[str, Any], kind: str, content: str, model: str) -> dict[str, Any]:
    task: dict[str, Any] = {"data": _data(row, kind, content)}
    if row["given_label"] is not None:
        task["annotations"] = [{"result": [_choice(row["given_label"])]}]
    suggested = _choice(row["predicted_label"])
    score = suggestion_score(row)
    task["predictions"] = [{"model_version": model, "score": score, "result": [suggested]}]
    return task


def _data(row: Mapping[str, Any], kind: str, content: str) -> dict[str, Any]:
    shown = ("id", "given_label", "predicted_label", "label_score", "is_label_issue")
    return {kind: content, **{name: row[name] for name in shown}}


def _number_task(row: Mapping[str, Any], kind: str, content: str, model: str) -> dict[str, Any]:
    task: dict[str, Any] = {"data": _data(row, kind, content)}
    if row["value"] is not None:
        task["annotations"] = [{"result": [_number(row["value"])]}]
    task["predictions"] = [{"model_version": model, "result": [_number(row["predicted"])]}]
    return task


def _set_task(row: Mapping[str, Any], kind: str, content: str, model: str) -> dict[str, Any]:
    task: dict[str, Any] = {"data": _data(row, kind, content)}
    if row["given_label"] is not None:
        task["annotations"] = [{"result": _choices(row["given_label"])}]
    suggested = _choices(row["predicted_label"])
    task["predictions"] = [{"model_version": model, "result": suggested}]
    return task


def _choices(labels: str) -> list[dict[str, Any]]:
    """Return a set of labels as a result; nothing is chosen where none applies."""
    chosen = sorted(known_set(labels))
    return [_choice(*chosen)] if chosen else []


def _number(value: float) -> dict[str, Any]:
    return {
        "from_name": _CONTROL,
        "to_name": _OBJECT,
        "type": "number",
        "value": {"number": value},
    }


def _choice(*labels: str) -> dict[str, Any]:
    return {
        "from_name": _CONTROL,
        "to_name": _OBJECT,
        "type": "choices",
        "value": {"choices": list(labels)},
    }


def _interface(kind: str, classes: Sequence[str] | None, choice: str) -> bytes:
    """Return the labelling setup: a choice of classes, or a number where there are none."""
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, kind.capitalize(), name=_OBJECT, value=f"${kind}")
    if classes is None:
        ElementTree.SubElement(view, "Number", name=_CONTROL, toName=_OBJECT)
    else:
        choices = ElementTree.SubElement(
            view, "Choices", name=_CONTROL, toName=_OBJECT, choice=choice
        )
        for name in classes:
            ElementTree.SubElement(choices, "Choice", value=xml_text(name))
    ElementTree.indent(view)
    xml: bytes = ElementTree.tostring(view, encoding="utf-8")
    return xml + b"\n"
