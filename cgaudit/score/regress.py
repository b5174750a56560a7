"""Real-valued labels: leave-one-out residuals of kernel ridge regression, standardised."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from cgaudit.errors import LabelsError
from cgaudit.numerics.chance import discoveries
from cgaudit.score.encode import plain_labels
from cgaudit.score.judging import Judging
from cgaudit.score.result import LabelScores
from cgaudit.solve import KernelSolver

#: Share of false flags aimed at, were the residuals normal.
FALSE_DISCOVERY_RATE = 0.05
#: Median of |z| of a standard normal z.
_NORMAL_MEDIAN = 0.6744897501960817


def real_labels(labels: Sequence[object] | np.ndarray) -> np.ndarray:
    """Return labels as float64, NaN where there is none: shape (n,).

    Raises
    ------
    LabelsError
        A label is no finite number, or fewer than two values differ.
    """
    given = plain_labels(labels)
    if given.ndim != 1:
        raise LabelsError(f"task: regression takes one number a sample; found shape {given.shape}.")
    values = np.array([_number(row, label) for row, label in enumerate(given)])
    if len(np.unique(values[~np.isnan(values)])) < 2:
        raise LabelsError(
            f"task: regression needs at least two different labels among {len(values)} samples."
        )
    return values


def _number(row: int, label: object) -> float:
    if label is None or label == "":
        return math.nan
    try:
        value = float(label)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        value = math.inf
    if math.isinf(value):
        raise LabelsError(
            f"task: regression takes finite numbers; row {row} (counted from 0) has {label!r}."
        )
    return value


def regress(
    solver: KernelSolver, values: np.ndarray, unlabelled_rows: Tensor, judging: Judging
) -> LabelScores:
    """Judge real-valued labels on a solver that holds the labelled rows.

    With y centred and scaled, α = (H+λI)⁻¹y and D = diag((H+λI)⁻¹), a Gaussian process leaves
    sample i out with residual α_i / D_i and variance s² / D_i (Rasmussen & Williams 2006, eq. 5.10
    to 5.12), so that z_i = α_i / (s √D_i), and CG_i = (s z_i)². The scale s is robust: the median
    of |α_i| / √D_i over that of a standard normal. `label_score` is the two-sided tail probability
    of z_i, `margin` is |z_i|, and flags are Benjamini and Hochberg's at `FALSE_DISCOVERY_RATE`
    times 1 − `judging.strictness`.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        Labels; NaN where there is none.
    unlabelled_rows : Tensor, shape (n − n_l, d)
    """
    labelled = ~np.isnan(values)
    own = values[labelled]
    centre, scale = own.mean(), own.std()
    diagonal = solver.inverse_diagonal()
    targets = torch.from_numpy((own - centre) / scale).to(diagonal)
    alpha = solver.solve(targets[:, None])[:, 0]
    root = (alpha / diagonal.sqrt()).double().abs().cpu().numpy()
    spread = max(float(np.median(root)) / _NORMAL_MEDIAN, np.finfo(np.float64).tiny)
    z = root / spread
    tail = torch.erfc(torch.from_numpy(z / math.sqrt(2))).numpy()
    flagged = discoveries(tail, FALSE_DISCOVERY_RATE * (1 - judging.strictness))

    predicted = np.empty(len(values))
    predicted[labelled] = (targets - alpha / diagonal).cpu().numpy()
    if not labelled.all():
        predicted[~labelled] = solver.predict(unlabelled_rows, alpha[:, None])[:, 0].cpu().numpy()
    predicted = predicted * scale + centre
    complexity = math.sqrt(max(0.0, 2 * float(targets.double() @ alpha.double()) / len(own)))
    return LabelScores(
        classes=np.empty(0),
        given_label=_with_gaps(own, labelled, None),
        predicted_label=predicted,
        label_score=_with_gaps(tail, labelled, np.nan).astype(np.float64),
        cg_score=_with_gaps(root**2, labelled, np.nan).astype(np.float64),
        margin=_with_gaps(z, labelled, np.nan).astype(np.float64),
        is_label_issue=_with_gaps(flagged, labelled, False).astype(bool),
        top_labels=np.empty((len(values), 0)),
        top_scores=np.empty((len(values), 0)),
        temperature=math.nan,
        complexity=complexity,
        class_complexity=np.empty(0),
        info=solver.info,
        warnings=(),
    )


def _with_gaps(values: np.ndarray, labelled: np.ndarray, gap: object) -> np.ndarray:
    everywhere = np.full(len(labelled), gap, dtype=object)
    everywhere[labelled] = values
    return everywhere
