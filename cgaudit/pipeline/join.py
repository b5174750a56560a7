"""Featurized samples with their labels, and what is refused of these."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cgaudit.dataset import (
    Columns,
    Joined,
    is_split,
    join_labels,
    read_labels,
    refuse_unlabelled,
)
from cgaudit.errors import LabelsError
from cgaudit.params import Params, SourceParams
from cgaudit.pipeline.labelsets import labels_as_sets, refuse_single_labels
from cgaudit.pipeline.numbers import labels_as_numbers, numbers_for_classes
from cgaudit.project import Project
from cgaudit.wording.text import shown


def join_samples(
    project: Project, params: Params, samples: pd.DataFrame, unreadable: pd.DataFrame
) -> tuple[Joined, list[str]]:
    """Return samples with their labels, and what to tell of how the labels were read.

    Where labels are numbers, the table has them in a column ``value``, and a label that is none is
    None (`cgaudit.pipeline.numbers`); where a sample may have several labels, it has those that are
    judged there (`cgaudit.pipeline.labelsets`).
    """
    source = params.source
    root, labels = project.root / source.path, None
    if params.sets is not None:
        refuse_single_labels(source, root)
    elif not source.are_boxes:
        refuse_unlabelled(source, root, samples, unreadable)
    if source.labels is not None and not source.are_boxes:
        labels = read_labels(project.root / source.labels, Columns.of(source), params.sets)
    joined = join_labels(
        samples,
        labels,
        root=root,
        unreadable=unreadable,
        on_error=source.on_error,
    )
    if source.are_boxes:
        _refuse_one_class(joined, source)
    notes = [] if labels is None else [*labels.notes, *joined.notes]
    if params.score.task == "regression":
        joined, unread = labels_as_numbers(joined, source)
        return joined, [*notes, *unread]
    if params.sets is not None:
        joined, unjudged = labels_as_sets(joined, source)
        return joined, [*notes, *unjudged]
    if labels is not None and (found := joined.table["label"].dropna()).nunique() < 2:
        raise LabelsError(
            f"Judging labels takes at least two classes; in {labels.file}, "
            f"{len(joined.table):,} samples have {shown(found.unique())}.",
            *notes,
            "Name the right column with --label-column (in params.yaml: label_column).",
        )
    names = joined.table["label"].dropna().unique().tolist()
    return joined, [*notes, *_splits_for_labels(names), *numbers_for_classes(joined.table)]


def _refuse_one_class(joined: Joined, source: SourceParams) -> None:
    """Raise LabelsError where all boxes are of one class: there is nothing to mistake it for."""
    found = joined.table["label"].dropna().unique()
    if len(found) < 2:
        raise LabelsError(
            f"Judging labels takes at least two classes; the {len(joined.table):,} boxes in "
            f"{source.labels or source.path} have {shown(found)}. Boxes of one class alone have no "
            "labels to audit."
        )


def _splits_for_labels(labels: Sequence[str]) -> list[str]:
    """Warn where what is taken for the labels looks like the splits of the data."""
    if len(labels) < 2 or not all(map(is_split, labels)):
        return []
    return [
        f"The labels are {shown(sorted(labels))}: these are the names of splits. Check that the "
        "right label column or folder was named."
    ]
