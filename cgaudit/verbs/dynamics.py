"""`cgaudit dynamics`: what a training log says of the samples, beside their scores."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cgaudit.dynamics import LogFacts, read_log, write_dynamics
from cgaudit.errors import LabelsError, StaleError
from cgaudit.files import refuse_special
from cgaudit.paramsfile import load_params
from cgaudit.pipeline.dynamics import log_beside_scores
from cgaudit.pipeline.inputs import refuse_elsewhere
from cgaudit.pipeline.score import Inputs, score_all_classes
from cgaudit.project import Project
from cgaudit.results.table import digest, read_scores
from cgaudit.wording.numbers import plural


def dynamics(project: Project, path: Path) -> list[str]:
    """Join a training log with the scores, write the table beside them; return what to tell.

    Parameters
    ----------
    project
        Has the scores.
    path
        The log.

    Raises
    ------
    StaleError
        There are no scores.
    InputError, TableError, ColumnError
        There is no such log, or it is none.
    LabelsError
        It is of other samples.
    """
    refuse_elsewhere(project)
    refuse_special(path)
    outputs = project.outputs
    read = read_scores(outputs.scores)
    if read.provenance.task != "classification":
        raise LabelsError(
            "A training log is joined by the loss or probability of classes, and the scores are of "
            f"score.task: {read.provenance.task}. There is no reading of a log for it yet; the "
            "report shows what the other samples say instead."
        )
    scores = read.table
    labelled = scores[scores["given_label"].notna()]
    labels = dict(zip(labelled["id"], labelled["given_label"], strict=True))
    log = read_log(path, labels)
    ours = None if log.probabilities is None else _of_all_classes(project, labels)
    found = log_beside_scores(log, scores, digest(outputs.scores), ours)
    write_dynamics(found, outputs.dynamics)
    return [*_said(found.facts, len(found.table)), f"Wrote {outputs.dynamics}."]


def _of_all_classes(project: Project, labels: Mapping[str, str]) -> np.ndarray:
    """Return the leave-one-out probabilities of labelled samples sorted by id, classes sorted."""
    inputs = Inputs.read(project.outputs)
    samples, result, _ = score_all_classes(project, load_params(project.params), inputs)
    assert result.probabilities is not None
    place = {name: row for row, name in enumerate(samples["id"])}
    given = dict(zip(samples["id"], samples["label"], strict=True))
    if any(given.get(name) != label for name, label in labels.items()):
        raise StaleError(
            f"{project.outputs.scores} is of other samples or labels than there are now. Run "
            f"`{project.again}`, then `cgaudit dynamics`."
        )
    return result.probabilities[[place[name] for name in labels]]


def _said(facts: LogFacts, n: int) -> list[str]:
    epochs = f" over {plural(facts.n_epochs, 'epoch')}" if facts.n_epochs else ""
    notes = [f"{facts.kind} of {plural(n, 'labelled sample')}{epochs}"]
    if facts.n_without:
        notes.append(f"{plural(facts.n_without, 'labelled sample')} are not in the log")
    if facts.n_unknown:
        notes.append(f"{plural(facts.n_unknown, 'id')} of the log are of no sample: left out")
    return [*notes, facts.why]
