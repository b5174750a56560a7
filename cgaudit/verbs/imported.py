"""`cgaudit import`: scores of other tools, beside ours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from cgaudit.errors import LabelsError, TableError
from cgaudit.files import refuse_special
from cgaudit.imported import PREFIX, Imported, ImportFacts, Read, read_values, write_imported
from cgaudit.pipeline.inputs import refuse_elsewhere
from cgaudit.project import Project
from cgaudit.results.table import digest, read_scores
from cgaudit.wording.numbers import plural
from cgaudit.wording.text import shown, visible


def import_scores(
    project: Project, tables: Sequence[tuple[str, Path]], id_column: str | None = None
) -> list[str]:
    """Write columns of other tools beside the scores; return what to tell.

    Parameters
    ----------
    project
        Has the scores.
    tables
        What each is called, empty for nothing, and where it lies.
    id_column
        Of the tables; guessed where None.

    Raises
    ------
    StaleError
        There are no scores.
    InputError, TableError, ColumnError
        There is no such table, or two give one column.
    LabelsError
        No row is of a sample of the scores.
    """
    refuse_elsewhere(project)
    refuse_special(*(path for _, path in tables))
    outputs = project.outputs
    scores = read_scores(outputs.scores).table
    taken = _Taken(scores["id"])
    for called, path in tables:
        taken.add(called, path, id_column)
    facts = taken.facts(digest(outputs.scores))
    table = scores[["id", "content_hash", "given_label"]].assign(**taken.columns)
    write_imported(Imported(table, facts), outputs.imported)
    return [
        f"Columns: {shown(taken.columns)}.",
        *taken.notes,
        *_lost(facts),
        *_gaps(taken.columns, taken.found),
        f"Wrote {outputs.imported}.",
    ]


class _Taken:
    """What is taken of the tables, for n samples.

    Attributes
    ----------
    columns
        The values of each, (n,); NaN where there is none.
    found
        Which samples a table has, (n,).
    notes
        What to tell of the tables.
    """

    def __init__(self, ids: pd.Series[str]) -> None:
        self.columns: dict[str, np.ndarray] = {}
        self.found = np.zeros(len(ids), dtype=bool)
        self.notes: list[str] = []
        self._ids, self._unknown, self._infinite = ids, set[str](), 0
        self._place = {name: row for row, name in enumerate(ids)}

    def add(self, called: str, path: Path, id_column: str | None) -> None:
        """Take the columns of one table."""
        read = read_values(path, id_column)
        at = np.array([self._place.get(name, -1) for name in read.ids], dtype=np.int64)
        known = at >= 0
        if not known.any():
            raise LabelsError(
                f"No id of {path} is one of the samples: it has {shown(read.ids[:3])}, the scores "
                f"have {shown(self._ids.head(3))}. Write the ids that the scores have."
            )
        for name, values in read.values.items():
            column = self._new(f"{PREFIX}{called}_{name}" if called else f"{PREFIX}{name}", path)
            column[at[known]] = values[known]
        self.found[at[known]] = True
        self._unknown |= {name for name, there in zip(read.ids, known, strict=True) if not there}
        self._infinite += read.n_infinite
        self.notes += [f"{path}: {note}" for note in _of_table(read)]

    def _new(self, name: str, path: Path) -> np.ndarray:
        if name in self.columns:
            raise TableError(
                f"{path}: there already is a column '{visible(name)}'. Call the tables otherwise: "
                f"`cgaudit import first=FILE second={path.name}`."
            )
        return self.columns.setdefault(name, np.full(len(self.found), np.nan))

    def facts(self, scores: str) -> ImportFacts:
        """Return what was lost, for scores of this digest."""
        return ImportFacts(
            n_unknown=len(self._unknown),
            n_without=int((~self.found).sum()),
            n_infinite=self._infinite,
            scores=scores,
        )


def _of_table(read: Read) -> list[str]:
    notes = list(read.notes)
    if read.left_out:
        notes.append(f"columns that hold no numbers: {shown(read.left_out)}: left out")
    if read.n_nameless:
        notes.append(f"{plural(read.n_nameless, 'row')} without an id: left out")
    return notes


def _lost(facts: ImportFacts) -> list[str]:
    notes = []
    if facts.n_unknown:
        notes.append(f"{plural(facts.n_unknown, 'id')} of no sample: left out")
    if facts.n_without:
        notes.append(f"{plural(facts.n_without, 'sample')} in no table")
    if facts.n_infinite:
        notes.append(f"{plural(facts.n_infinite, 'cell')} with no finite number: taken as empty")
    return notes


def _gaps(columns: dict[str, np.ndarray], found: np.ndarray) -> list[str]:
    gaps = {name: int(np.isnan(values[found]).sum()) for name, values in columns.items()}
    return [
        f"column '{visible(name)}': {plural(count, 'row')} without a value"
        for name, count in gaps.items()
        if count
    ]
