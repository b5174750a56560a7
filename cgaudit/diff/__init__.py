"""What a change to the data did to the quality of its labels."""

from cgaudit.diff.compare import compare
from cgaudit.diff.match import look_like_paths, match
from cgaudit.diff.show import diff_markdown, diff_text, headline
from cgaudit.diff.versions import Version, diff_revisions, diff_versions, read_version

__all__ = [
    "Version",
    "compare",
    "diff_markdown",
    "diff_revisions",
    "diff_text",
    "diff_versions",
    "headline",
    "look_like_paths",
    "match",
    "read_version",
]
