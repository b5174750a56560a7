"""The λ that the labels of a project speak for, measured once and kept in params.yaml."""

from __future__ import annotations

from cgaudit import featurize as features
from cgaudit.dataset import open_source
from cgaudit.params import Params
from cgaudit.pipeline.score import Inputs, join_samples
from cgaudit.project import Project
from cgaudit.score import RIDGE_ROWS, choose_ridge, is_far


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
    source = open_source(params.source, base=project.root)
    featurizer = features.featurizer_of(params, source)
    features.load_state(featurizer, project.root / params.featurize.state, params.recipe)
    samples, skipped = source.samples()
    joined, _ = join_samples(project, params.source, samples, skipped)
    labelled = joined.table[joined.table["label"].notna()]
    label_of = dict(zip(labelled["path"], labelled["label"], strict=True))
    paths = features.drawn(labelled, RIDGE_ROWS, params.score.seed)
    read, vectors = features.vectors_of(source, featurizer, paths)
    labels = [label_of[path] for path in read]
    return choose_ridge(vectors, labels, seed=params.score.seed, device=params.score.device)


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
    joined, _ = join_samples(project, params.source, inputs.samples, inputs.unreadable)
    labelled = joined.table[joined.table["label"].notna()].drop_duplicates("content_hash")
    part = labelled.sample(min(RIDGE_ROWS, len(labelled)), random_state=params.score.seed)
    vectors = inputs.store.take(part["content_hash"].tolist())
    best = choose_ridge(
        vectors, part["label"].tolist(), seed=params.score.seed, device=params.score.device
    )
    return best if is_far(ridge, best) else None
