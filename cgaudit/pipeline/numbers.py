"""Labels that are numbers: read from what the data writes, and laid out as it writes them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from cgaudit.dataset import Joined, look_like_numbers, numbers_suggested, numeric_labels
from cgaudit.errors import LabelsError
from cgaudit.numerics.rounding import number
from cgaudit.params import SourceParams
from cgaudit.results.metrics import DIGITS, Metrics, residuals
from cgaudit.wording.numbers import count, plural
from cgaudit.wording.text import shown, visible

#: Labels of near-duplicates differ where they are so many standard deviations of a difference
#: apart.
APART = 3.0
#: Labels that a message names.
_NAMED = 3


def labels_as_numbers(joined: Joined, source: SourceParams) -> tuple[Joined, list[str]]:
    """Return joined samples whose labels are numbers, and what to tell of those that are none.

    The table gets the columns ``value``, NaN where there is none, and ``written``, the label as it
    came; ``label`` is None where that is no number: the sample counts as unlabelled.

    Raises
    ------
    LabelsError
        Fewer than half of the labels are numbers, or all are one; or one is none and
        ``source.on_error`` is ``"fail"``.
    """
    written = joined.table["label"].to_numpy(dtype=object)
    found = numeric_labels(written.tolist())
    known = ~np.isnan(found.values)
    n_labels, where = int(known.sum()) + len(found.unread), source.labels or source.path
    if 2 * int(known.sum()) < n_labels or not n_labels:
        raise LabelsError(
            f"score.task: regression takes numbers for labels; in {where}, {known.sum():,} of "
            f"{plural(n_labels, 'label')} are numbers. Others are such as "
            f"{shown(map(visible, found.unread), _NAMED)}.",
            "Name the right column with --label-column (in params.yaml: label_column), or set "
            "score.task: classification.",
        )
    if len(np.unique(found.values[known])) < 2:
        raise LabelsError(
            f"score.task: regression takes at least two different labels; in {where}, all "
            f"{plural(n_labels, 'label')} are {visible(str(written[known][0]))!r}. Check that the "
            "right label column was named."
        )
    notes = []
    if found.unread:
        says = (
            f"{count(len(found.unread))} of {plural(n_labels, 'label')} "
            f"{'is no number' if len(found.unread) == 1 else 'are no numbers'} "
            f"({shown(map(visible, found.unread), _NAMED)})"
        )
        if source.on_error == "fail":
            raise LabelsError(
                f"{says}, and on_error is 'fail'. Mend them in {where}, empty them, or set "
                "on_error to 'skip' to count their samples as unlabelled."
            )
        notes = [f"{says}: their samples count as unlabelled"]
    if found.notation.decimal_comma:
        notes.append("labels are read with a decimal comma: 1.234,5")
    labels = [text if is_known else None for text, is_known in zip(written, known, strict=True)]
    table = joined.table.assign(
        label=pd.Series(labels, index=joined.table.index, dtype=object),
        value=found.values,
        written=pd.Series(written, index=joined.table.index, dtype=object),
    )
    return joined._replace(table=table), notes


def numbers_for_classes(table: pd.DataFrame) -> list[str]:
    """Return what to tell where labels that are scored as classes look like measured numbers."""
    labels = table["label"].dropna()
    if not look_like_numbers(labels.tolist()):
        return []
    return [numbers_suggested(labels.tolist(), "score.task: regression (--task regression)")]


def with_numbers_as_written(frame: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Return a scores table whose labels, given and suggested, are written as the data does.

    Parameters
    ----------
    frame
        The scores table, in the order of `table`.
    table
        What `labels_as_numbers` gave.
    """
    notation = numeric_labels(table["written"].tolist()).notation
    suggested = [notation.write(float(text)) for text in frame["predicted_label"]]
    return frame.assign(given_label=table["label"].tolist(), predicted_label=suggested)


def far_apart(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell which samples are in a set of near-duplicates whose values are far apart: shape (n,).

    Far is more than `APART` standard deviations of the difference of two labels, √2 times the
    median of ``deviation``: measured numbers are seldom equal.
    """
    values = frame["value"].to_numpy(np.float64)
    sets = frame["near_duplicate_set"].to_numpy()
    usual = float(np.nanmedian(frame["deviation"].to_numpy(np.float64)))
    spans = frame.assign(value=values).groupby(sets)["value"].agg(["min", "max"])
    wide = spans.index[(spans["max"] - spans["min"]) > APART * np.sqrt(2) * usual]
    found: npt.NDArray[np.bool_] = (sets >= 0) & np.isin(sets, wide)
    return found


def with_numbers(
    metrics: Metrics, frame: pd.DataFrame, table: pd.DataFrame, complexity: float
) -> Metrics:
    """Return the metrics, and in them how large residuals are and what was no number."""
    unread = table["written"].notna() & table["label"].isna()
    found = residuals(frame)
    return replace(
        metrics,
        n_classes=None,
        complexity=number(complexity, DIGITS),
        n_not_numbers=int(unread.sum()),
        typical_residual=found["typical_residual"],
        explained=found["explained"],
    )
