"""The λ that the labels of a project speak for, measured once and kept in params.yaml."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cgaudit import featurize as features
from cgaudit.dataset import open_source
from cgaudit.params import Params, ScoreParams
from cgaudit.pipeline.join import join_samples
from cgaudit.pipeline.score import Inputs
from cgaudit.project import Project
from cgaudit.score import (
    RIDGE_ROWS,
    choose_ridge,
    choose_ridge_of_numbers,
    choose_ridge_of_sets,
    is_far,
)


def measured_ridge(project: Project, params: Params) -> float:
    """Return the λ under which the given labels are most likely, each left out.

    A random part of the data is featurized for it, in memory, at most `RIDGE_ROWS` contents.

    Parameters
    ----------
    project
        Has the data, the labels and the featurizer's state.
    params
        Whose ``source``, ``featurize`` and ``score`` sections count here.

    Raises
    ------
    SourceError, LabelsError
        The data or its labels cannot be read.
    """
    source = open_source(params.source, base=project.root, sets=params.sets)
    featurizer = features.featurizer_of(params, source)
    features.load_state(featurizer, project.root / params.featurize.state, params.recipe)
    samples, skipped = source.samples()
    joined, _ = join_samples(project, params, samples, skipped)
    labelled = joined.table[joined.table["label"].notna()]
    label_of = dict(zip(labelled["path"], labelled[_judged(params)], strict=True))
    paths = features.drawn(labelled, RIDGE_ROWS, params.score.seed)
    read, vectors = features.vectors_of(source, featurizer, paths)
    labels = [label_of[path] for path in read]
    return _chosen(params.score, vectors, labels)


def better_ridge(project: Project, params: Params) -> float | None:
    """Return the λ that the featurized data speaks for now, None where the one in use is near it.

    Parameters
    ----------
    project
        Has the features, as `featurize` wrote them, and the labels.
    params
        Whose ``source`` and ``score`` sections count here.

    Raises
    ------
    CgauditError
        The features or labels cannot be read.
    """
    ridge = params.score.ridge
    if isinstance(ridge, str) or ridge == 0:
        return None
    inputs = Inputs.read(project.outputs)
    joined, _ = join_samples(project, params, inputs.samples, inputs.unreadable)
    labelled = joined.table[joined.table["label"].notna()].drop_duplicates("content_hash")
    part = labelled.sample(min(RIDGE_ROWS, len(labelled)), random_state=params.score.seed)
    vectors = inputs.store.take(part["content_hash"].tolist())
    best = _chosen(params.score, vectors, part[_judged(params)].tolist())
    return best if is_far(ridge, best) else None


def _judged(params: Params) -> str:
    """Return the column of joined samples that holds what is judged."""
    return "label" if params.score.task == "classification" else "value"


def _chosen(params: ScoreParams, vectors: np.ndarray, labels: Sequence[object]) -> float:
    choose = {
        "classification": choose_ridge,
        "regression": choose_ridge_of_numbers,
        "multilabel": choose_ridge_of_sets,
    }[params.task]
    return choose(vectors, labels, seed=params.seed, device=params.device)
