"""The metrics that are followed over the versions, and what is counted between two of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple


class Figure(NamedTuple):
    """A metric that is followed over the versions.

    Attributes
    ----------
    key
        Its name in summary.json.
    name
        What people call it.
    means
        What is good, or what it is.
    form
        How it is written.
    """

    key: str
    name: str
    means: str
    form: Literal["count", "share", "number"]


#: What was done to samples between two versions, counted where the scores are opened.
MOVES = ("added", "removed", "relabelled")

#: In the order in which they are shown.
FIGURES = (
    Figure("n_samples", "samples", "How many samples the version has.", "count"),
    Figure("n_label_issues", "issues", "How many labels are flagged.", "count"),
    Figure("label_issue_rate", "issue rate", "The flagged share. Lower is better.", "share"),
    Figure("label_quality", "label quality", "The mean label_score. 1 is best.", "number"),
    Figure("complexity", "complexity", "How irregular the labelling is as a whole.", "number"),
)

#: Of versions whose labels are numbers, behind the others.
FIGURES_OF_NUMBERS = (
    Figure(
        "typical_residual",
        "typical residual",
        "Half of the values are nearer than this to what the rest of the data says.",
        "number",
    ),
)


def followed(versions: Sequence[Mapping[str, Any]]) -> list[Figure]:
    """Return the figures that are followed over some versions, in the order to show them."""
    numbers = (
        it for it in FIGURES_OF_NUMBERS if any(row.get(it.key) is not None for row in versions)
    )
    return [*FIGURES, *numbers]
