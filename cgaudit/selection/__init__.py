"""Which part of the data to keep, or to label first."""

from cgaudit.selection.candidates import Candidates
from cgaudit.selection.choose import Selecting, choose
from cgaudit.selection.curve import Arm, Curve, curve
from cgaudit.selection.rules import RULES
from cgaudit.selection.table import (
    CurvePoint,
    Made,
    Selection,
    curve_rows,
    read_curve,
    read_selection,
    write_selection,
)

__all__ = [
    "RULES",
    "Arm",
    "Candidates",
    "Curve",
    "CurvePoint",
    "Made",
    "Selecting",
    "Selection",
    "choose",
    "curve",
    "curve_rows",
    "read_curve",
    "read_selection",
    "write_selection",
]
