"""What scoring returns, and how it is laid out as the scores table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cgaudit.numerics.rounding import significant, to_decimals
from cgaudit.score.expected_errors import ExpectedErrors
from cgaudit.solve import SolveInfo
from cgaudit.wording.labelsets import set_as_text
from cgaudit.wording.text import shown

if TYPE_CHECKING:
    import pandas as pd

#: What the noise of float32 arithmetic leaves: digits after the point, or significant ones.
PROBABILITY_DECIMALS = 5
SIGNIFICANT_DIGITS = 5
#: What float64 can tell apart, less what sums lose.
FLOAT_DIGITS = 12
#: Digits after the point of an error probability, which comes from a fit.
ERROR_DECIMALS = 4


@dataclass(frozen=True)
class PerLabel:
    """Figures for each of L labels of n samples, where a sample may have several (multilabel).

    Attributes
    ----------
    names : ndarray, shape (L,)
    label_score, cg_score : ndarray of float, shape (n, L)
    is_label_issue : ndarray of bool, shape (n, L)
        Presence or absence of the label is flagged.
    predicted : ndarray of bool, shape (n, L)
        Whether the rest of the data suggests the label.
    presence : ndarray of float64, shape (n, L)
        How probable it is, leave-one-out, that the label is there.

    Of a sample without labels `label_score` and `cg_score` are NaN.
    """

    names: np.ndarray
    label_score: np.ndarray
    cg_score: np.ndarray
    is_label_issue: np.ndarray
    predicted: np.ndarray
    presence: np.ndarray


@dataclass(frozen=True)
class LabelScores:
    """The audit of n labels over K classes.

    Attributes
    ----------
    classes : ndarray, shape (K,)
        The distinct labels, sorted.
    given_label, predicted_label : ndarray, shape (n,)
        Labels of the type that was given; `given_label` is None where there is none.
    label_score : ndarray of float, shape (n,)
        Calibrated leave-one-out probability of the given label, in [0, 1]: **low is suspicious**.
        NaN where there is no label, as are `cg_score` and `margin`.
    cg_score : ndarray of float, shape (n,)
        Complexity-gap score of the given class, ≥ 0: **high is irregular**.
    margin : ndarray of float, shape (n,)
        ŷ of the best other class minus ŷ of the given one; positive speaks against the label.
    is_label_issue : ndarray of bool, shape (n,)
        Flagged; never where there is no label.
    top_labels, top_scores : ndarray, shape (n, min(5, K))
        The most probable classes, best first, and their probabilities.
    probabilities : ndarray of float32, shape (n, K), or None
        Those of all classes, where they were asked for; each row sums to 1.
    temperature
        The calibration T.
    complexity
        Σ_c sqrt(2 y_cᵀ(H+λI)⁻¹y_c / n).
    class_complexity : ndarray of float, shape (K,)
        Its terms.
    info
        How the kernel system was solved.
    warnings
        What a person should know before trusting the figures, the gravest first.
    per_label
        For ``task="multilabel"``.
    likelihood
        What the probabilities were made with; ``"gaussian"`` where ``"both"`` was asked for and
        there is no softmax to be had (λ = 0, ``method="sampled"``, more than a GiB of logits,
        or more classes than n / 50 where they would take long).
    expected_errors
        How many labels are expected to be wrong, and how likely each is to be; of
        ``task="classification"`` alone, and None where the features say nothing.

    deviation : ndarray of float64, shape (n,), or None
        Of ``task="regression"``: the standard deviation of the leave-one-out prediction, in the
        unit of the labels; NaN where there is no label.

    For ``task="regression"`` labels are numbers, `label_score` is the two-sided tail probability of
    the standardised leave-one-out residual, `margin` its size, and there are no classes or top
    labels (`cgaudit.score.regress`). For ``task="multilabel"`` a label is a tuple of names
    (`cgaudit.score.multilabel`).
    """

    classes: np.ndarray
    given_label: np.ndarray
    predicted_label: np.ndarray
    label_score: np.ndarray
    cg_score: np.ndarray
    margin: np.ndarray
    is_label_issue: np.ndarray
    top_labels: np.ndarray
    top_scores: np.ndarray
    temperature: float
    complexity: float
    class_complexity: np.ndarray
    info: SolveInfo
    warnings: tuple[str, ...]
    per_label: PerLabel | None = None
    probabilities: np.ndarray | None = None
    likelihood: str = "gaussian"
    expected_errors: ExpectedErrors | None = None
    deviation: np.ndarray | None = None

    @property
    def flag_precision(self) -> float | None:
        """The share of the flags that is expected to be wrong; None where it cannot be told."""
        if self.expected_errors is None:
            return None
        return self.expected_errors.flag_precision(self.is_label_issue)

    def table(
        self, ids: Sequence[object], content_hash: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Return the scores table: a row per sample, sorted by id, values rounded.

        Parameters
        ----------
        ids : sequence, length n
            Turned into text.
        content_hash : sequence of str, length n, optional
        """
        return scores_frame(self, ids, content_hash)


def scores_frame(
    result: LabelScores, ids: Sequence[object], content_hash: Sequence[str] | None = None
) -> pd.DataFrame:
    """Lay a result out as the scores table, whose schema `cgaudit.results.table` holds.

    Values are rounded, so that last-bit noise of the arithmetic mostly stays out of versioned
    files.

    Parameters
    ----------
    result
        Scores of n samples.
    ids : sequence, length n
        Turned into text; must differ.
    content_hash : sequence of str, length n, optional

    Returns
    -------
    DataFrame
        One row per sample, sorted by id, columns as in `cgaudit.results.table.SCHEMA`.
    """
    import pandas as pd

    columns: dict[str, object] = {
        "id": [str(name) for name in ids],
        "given_label": _texts(result.given_label),
        "predicted_label": _texts(result.predicted_label),
        "label_score": to_decimals(result.label_score, PROBABILITY_DECIMALS),
        "is_label_issue": result.is_label_issue,
        "cg_score": significant(result.cg_score, SIGNIFICANT_DIGITS).astype(np.float32),
        "margin": to_decimals(result.margin, PROBABILITY_DECIMALS),
        "top_labels": [_texts(row) for row in result.top_labels],
        "top_scores": list(to_decimals(result.top_scores, PROBABILITY_DECIMALS)),
        "content_hash": list(content_hash) if content_hash is not None else None,
    }
    if result.expected_errors is not None:
        probability = result.expected_errors.error_probability
        columns["error_probability"] = to_decimals(probability, ERROR_DECIMALS)
    if result.per_label is not None:
        columns |= _set_columns(result, result.per_label)
    if result.deviation is not None:
        columns |= _real_columns(result, result.deviation)
    frame = pd.DataFrame(columns)
    if not frame["id"].is_unique:
        twice = frame.loc[frame["id"].duplicated(), "id"]
        raise ValueError(f"ids must differ; found twice: {shown(twice)}")
    return frame.sort_values("id", ignore_index=True)


def _set_columns(result: LabelScores, of: PerLabel) -> dict[str, object]:
    """Return the columns of label sets, of names in their order.

    Columns ``worst_label`` (whose presence or absence has the lowest score), ``labels_doubtful``
    (given, and flagged), ``labels_missing`` (not given, and flagged) and, for each label, its
    ``label_score_NAME``: the probability that it is there, or is not, as it is given.
    """
    names = np.array([str(name) for name in of.names], dtype=object)
    given = [frozenset(labels or ()) for labels in result.given_label]
    present = np.array([[name in its for name in of.names] for its in given], dtype=bool)
    flagged = of.is_label_issue
    worst = names[of.label_score.argmin(axis=1)]
    worst[[labels is None for labels in result.given_label]] = None
    return {
        "worst_label": worst,
        "labels_doubtful": [names[row].tolist() for row in flagged & present],
        "labels_missing": [names[row].tolist() for row in flagged & ~present],
        **{
            f"label_score_{name}": to_decimals(of.label_score[:, column], PROBABILITY_DECIMALS)
            for column, name in enumerate(names)
        },
    }


def _real_columns(result: LabelScores, deviation: np.ndarray) -> dict[str, object]:
    """Return the columns of labels that are numbers, rounded to what their noise allows.

    Columns ``value``, ``predicted`` (the leave-one-out prediction), ``residual`` (their difference)
    and ``deviation``; the suggestion, as text, is rounded to a tenth of the usual deviation.
    """
    value = np.array([np.nan if it is None else it for it in result.given_label], dtype=np.float64)
    predicted = result.predicted_label.astype(np.float64)
    # Where nothing deviates, float64 has no more digits to round to than these.
    least = np.abs(predicted).max() / 10**FLOAT_DIGITS
    usual = max(np.nanmedian(deviation), least, np.finfo(np.float64).tiny)
    size = math.floor(math.log10(usual))
    predicted = np.round(predicted, SIGNIFICANT_DIGITS - 1 - size)
    return {
        "predicted_label": [str(it + 0.0) for it in np.round(predicted, 1 - size)],
        "value": value,
        "predicted": predicted,
        "residual": np.round(value - predicted, SIGNIFICANT_DIGITS - 1 - size),
        "deviation": significant(deviation, SIGNIFICANT_DIGITS),
    }


def _texts(labels: np.ndarray) -> list[str | None]:
    return [None if label is None else _text(label) for label in labels]


def _text(label: object) -> str:
    return set_as_text(map(str, label)) if isinstance(label, tuple) else str(label)
