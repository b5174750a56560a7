"""Boxes in pictures as annotation files hold them: read from bytes, written back byte for byte.

A format is one file here. It knows bytes alone: which files there are, and which picture a name
means, is for `cgaudit.dataset` to say.
"""

from cgaudit.annotations.box import Annotated, Box, Decided, Edit, edited
from cgaudit.annotations.formats import FORMATS, Format, FormatName, sort_of
from cgaudit.annotations.xmltext import NOT_XML
from cgaudit.annotations.yolo import NAME_FILES, class_names

__all__ = [
    "FORMATS",
    "NAME_FILES",
    "NOT_XML",
    "Annotated",
    "Box",
    "Decided",
    "Edit",
    "Format",
    "FormatName",
    "class_names",
    "edited",
    "sort_of",
]
