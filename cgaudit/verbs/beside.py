"""What lies beside the scores and is told of in the same report, where it is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from cgaudit.dynamics import MEASURES, read_dynamics
from cgaudit.imported import read_imported
from cgaudit.pages.audit import dynamics_section, imported_section, selection_section
from cgaudit.project import Outputs
from cgaudit.results.overview import Overview
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
    tables
        Columns of numbers, by the ids of the samples, that the desk sorts and filters by.
    """

    sections: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    tables: list[pd.DataFrame] = field(default_factory=list)

    @property
    def columns(self) -> pd.DataFrame | None:
        """The columns of all tables side by side; None where there are none."""
        return pd.concat(self.tables, axis=1) if self.tables else None


def beside_scores(outputs: Outputs, scores: Overview) -> Beside:
    """Return what the report says of what other commands made of the same scores.

    What was made of other scores is left out, and said: it would tell of samples as they were.

    Parameters
    ----------
    outputs
        Where it lies.
    scores
        The scores.

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
        found = kind.read(outputs, scores)
        if found.of == made_from:
            beside.sections[path.stem] = found.section()
            beside.tables += [] if found.columns is None else [found.columns]
        else:
            beside.notes.append(
                f"{path} was made of other scores: the report leaves it out. Run `{kind.command}`."
            )
    return beside


class _Found(NamedTuple):
    """What was read: the scores it is of, what makes its section, its columns of numbers by id."""

    of: str
    section: Callable[[], Any]
    columns: pd.DataFrame | None = None


class _Kind(NamedTuple):
    """Something that may lie there: where, what makes it, and how it is read.

    The section has the name of the file.
    """

    path: Callable[[Outputs], Path]
    command: str
    read: Callable[[Outputs, Overview], _Found]


def _selection(outputs: Outputs, scores: Overview) -> _Found:
    selection, points = read_selection(outputs.selection), read_curve(outputs.curve)
    return _Found(selection.made.scores, partial(selection_section, selection, points))


def _dynamics(outputs: Outputs, scores: Overview) -> _Found:
    dynamics = read_dynamics(outputs.dynamics)
    section = partial(dynamics_section, dynamics, scores)
    return _Found(dynamics.facts.scores, section, _by_id(dynamics.table, MEASURES))


def _imported(outputs: Outputs, scores: Overview) -> _Found:
    imported = read_imported(outputs.imported)
    section = partial(imported_section, imported, scores)
    return _Found(imported.facts.scores, section, _by_id(imported.table, imported.columns))


def _by_id(table: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    return table.set_index(table["id"].astype(str))[list(columns)]


_KINDS = (
    _Kind(attrgetter("selection"), "cgaudit select", _selection),
    _Kind(attrgetter("dynamics"), "cgaudit dynamics LOG", _dynamics),
    _Kind(attrgetter("imported"), "cgaudit import TABLE", _imported),
)
