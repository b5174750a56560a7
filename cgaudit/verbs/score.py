"""`cgaudit score`: the labels of the featurized samples, scored."""

from __future__ import annotations

from pathlib import Path

from cgaudit.dataset import write_skipped
from cgaudit.files import replacing_folder, write_json
from cgaudit.params import Params
from cgaudit.pipeline.inputs import refuse_elsewhere
from cgaudit.pipeline.score import Inputs, cost_of, score_samples
from cgaudit.progress import Announce, Progress
from cgaudit.project import NAMED, PIPELINE, Outputs, Project
from cgaudit.results.audited import Audited
from cgaudit.results.form import form_for, form_named
from cgaudit.results.summary import plot_tables
from cgaudit.results.table import write_scores
from cgaudit.review import reviews_at


def score(
    project: Project,
    params: Params,
    progress: Progress | None = None,
    announce: Announce | None = None,
) -> list[str]:
    """Score the labels of the featurized samples and write every table; return what to tell.

    `announce` is told what scoring will take, before it starts.
    """
    refuse_elsewhere(project)
    audited = score_samples(
        project,
        params,
        Inputs.read(project.outputs),
        progress,
        announce=announce,
        reviewed=reviews_at(project.reviewed),
    )
    form = form_named(project)
    _write(audited, project.outputs, form or form_for(len(audited.scores.table)))
    return [*audited.notes, *_advised(audited, form)]


def dry_run(project: Project, params: Params) -> str:
    """Say what scoring the featurized samples will take, and compute nothing.

    Raises
    ------
    SolveError
        It does not fit the memory limit; the message says what would.
    """
    return cost_of(project, params, Inputs.read(project.outputs))


def _advised(audited: Audited, form: Path | None) -> list[str]:
    """Advise parts where dvc.yaml names one file for a table that is read in pieces."""
    n = len(audited.scores.table)
    if form != NAMED.scores or form_for(n) == NAMED.scores:
        return []
    file, parts = NAMED.scores.as_posix(), NAMED.score_parts.as_posix()
    return [
        f"{n:,} scores are in one file, which every version stores and fetches whole. Of parts, "
        f"those alone that changed: write {parts} for {file} wherever {PIPELINE} has it, then "
        "`dvc repro`."
    ]


def _write(audited: Audited, outputs: Outputs, form: Path) -> None:
    write_scores(audited.scores, outputs.scores, parted=form == NAMED.score_parts)
    write_skipped(audited.skipped, outputs.skipped)
    plots = plot_tables(audited.scores.table, audited.scores.provenance.task)
    with replacing_folder(outputs.plots) as folder:
        for name, rows in plots.items():
            write_json(rows, folder / f"{name}.json")
    write_json(audited.metrics.as_json(), outputs.summary)
