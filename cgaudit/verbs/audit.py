"""`cgaudit audit`: all stages at once, without DVC."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from cgaudit.dataset import open_source, write_skipped
from cgaudit.files import refuse_inputs, refuse_special, write_json
from cgaudit.params import Params
from cgaudit.paramsfile import asked_of
from cgaudit.pipeline.afresh import featurize_afresh
from cgaudit.pipeline.score import score_samples
from cgaudit.progress import Announce, Progress
from cgaudit.project import NAMED, Project
from cgaudit.results.audited import Audited
from cgaudit.results.form import form_for
from cgaudit.results.reading import readings_in_words
from cgaudit.results.table import write_scores
from cgaudit.review import reviews_at
from cgaudit.verbs.report import Told, build_page, write_page
from cgaudit.wording.numbers import plural


def audit(
    params: Params,
    out: Path,
    progress: Mapping[str, Progress],
    announce: Announce | None = None,
) -> Audited:
    """Do all of it on any labelled data, without DVC; only the results are kept.

    Parameters
    ----------
    params
        What params.yaml would hold; no featurizer state is needed, it is fitted on the data.
    out
        The folder to write scores.parquet, summary.json, skipped.csv and index.html to, and
        audit.json, by which `apply` and `export` know what was audited.
    progress
        Functions to tell of the work, under ``"featurize"`` and ``"score"``.
    announce
        Told what scoring will take, before it starts.
    """
    # What the user named is seen from where they are.
    project = Project(Path(), audited=out)
    outputs = project.outputs
    inputs = [Path(name) for name in (params.source.path, params.source.labels) if name]
    refuse_special(*inputs, project.reviewed)
    scores = (outputs.scores, outputs.score_parts)
    written = (*scores, outputs.skipped, outputs.summary, outputs.page, outputs.asked)
    refuse_inputs(written, inputs)
    source = open_source(params.source, sets=params.sets)
    reviewed = reviews_at(project.reviewed)
    with tempfile.TemporaryDirectory(prefix="cgaudit-") as scratch:
        featurized = featurize_afresh(params, source, Path(scratch), progress["featurize"])
        audited = score_samples(
            project, params, featurized, progress["score"], announce=announce, reviewed=reviewed
        )
        page = build_page(params, Told.of(audited), source, featurized.store, audited_to=out)
    form = form_for(len(audited.scores.table))
    write_scores(audited.scores, outputs.scores, parted=form == NAMED.score_parts)
    write_skipped(audited.skipped, outputs.skipped)
    write_json(audited.metrics.as_json(), outputs.summary)
    write_json(asked_of(params), outputs.asked)
    size = write_page(page, outputs.page)
    read = readings_in_words(featurized.store.meta.columns)
    notes = [*source.notes, *read, *audited.notes, *_kept(audited, project), size]
    return Audited(audited.scores, audited.metrics, audited.skipped, notes)


def _kept(audited: Audited, project: Project) -> list[str]:
    """Return how many labels are not flagged because a person let them stand."""
    table = audited.scores.table
    n = int(table["is_reviewed"].sum()) if "is_reviewed" in table else 0
    stand = "stands" if n == 1 else "stand"
    return [f"{plural(n, 'label')} {stand} as {project.reviewed} remembers."] if n else []
