"""What a change to the data did to the quality of its labels."""

from cgaudit.diff.compare import compare
from cgaudit.diff.match import look_like_paths, match
from cgaudit.diff.show import by_concern, diff_markdown, diff_text, headline
from cgaudit.diff.versions import (
    Version,
    compare_versions,
    diff_revisions,
    diff_versions,
    read_version,
    read_versions,
)

__all__ = [
    "Version",
    "by_concern",
    "compare",
    "compare_versions",
    "diff_markdown",
    "diff_revisions",
    "diff_text",
    "diff_versions",
    "headline",
    "look_like_paths",
    "match",
    "read_version",
    "read_versions",
]
