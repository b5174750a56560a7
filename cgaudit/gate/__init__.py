"""A gate: limits on label quality, and what a version of the data makes of them."""

from cgaudit.gate.limits import check, check_revisions
from cgaudit.gate.show import check_markdown, check_text, github_annotations, junit_xml

__all__ = [
    "check",
    "check_markdown",
    "check_revisions",
    "check_text",
    "github_annotations",
    "junit_xml",
]
