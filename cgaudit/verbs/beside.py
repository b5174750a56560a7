"""What lies beside the scores and is told of in the same report, where it is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from cgaudit.dynamics import read_dynamics
from cgaudit.imported import read_imported
from cgaudit.pages.audit import dynamics_section, imported_section, selection_section
from cgaudit.project import Outputs
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


def beside_scores(outputs: Outputs, scores: pd.DataFrame) -> Beside:
    """Return what the report says of what other commands made of the same scores.

    What was made of other scores is left out, and said: it would tell of samples as they were.

    Parameters
    ----------
    outputs
        Where it lies.
    scores
        The scores table.

    Raises
    ------
    StaleError
        Something is there and damaged.
    """
    beside = Beside()
    made_from = digest(outputs.scores)
    if outputs.selection.exists():
        selection = read_selection(outputs.selection)
        points = read_curve(outputs.curve)
        if selection.made.scores == made_from:
            beside.sections["selection"] = selection_section(selection, points)
        else:
            beside.notes.append(_stale(outputs.selection, "cgaudit select"))
    if outputs.dynamics.exists():
        dynamics = read_dynamics(outputs.dynamics)
        if dynamics.facts.scores == made_from:
            beside.sections["dynamics"] = dynamics_section(dynamics, scores)
        else:
            beside.notes.append(_stale(outputs.dynamics, "cgaudit dynamics LOG"))
    if outputs.imported.exists():
        imported = read_imported(outputs.imported)
        if imported.facts.scores == made_from:
            beside.sections["imported"] = imported_section(imported, scores)
        else:
            beside.notes.append(_stale(outputs.imported, "cgaudit import TABLE"))
    return beside


def _stale(path: Path, command: str) -> str:
    return f"{path} was made of other scores: the report leaves it out. Run `{command}`."
