"""From featurized samples to an audit: labels joined, scored, summed up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from cgaudit.dataset import (
    Joined,
    read_samples,
    read_skipped,
)
from cgaudit.errors import LabelsError, SolveError
from cgaudit.featurize import FeatureStore, counted, open_store, said
from cgaudit.numerics.contents import Gathered, parsed_digests
from cgaudit.numerics.pictures import picture_issues
from cgaudit.oddities import find_oddities
from cgaudit.params import Params, ScoreParams
from cgaudit.pipeline.boxes import with_boxes
from cgaudit.pipeline.cost import relabelling_cost, scoring_cost
from cgaudit.pipeline.describe import with_description
from cgaudit.pipeline.expected import with_expected
from cgaudit.pipeline.join import join_samples
from cgaudit.pipeline.labelsets import with_label_counts, with_sets
from cgaudit.pipeline.numbers import (
    far_apart,
    with_numbers,
    with_numbers_as_written,
)
from cgaudit.pipeline.provenance import provenance_of
from cgaudit.pipeline.solving import solving_of
from cgaudit.progress import Announce, Progress
from cgaudit.project import Outputs, Project
from cgaudit.results.audited import Audited
from cgaudit.results.columns import picture_column
from cgaudit.results.labels import label_counts
from cgaudit.results.metrics import Metrics
from cgaudit.results.reading import ColumnReading
from cgaudit.results.summary import metric_keys, summarise
from cgaudit.results.table import Provenance, Scores
from cgaudit.review import still_reviewed
from cgaudit.score import Judging, LabelScores, Solving, score_with
from cgaudit.solve import as_gib, resolve_device


class Inputs(NamedTuple):
    """What featurizing leaves for scoring.

    Attributes
    ----------
    store
        Feature vectors by content.
    samples
        The samples that have one.
    unreadable
        What could not be featurized: columns ``id`` and ``reason``.
    """

    store: FeatureStore
    samples: pd.DataFrame
    unreadable: pd.DataFrame

    @classmethod
    def read(cls, outputs: Outputs) -> Inputs:
        """Return what the featurize stage wrote."""
        return cls(
            open_store(outputs.features),
            read_samples(outputs.samples),
            read_skipped(outputs.unreadable, "cgaudit featurize"),
        )


def cost_of(project: Project, params: Params, inputs: Inputs) -> str:
    """Say what scoring will take, and compute nothing.

    Raises
    ------
    SolveError
        It does not fit the memory limit; the message says what would.
    """
    joined, _ = join_samples(project, params, inputs.samples, inputs.unreadable)
    return _cost(project, params, inputs.store, joined.table)


def again_of(project: Project, params: Params, inputs: Inputs) -> str:
    """Say what scoring other labels of the same samples will take; nothing where nothing is kept.

    Raises
    ------
    SolveError
        As `cost_of`.
    """
    joined, _ = join_samples(project, params, inputs.samples, inputs.unreadable)
    return _cost(project, params, inputs.store, joined.table, relabelling_cost)


def score_all_classes(
    project: Project,
    params: Params,
    inputs: Inputs,
    progress: Progress | None = None,
    announce: Announce | None = None,
) -> tuple[pd.DataFrame, LabelScores, Provenance]:
    """Score the labels as the stage does, keep the probabilities of all classes, write nothing.

    Where a sample may have several labels, `LabelScores.per_label` has how probable each is.

    Returns
    -------
    table, result, provenance
        The joined samples (`join_labels`), their scores in the same order, and how these were made.

    Raises
    ------
    LabelsError
        Labels are no classes.
    SolveError
        The probabilities do not fit the memory limit.
    """
    if params.score.task == "regression":
        raise LabelsError(
            f"score.task is {params.score.task}: there are no classes whose probabilities could be "
            "had."
        )
    store = inputs.store
    joined, _ = join_samples(project, params, inputs.samples, inputs.unreadable)
    table = joined.table
    n_classes = _n_classes(params.score, table["label"].dropna()) or 0
    _check_room(solving_of(project, params.score), len(table), n_classes)
    if announce is not None:
        announce(_cost(project, params, store, table))
    wanted = params.score.task == "classification"
    result = _judge(project, params.score, store, table, progress, probabilities=wanted)
    return table, result, provenance_of(params, store, result)


def _check_room(solving: Solving, n: int, n_classes: int) -> None:
    limit = solving.limit
    size = n * n_classes * np.dtype(np.float32).itemsize
    if size > limit:
        raise SolveError(
            f"The probabilities of {n:,} samples and {n_classes:,} classes are {as_gib(size)}; the "
            f"memory limit is {as_gib(limit)}. Raise score.memory_limit in params.yaml."
        )


def score_samples(
    project: Project,
    params: Params,
    inputs: Inputs,
    progress: Progress | None,
    *,
    announce: Announce | None = None,
    reviewed: pd.DataFrame | None = None,
) -> Audited:
    """Join samples with their labels and score them.

    Parameters
    ----------
    project
        Where relative paths start, and where a factor is kept.
    params
        Whose ``source`` and ``score`` sections count here.
    inputs
        The samples and their features.
    progress
        Told of (done, total) work.
    announce
        Told what scoring will take, before it starts.
    reviewed
        The review memory: labels that a person let stand are not flagged.
    """
    store = inputs.store
    joined, notes = join_samples(project, params, inputs.samples, inputs.unreadable)
    table = joined.table
    if announce is not None:
        announce(_cost(project, params, store, table))
    hashes = table["content_hash"].tolist()
    result = _judge(project, params.score, store, table, progress)
    frame = result.table(table["id"].tolist(), hashes)
    if params.score.task == "regression":
        frame = with_numbers_as_written(frame, table)
    if params.score.task == "multilabel":
        frame = with_sets(frame, table, result)
    for extra in ("path", "split"):
        if table[extra].notna().any():
            frame[extra] = table[extra].to_numpy()
    frame = with_boxes(frame, table, inputs.samples, params.score.box_overlap)
    if _looks_for_oddities(params.score, result):
        frame = frame.assign(**_oddities(params.score, store.reading(hashes), table))
        if params.score.task == "regression":
            frame["is_duplicate_conflict"] = far_apart(frame)
    seen = _picture_issues(store, hashes)
    frame = frame.assign(**{picture_column(kind): flags for kind, flags in seen.items()})
    if reviewed is not None and len(reviewed):
        frame["is_reviewed"] = still_reviewed(reviewed, frame)
        frame["is_label_issue"] &= ~frame["is_reviewed"]
    guessed = counted(store.guesses, hashes)
    metrics = _metrics(params, joined, frame, result, store)
    issues = {kind: int(flags.sum()) for kind, flags in seen.items()}
    metrics = replace(metrics, guesses=guessed, picture_issues=issues)
    scores = Scores(frame, provenance_of(params, store, result))
    return Audited(
        scores,
        metrics,
        joined.skipped,
        [
            *notes,
            *said(guessed),
            *_checks(result),
            *_unseen(params.score, result),
            *result.warnings,
        ],
    )


def _picture_issues(store: FeatureStore, hashes: Sequence[str]) -> dict[str, np.ndarray]:
    """Return which pictures look odd, in the order of the table; nothing of what is no picture."""
    return {} if store.looks is None else picture_issues(store.looks[store.rows(hashes)])


def _metrics(
    params: Params, joined: Joined, frame: pd.DataFrame, result: LabelScores, store: FeatureStore
) -> Metrics:
    """Return the scores in a few numbers; `frame` is the scores table, in the order of the join."""
    names = map(str, result.classes)
    complexity = dict(zip(names, map(float, result.class_complexity), strict=True))
    if params.score.task == "multilabel":
        complexity = dict.fromkeys(label_counts(frame["given_label"]), 0.0) | complexity
    metrics = summarise(frame, complexity, len(joined.skipped))
    metrics = replace(metrics, columns=_columns(store.meta.columns))
    if params.score.task == "multilabel":
        return with_label_counts(metrics, frame)
    if params.score.task == "regression":
        return with_numbers(metrics, frame, joined.table, result.complexity)
    if result.expected_errors is not None:
        metrics = with_expected(metrics, result.expected_errors, frame)
    labels, hashes = joined.table["label"], joined.table["content_hash"].tolist()
    return with_description(
        metrics, store.reading(hashes), labels.to_numpy(dtype=object), hashes, result.info.ridge
    )


def _columns(readings: Sequence[ColumnReading]) -> dict[str, ColumnReading]:
    """Return how columns were read, by the columns' keys in DVC's metrics."""
    keys = metric_keys([it.name for it in readings])
    return {keys[it.name]: it for it in readings}


def _looks_for_oddities(params: ScoreParams, result: LabelScores) -> bool:
    """Whether to: `auto` where it takes less than a fifth of scoring (`benchmarks/cost.py`)."""
    return params.outliers is True or (params.outliers == "auto" and result.info.method == "exact")


def _unseen(params: ScoreParams, result: LabelScores) -> list[str]:
    if params.outliers != "auto" or _looks_for_oddities(params, result):
        return []
    return [
        f"Nobody has looked for outliers and near-duplicates: beside method {result.info.method} "
        "that takes more than a fifth of the time. `score.outliers: true` (--outliers) does."
    ]


def _oddities(
    params: ScoreParams, features: Gathered, table: pd.DataFrame
) -> dict[str, np.ndarray]:
    """Return the columns of outliers and near-duplicates, in the order of the table."""
    found = find_oddities(
        features,
        table["label"].tolist(),
        table["split"].tolist(),
        table["content_hash"].tolist(),
        outlier_threshold=params.outlier_threshold,
        near_duplicate_threshold=params.near_duplicate_threshold,
        device=str(resolve_device(params.device)),
    )
    return vars(found)


def _cost(
    project: Project,
    params: Params,
    store: FeatureStore,
    table: pd.DataFrame,
    cost: Callable[[Solving, int, int, int | None], str] = scoring_cost,
) -> str:
    labels = table["label"].dropna()
    classes = _n_classes(params.score, labels)
    return cost(solving_of(project, params.score), len(labels), store.meta.dim, classes)


def _n_classes(params: ScoreParams, labels: pd.Series) -> int | None:
    """Return how many labels are judged; None where they are numbers."""
    if params.task == "regression":
        return None
    return len(label_counts(labels)) if params.task == "multilabel" else labels.nunique()


def _checks(result: LabelScores) -> list[str]:
    """Return what the solver measured of its own error."""
    measured = [
        f"{name.replace('_', ' ')} {value:.3g}" for name, value in result.info.checks.items()
    ]
    if result.info.method == "exact" or not measured:
        return []
    return [f"{result.info.method}: {', '.join(measured)}"]


def _judge(
    project: Project,
    params: ScoreParams,
    store: FeatureStore,
    table: pd.DataFrame,
    progress: Progress | None,
    *,
    probabilities: bool = False,
) -> LabelScores:
    judging = Judging(
        task=params.task,
        likelihood=params.likelihood,
        issue_rule=params.issue_rule,
        strictness=params.strictness,
        probabilities=probabilities,
    )
    hashes = table["content_hash"].tolist()
    return score_with(
        store.reading(hashes),
        table["label" if params.task == "classification" else "value"].to_numpy(),
        solving_of(project, params),
        judging,
        progress,
        parsed_digests(hashes),
    )
