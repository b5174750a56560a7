"""Tags for CVAT, in its own format "CVAT for images 1.1".

Format: docs.cvat.ai/docs/other/xml_format. CVAT finds an image by its name, else by its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any
from xml.etree import ElementTree

import numpy as np

from cgaudit.export.base import Contents, Material, as_json, class_names, rows, xml_text

#: Attributes of a tag; CVAT leaves out those that the task's labels do not have.
ATTRIBUTES = ("suggested_label", "label_score", "is_label_issue")


def cvat(material: Material) -> Contents:
    """Return ``annotations.xml``, and ``labels.json`` for the task's label constructor.

    The given label is a tag; the suggestion and the scores are its attributes, so that importing
    labels nothing anew. A sample without a label has no tag.
    """
    pictures = material.pictures
    if pictures is None:
        raise ValueError("the CVAT export takes pictures")
    table = material.scores.table
    classes = class_names(table)
    # CVAT numbers the images of a task by their names.
    by_name = table["path"].argsort(kind="stable").to_numpy()
    # All are read before anything is written: one that cannot be stops the export.
    sizes = np.array([pictures.size(path) for path in table["path"]], np.int32).reshape(-1, 2)
    images = (
        _image(number, row, (width, height))
        for number, (row, (width, height)) in enumerate(
            zip(rows(table, by_name), sizes[by_name].tolist(), strict=True)
        )
    )
    head = (_version(), _meta(classes, len(table)))
    return {
        "annotations.xml": _annotations(chain(head, images)),
        "labels.json": as_json(_constructor(classes)),
    }


def _annotations(elements: Iterable[ElementTree.Element]) -> Iterator[bytes]:
    yield b"<?xml version='1.0' encoding='utf-8'?>\n<annotations>"
    for element in elements:
        ElementTree.indent(element, level=1)
        yield b"\n  " + ElementTree.tostring(element, encoding="utf-8")
    yield b"\n</annotations>\n"


def _version() -> ElementTree.Element:
    version = ElementTree.Element("version")
    version.text = "1.1"
    return version


def _meta(classes: Sequence[str], n_images: int) -> ElementTree.Element:
    meta = ElementTree.Element("meta")
    task = ElementTree.SubElement(meta, "task")
    ElementTree.SubElement(task, "size").text = str(n_images)
    ElementTree.SubElement(task, "mode").text = "annotation"
    labels = ElementTree.SubElement(task, "labels")
    for name in classes:
        label = ElementTree.SubElement(labels, "label")
        ElementTree.SubElement(label, "name").text = xml_text(name)
        ElementTree.SubElement(label, "type").text = "tag"
        attributes = ElementTree.SubElement(label, "attributes")
        for each in ATTRIBUTES:
            attribute = ElementTree.SubElement(attributes, "attribute")
            ElementTree.SubElement(attribute, "name").text = each
            ElementTree.SubElement(attribute, "mutable").text = "False"
            ElementTree.SubElement(attribute, "input_type").text = "text"
            ElementTree.SubElement(attribute, "default_value")
            ElementTree.SubElement(attribute, "values")
    return meta


def _image(number: int, row: Mapping[str, Any], size: tuple[int, int]) -> ElementTree.Element:
    width, height = map(str, size)
    name = xml_text(row["path"])
    image = ElementTree.Element("image", id=str(number), name=name, width=width, height=height)
    if row["given_label"] is None:
        return image
    tag = ElementTree.SubElement(image, "tag", label=xml_text(row["given_label"]), source="manual")
    values = (row["predicted_label"], row["label_score"], str(row["is_label_issue"]).lower())
    for each, value in zip(ATTRIBUTES, values, strict=True):
        ElementTree.SubElement(tag, "attribute", name=each).text = xml_text(str(value))
    return image


def _constructor(classes: Sequence[str]) -> list[dict[str, Any]]:
    attributes = [
        {"name": each, "mutable": False, "input_type": "text", "default_value": "", "values": [""]}
        for each in ATTRIBUTES
    ]
    return [{"name": name, "type": "tag", "attributes": attributes} for name in classes]
