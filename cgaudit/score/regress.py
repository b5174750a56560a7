"""Real-valued labels: leave-one-out residuals of kernel ridge regression, standardised.

A label that is wrong by far spoils the predictions of its neighbours, which would be flagged for
it. So targets are winsorised (Huber 1981, section 7.7): drawn in to what the others say of them,
and the system is solved again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

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
#: Targets are drawn in to so many robust standard deviations of the leave-one-out residuals,
CLIPPED_AT = 1.5
#: so many times (`benchmarks/tasks.py`),
ROUNDS = 3
#: and before that to so many of all targets: one that is a thousand times too large would take more
#: rounds than these to lose its hold on its neighbours.
FIRST_CLIPPED_AT = 5.0
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
    sample i out with the prediction μ_i = y_i − α_i / D_i and the variance s² / D_i (Rasmussen &
    Williams 2006, eq. 5.10 to 5.12), and CG_i = α_i² / D_i. Targets are first drawn in to within
    `FIRST_CLIPPED_AT` robust standard deviations of their median, then, in `ROUNDS` rounds, to
    within `CLIPPED_AT` of μ_i, and μ is computed anew; a sample's own target has no say in its μ_i.
    With the last μ, z_i = (y_i − μ_i) √D_i / s, where s is robust: the median of |y_i − μ_i| √D_i
    over that of a standard normal. `label_score` is the two-sided tail probability of z_i, `margin`
    is |z_i|, `deviation` s / √D_i in the unit of the labels, and flags are Benjamini and Hochberg's
    at `FALSE_DISCOVERY_RATE` times 1 − `judging.strictness`. `cg_score` and `complexity` are those
    of the targets as they were given.

    Parameters
    ----------
    solver
        Of the labelled rows with a constant column (`cgaudit.score.features.with_constant`), which
        to unit rows is what an intercept is.
    values : ndarray of float64, shape (n,)
        Labels; NaN where there is none.
    unlabelled_rows : Tensor, shape (n − n_l, d)
        With the constant column.
    """
    labelled = ~np.isnan(values)
    own = values[labelled]
    centre, scale = float(np.median(own)), float(own.std())
    diagonal = solver.inverse_diagonal()
    targets = torch.from_numpy((own - centre) / scale).to(diagonal)
    alpha = solver.solve(targets[:, None])[:, 0]
    drawn_in = _winsorised(solver, targets)
    root = ((targets - drawn_in.left_out) * diagonal.sqrt()).double().abs().cpu().numpy()
    spread = max(float(np.median(root)) / _NORMAL_MEDIAN, np.finfo(np.float64).tiny)
    z = root / spread
    deviation = scale * spread / diagonal.sqrt().double().cpu().numpy()
    tail = torch.erfc(torch.from_numpy(z / math.sqrt(2))).numpy()
    flagged = discoveries(tail, FALSE_DISCOVERY_RATE * (1 - judging.strictness))

    predicted = np.empty(len(values))
    predicted[labelled] = drawn_in.left_out.cpu().numpy()
    if not labelled.all():
        rest = solver.predict(unlabelled_rows, drawn_in.alpha[:, None])[:, 0]
        predicted[~labelled] = rest.cpu().numpy()
    predicted = predicted * scale + centre
    gaps = (alpha**2 / diagonal).double().cpu().numpy()
    complexity = math.sqrt(max(0.0, 2 * float(targets.double() @ alpha.double()) / len(own)))
    return LabelScores(
        classes=np.empty(0),
        given_label=_with_gaps(own, labelled, None),
        predicted_label=predicted,
        label_score=_with_gaps(tail, labelled, np.nan).astype(np.float64),
        cg_score=_with_gaps(gaps, labelled, np.nan).astype(np.float64),
        margin=_with_gaps(z, labelled, np.nan).astype(np.float64),
        is_label_issue=_with_gaps(flagged, labelled, False).astype(bool),
        top_labels=np.empty((len(values), 0)),
        top_scores=np.empty((len(values), 0)),
        temperature=math.nan,
        complexity=complexity,
        class_complexity=np.empty(0),
        info=solver.info,
        warnings=(),
        deviation=_with_gaps(deviation, labelled, np.nan).astype(np.float64),
    )


class _DrawnIn(NamedTuple):
    """What is left of gross errors: weights α of drawn-in targets, and predictions, (n_l,) each."""

    alpha: Tensor
    left_out: Tensor


def _winsorised(solver: KernelSolver, targets: Tensor) -> _DrawnIn:
    """Return weights and leave-one-out predictions of targets that are drawn in to the others."""
    diagonal = solver.inverse_diagonal()
    middle, limit = torch.zeros_like(targets), FIRST_CLIPPED_AT * _deviation(targets)
    for _ in range(1 + ROUNDS):
        # The first round has no predictions yet: the middle of all targets, 0, stands for them.
        drawn_in = middle + (targets - middle).clamp(-limit, limit)
        alpha = solver.solve(drawn_in[:, None])[:, 0]
        middle = drawn_in - alpha / diagonal
        limit = CLIPPED_AT * _deviation(targets - middle)
    return _DrawnIn(alpha, middle)


def _deviation(values: Tensor) -> float:
    """Return a robust standard deviation: the median distance from the median, scaled.

    Infinite where more than half of the values are equal, and so nothing is far from the others.
    """
    plain = values.double().cpu().numpy()
    distance = np.median(np.abs(plain - np.median(plain)))
    return float(distance) / _NORMAL_MEDIAN if distance > 0 else math.inf


def _with_gaps(values: np.ndarray, labelled: np.ndarray, gap: object) -> np.ndarray:
    everywhere = np.full(len(labelled), gap, dtype=object)
    everywhere[labelled] = values
    return everywhere
