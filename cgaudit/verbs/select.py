"""`cgaudit select`: which part of the data to keep, or to label first."""

from __future__ import annotations

from cgaudit.errors import StaleError
from cgaudit.featurize import open_store
from cgaudit.files import write_json
from cgaudit.params import Params
from cgaudit.pipeline.inputs import refuse_elsewhere
from cgaudit.pipeline.kept import earlier_selection
from cgaudit.pipeline.select import select_samples
from cgaudit.progress import Progress
from cgaudit.project import Project
from cgaudit.results.table import digest, read_scores
from cgaudit.selection import curve_rows, write_selection


def select(project: Project, params: Params, progress: Progress | None = None) -> list[str]:
    """Write which samples are kept and what parts of the data would reach; return what to tell.

    Raises
    ------
    StaleError
        Scores or features are missing, damaged, or not made together.
    ParamsError
        The rule does not fit what it is to choose among.
    LabelsError
        There is nothing to choose among.
    """
    refuse_elsewhere(project)
    outputs = project.outputs
    scores, store = read_scores(outputs.scores), open_store(outputs.features)
    if store.meta.fingerprint != scores.provenance.featurizer_fingerprint:
        raise StaleError(
            f"{outputs.features} was made by another featurizer than {outputs.scores}. Run "
            "`cgaudit score` again."
        )
    found = select_samples(
        params,
        scores,
        store,
        digest(outputs.scores),
        earlier_selection(project) if params.select.stable else None,
        progress,
    )
    write_selection(found.selection, outputs.selection)
    write_json(curve_rows(found.curve, found.selection.made.dropped_flagged), outputs.curve)
    return found.notes
