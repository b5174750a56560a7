"""Boxes in pictures as samples: found, placed in their pictures, cut out."""

from cgaudit.dataset.sources.boxes.crop import Bounds, crop
from cgaudit.dataset.sources.boxes.found import (
    ANNOTATION_SUFFIXES,
    Annotations,
    find_annotations,
)
from cgaudit.dataset.sources.boxes.source import BoxSource, PlacedBox, open_boxes

__all__ = [
    "ANNOTATION_SUFFIXES",
    "Annotations",
    "Bounds",
    "BoxSource",
    "PlacedBox",
    "crop",
    "find_annotations",
    "open_boxes",
]
