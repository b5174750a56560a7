"""`cgaudit import`: scores of other tools, beside ours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cgaudit.errors import LabelsError, TableError
from cgaudit.files import refuse_special
from cgaudit.imported import PREFIX, Imported, ImportFacts, read_values, write_imported
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
    place = {name: row for row, name in enumerate(scores["id"])}
    columns: dict[str, np.ndarray] = {}
    notes: list[str] = []
    unknown, infinite, found = set[str](), 0, np.zeros(len(scores), dtype=bool)
    for called, path in tables:
        read = read_values(path, id_column)
        at = np.array([place.get(name, -1) for name in read.ids], dtype=np.int64)
        if not (at >= 0).any():
            raise LabelsError(
                f"No id of {path} is one of the samples: it has {shown(read.ids[:3])}, the scores "
                f"have {shown(scores['id'].head(3))}. Write the ids that the scores have."
            )
        for name, values in read.values.items():
            column = f"{PREFIX}{called}_{name}" if called else f"{PREFIX}{name}"
            if column in columns:
                raise TableError(
                    f"{path}: there already is a column '{visible(column)}'. Call the tables "
                    f"otherwise: `cgaudit import first=FILE second={path.name}`."
                )
            columns[column] = np.full(len(scores), np.nan)
            columns[column][at[at >= 0]] = values[at >= 0]
        found[at[at >= 0]] = True
        unknown |= {name for name, row in zip(read.ids, at, strict=True) if row < 0}
        infinite += read.n_infinite
        notes += [f"{path}: {note}" for note in read.notes]
        if read.left_out:
            notes.append(f"{path}: columns that hold no numbers: {shown(read.left_out)}: left out")
        if read.n_nameless:
            notes.append(f"{path}: {plural(read.n_nameless, 'row')} without an id: left out")
    facts = ImportFacts(
        n_unknown=len(unknown),
        n_without=int((~found).sum()),
        n_infinite=infinite,
        scores=digest(outputs.scores),
    )
    table = scores[["id", "content_hash", "given_label"]].assign(**columns)
    write_imported(Imported(table, facts), outputs.imported)
    return [
        f"Columns: {shown(columns)}.",
        *notes,
        *_lost(facts),
        *_gaps(columns, found),
        f"Wrote {outputs.imported}.",
    ]


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
