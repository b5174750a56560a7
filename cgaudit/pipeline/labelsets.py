"""Several labels a sample: from what the data writes to what is scored, and laid out as a table."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from cgaudit.dataset import TABLE_SUFFIXES, Joined, is_saved_dataset
from cgaudit.errors import LabelsError
from cgaudit.numerics.rounding import to_decimals
from cgaudit.params import SourceParams
from cgaudit.results.labels import label_counts, missing_by_label
from cgaudit.results.metrics import Metrics
from cgaudit.results.summary import metric_keys
from cgaudit.score import PROBABILITY_DECIMALS, LabelScores
from cgaudit.wording.labelsets import set_as_text, set_in
from cgaudit.wording.numbers import plural
from cgaudit.wording.text import shown, visible

#: So many of the most probable labels are kept of a sample, with how probable they are.
TOP = 5
#: With more labels, and hardly more samples than that, labels are ids or texts.
_MANY_LABELS = 1_000


def refuse_single_labels(source: SourceParams, root: Path) -> None:
    """Raise LabelsError where the data itself can only say one label a sample.

    Parameters
    ----------
    source
        The ``source`` section of the parameters.
    root
        The data.
    """
    if (
        source.labels is None
        and root.suffix.lower() not in TABLE_SUFFIXES
        and not is_saved_dataset(root)
    ):
        raise LabelsError(
            f"score.task: multilabel takes several labels a sample, and {source.path} tells one of "
            "each, by its folders, its shards or an array. Give a table of labels (source.labels, "
            "--labels), or set score.task: classification."
        )


def labels_as_sets(joined: Joined, source: SourceParams) -> tuple[Joined, list[str]]:
    """Return joined samples whose labels are sets, and what to tell of them.

    The table gets a column ``value``: the labels of a sample that are judged, None where nobody
    labelled it; ``label`` stays the set as it is written. A label that all samples have says
    nothing: it is not judged, and said.

    Raises
    ------
    LabelsError
        Labels are no sets, all samples have the same, or nearly every sample has its own label.
    """
    written = joined.table["label"].tolist()
    sets = [None if text is None else set_in(text) for text in written]
    where = source.labels or source.path
    if odd := [t for t, it in zip(written, sets, strict=True) if it is None and t is not None]:
        raise LabelsError(
            f"{where}: {plural(len(odd), 'label')} such as {visible(odd[0])!r} were read as one "
            "label a sample, and score.task is multilabel. Featurize again (`cgaudit featurize`; "
            "with DVC `dvc repro --force`), or keep the labels in a table (source.labels)."
        )
    known = [it for it in sets if it is not None]
    counts = label_counts(written)
    everywhere = sorted(name for name, n in counts.items() if n == len(known))
    judged = counts.keys() - set(everywhere)
    _refuse_unjudgeable(judged, counts.keys(), len(known), where)
    values = np.empty(len(sets), dtype=object)
    values[:] = [None if it is None else tuple(n for n in it if n in judged) for it in sets]
    notes = [
        f"label {visible(name)!r} is on all {len(known):,} labelled samples: there is none without "
        "it to compare with, so it is not judged"
        for name in everywhere
    ]
    return joined._replace(table=joined.table.assign(value=values)), notes


def _refuse_unjudgeable(judged: Set[str], labels: Set[str], n: int, where: str) -> None:
    if not judged:
        raise LabelsError(
            f"Judging labels takes some samples with a label and some without it; in {where}, all "
            f"{plural(n, 'labelled sample')} have the same: {shown(sorted(labels))}. Check that "
            "the right label column was named (--label-column; in params.yaml: label_column)."
        )
    if len(judged) > _MANY_LABELS and 2 * len(judged) >= n:
        raise LabelsError(
            f"There are {len(judged):,} different labels among {n:,} samples of {where}: most have "
            "nobody to compare them with. Check that the right label column was named, and what "
            "stands between labels (source.label_separator); they are such as "
            f"{shown(sorted(judged), 3)}."
        )


def with_sets(frame: pd.DataFrame, table: pd.DataFrame, result: LabelScores) -> pd.DataFrame:
    """Return a scores table whose labels, given and suggested, are whole sets.

    Of each sample the most probable labels are kept, not all of them: their number has no bound.

    Parameters
    ----------
    frame
        The scores table, in the order of `table` and of `result`.
    table
        What `labels_as_sets` gave.
    """
    found = result.per_label
    assert found is not None, "the task has figures per label"
    names = np.array([str(name) for name in found.names], dtype=object)
    everywhere = sorted(label_counts(table["label"]).keys() - set(names.tolist()))
    suggested = [set_as_text([*names[row].tolist(), *everywhere]) for row in found.predicted]
    order = np.argsort(-found.presence, axis=1, kind="stable")[:, :TOP]
    tops = np.take_along_axis(found.presence, order, axis=1)
    per_label = [name for name in frame.columns if name.startswith("label_score_")]
    return frame.drop(columns=per_label).assign(
        given_label=table["label"].tolist(),
        predicted_label=suggested,
        top_labels=[names[row].tolist() for row in order],
        top_scores=list(to_decimals(tops, PROBABILITY_DECIMALS)),
    )


def with_label_counts(metrics: Metrics, frame: pd.DataFrame) -> Metrics:
    """Return the metrics, and in them on how many samples each label seems to be missing."""
    missing = missing_by_label(frame[frame["given_label"].notna()])
    labels = {key: dict(figures) for key, figures in metrics.classes.items()}
    for name, key in metric_keys(sorted(label_counts(frame["given_label"]))).items():
        labels[key]["n_missing"] = missing[name]
    return replace(metrics, classes=labels)
