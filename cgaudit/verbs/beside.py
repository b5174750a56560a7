"""What lies beside the scores and is told of in the same report, where it is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cgaudit.pages.audit import selection_section
from cgaudit.project import Outputs
from cgaudit.reading.files import bytes_of
from cgaudit.results.table import digest
from cgaudit.selection import read_curve, read_selection


@dataclass
class Beside:
    """What is told.

    Attributes
    ----------
    sections
        Of the report, by their names.
    notes
        What is left out, and why.
    """

    sections: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def beside_scores(outputs: Outputs) -> Beside:
    """Return what the report says of what other commands made of the same scores.

    What was made of other scores is left out, and said: it would tell of samples as they were.

    Raises
    ------
    StaleError
        Something is there and damaged.
    """
    beside = Beside()
    if outputs.selection.exists():
        selection = read_selection(outputs.selection)
        if selection.made.scores == digest(bytes_of(outputs.scores)):
            points = read_curve(outputs.curve)
            beside.sections["selection"] = selection_section(selection, points)
        else:
            beside.notes.append(
                f"{outputs.selection} was made of other scores: the report leaves it out. Run "
                "`cgaudit select`."
            )
    return beside
