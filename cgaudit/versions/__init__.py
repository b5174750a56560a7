"""Two versions of the data: read, matched sample by sample, compared, put in order."""

from cgaudit.versions.change import compare_versions, diff_versions
from cgaudit.versions.compare import compare
from cgaudit.versions.match import match
from cgaudit.versions.numbers import usual_change
from cgaudit.versions.order import UNTOUCHED, by_concern
from cgaudit.versions.presence import data_gaps, set_absent_apart
from cgaudit.versions.read import (
    OpenedVersion,
    Pair,
    Version,
    opened_version,
    read_pair,
    read_version,
    read_versions,
)
from cgaudit.versions.verdict import silenced_warnings

__all__ = [
    "UNTOUCHED",
    "OpenedVersion",
    "Pair",
    "Version",
    "by_concern",
    "compare",
    "compare_versions",
    "data_gaps",
    "diff_versions",
    "match",
    "opened_version",
    "read_pair",
    "read_version",
    "read_versions",
    "set_absent_apart",
    "silenced_warnings",
    "usual_change",
]
