"""A comparison in the order in which it is looked at."""

from __future__ import annotations

from collections.abc import Iterable

from cgaudit.results.change import ClassChange, Diff, Issue, Relabelled

_VERDICTS = ("contradicted", "undecided", "supported", "renamed")

#: Label and content are what they were: a score that moved, moved because of the neighbours.
UNTOUCHED = frozenset({"moved", "unchanged"})


def by_concern(diff: Diff) -> Diff:
    """Return the comparison with its lists in the order in which they are shown.

    What needs a look comes first: of the relabelled those that are contradicted, of the label
    issues those that the change itself made or mended. Of the classes only those that were touched
    are left.
    """
    issues = diff["issues"]
    return {
        **diff,
        "relabelled": sorted(diff["relabelled"], key=_by_verdict),
        "issues": {
            **issues,
            "introduced": sorted(issues["introduced"], key=_by_cause),
            "resolved": sorted(issues["resolved"], key=_by_cause),
        },
        "classes": _touched(diff["classes"]),
    }


def _by_verdict(row: Relabelled) -> tuple[bool, int, float, str]:
    """Order by what needs a look: contradicted and most so first, reviewed last."""
    support = row["support"] if row["support"] is not None else 0.0
    return row["reviewed"], _VERDICTS.index(row["verdict"]), support, row["id"]


def _by_cause(row: Issue) -> tuple[bool, float, str]:
    score = row["label_score_b"] if row["label_score_b"] is not None else 1.0
    return row["kind"] in UNTOUCHED, score, row["id"]


def _touched(classes: Iterable[ClassChange]) -> list[ClassChange]:
    """Return the classes that gained or lost samples or issues, the most touched first."""

    def weight(row: ClassChange) -> int:
        return row["relabelled_to"] + row["relabelled_from"] + row["added"] + row["removed"]

    touched = [row for row in classes if weight(row) or row["issues_a"] != row["issues_b"]]
    return sorted(touched, key=lambda row: (-weight(row), row["label"]))
