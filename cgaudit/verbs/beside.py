"""What lies beside the scores and is told of in the same report, where it is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

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
    there = [kind for kind in _KINDS if kind.path(outputs).exists()]
    made_from = digest(outputs.scores) if there else ""
    for kind in there:
        path = kind.path(outputs)
        of, section = kind.read(outputs, scores)
        if of == made_from:
            beside.sections[path.stem] = section()
        else:
            beside.notes.append(
                f"{path} was made of other scores: the report leaves it out. Run `{kind.command}`."
            )
    return beside


class _Kind(NamedTuple):
    """Something that may lie there: where, what makes it, and the scores it is of with its section.

    The section has the name of the file.
    """

    path: Callable[[Outputs], Path]
    command: str
    read: Callable[[Outputs, pd.DataFrame], tuple[str, Callable[[], Any]]]


def _selection(outputs: Outputs, scores: pd.DataFrame) -> tuple[str, Callable[[], Any]]:
    selection, points = read_selection(outputs.selection), read_curve(outputs.curve)
    return selection.made.scores, partial(selection_section, selection, points)


def _dynamics(outputs: Outputs, scores: pd.DataFrame) -> tuple[str, Callable[[], Any]]:
    dynamics = read_dynamics(outputs.dynamics)
    return dynamics.facts.scores, partial(dynamics_section, dynamics, scores)


def _imported(outputs: Outputs, scores: pd.DataFrame) -> tuple[str, Callable[[], Any]]:
    imported = read_imported(outputs.imported)
    return imported.facts.scores, partial(imported_section, imported, scores)


_KINDS = (
    _Kind(attrgetter("selection"), "cgaudit select", _selection),
    _Kind(attrgetter("dynamics"), "cgaudit dynamics LOG", _dynamics),
    _Kind(attrgetter("imported"), "cgaudit import TABLE", _imported),
)
