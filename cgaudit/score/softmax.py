"""Leave-one-out logits of kernel multinomial logistic regression, on the factor that is there.

The curvature of the multinomial log-likelihood is at most ½I (Böhning 1992, "Multinomial logistic
regression algorithm"), so that majorise-minimise needs one fixed matrix, H + 2ρI. With 2ρ = λ that
is the matrix already factored for the scores: nothing but solves remain.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from cgaudit.errors import SolveError
from cgaudit.score.predictions import KEEP_BYTES, WholeLogits
from cgaudit.solve import DTYPES, KernelSolver, SolveInfo

MAX_STEPS = 100
#: Logits that move less than this in a step have converged.
TOLERANCE = 3e-3
#: So many classes take as long as the scores themselves, times two or three: the steps are solves
#: with K columns, 2 n² K each, beside a factorisation of n³ / 3.
_ROWS_PER_CLASS = 50
#: Up to so many n² K the steps take seconds, however many classes there are.
_SMALL = 5e9


@dataclass(frozen=True)
class SoftmaxFit:
    """The fitted model.

    Attributes
    ----------
    coefficients : Tensor, shape (n, K)
        A; the logits are F = H A.
    logits : Tensor, shape (n, K)
        F, which saw every label.
    """

    coefficients: Tensor
    logits: Tensor


def fit_softmax(solver: KernelSolver, codes: Tensor, n_classes: int) -> SoftmaxFit:
    """Minimise Σ −log softmax(F_i)[y_i] + ρ/2 tr(AᵀHA), F = HA, ρ = λ/2.

    Each step is A ← A − 2 (H + 2ρI)⁻¹ [(P − Y) + ρA], P = softmax(F) by rows, with Nesterov's
    momentum; it costs one solve with K columns.

    Parameters
    ----------
    solver
        H + λI with λ > 0.
    codes : Tensor of int64, shape (n,)
        Class numbers, 0 … n_classes − 1.
    """
    rho = solver.info.ridge / 2
    like = solver.inverse_diagonal()
    targets = torch.nn.functional.one_hot(codes, n_classes).to(like)
    A = torch.zeros_like(targets)
    F = torch.zeros_like(targets)
    ahead_A, ahead_F = A, F
    weight = 1.0
    for _ in range(MAX_STEPS):
        gradient = torch.softmax(ahead_F, dim=1) - targets + rho * ahead_A
        change = -2 * solver.solve(gradient)
        # H change = (H + 2ρI) change − 2ρ change: no product with H is needed.
        next_A, next_F = ahead_A + change, ahead_F - 2 * gradient - 2 * rho * change
        moved = float((next_F - F).abs().max())
        next_weight = (1 + (1 + 4 * weight**2) ** 0.5) / 2
        momentum = (weight - 1) / next_weight
        ahead_A = next_A + momentum * (next_A - A)
        ahead_F = next_F + momentum * (next_F - F)
        A, F, weight = next_A, next_F, next_weight
        if moved < TOLERANCE:
            break
    return SoftmaxFit(A, F)


def leave_one_out_logits(fit: SoftmaxFit, solver: KernelSolver, codes: Tensor) -> Tensor:
    """Return approximate leave-one-out logits.

    m_i = f_i + V_ii / (1 − V_ii/2) (p_i − y_i), with the variance of the bound,
    V_ii = 2 (1 − 2ρ [(H + 2ρI)⁻¹]_ii): one Newton step, with the bound's curvature, that takes
    sample i out (compare Rasmussen & Williams 2006, section 5.4.2).

    Returns
    -------
    Tensor, shape (n, K)
    """
    variance = 2 * (1 - solver.info.ridge * solver.inverse_diagonal())
    p = torch.softmax(fit.logits, dim=1)
    residual = p - torch.nn.functional.one_hot(codes, fit.logits.shape[1]).to(p)
    return fit.logits + (variance / (1 - variance / 2))[:, None] * residual


def can_fit_softmax(info: SolveInfo, n: int, n_classes: int) -> bool:
    """Whether `softmax_logits` of n samples has what it needs: a ridge, room, time."""
    pays = n_classes <= max(n / _ROWS_PER_CLASS, _SMALL / n**2)
    return info.ridge > 0 and pays and _bytes(info, n, n_classes) <= KEEP_BYTES


def _bytes(info: SolveInfo, n: int, n_classes: int) -> int:
    return n * n_classes * DTYPES[info.precision].itemsize


def softmax_logits(
    solver: KernelSolver, codes: Tensor, n_classes: int, labelled: Tensor, unlabelled_rows: Tensor
) -> WholeLogits:
    """Fit, and return the leave-one-out logits of all n samples.

    Parameters
    ----------
    labelled : Tensor of bool, shape (n,)
    unlabelled_rows : Tensor, shape (n − n_l, d)
        Their logits are the plain prediction k(x, X) A.

    Raises
    ------
    SolveError
        The ridge is 0, or n × K numbers are too many to hold.
    """
    if solver.info.ridge <= 0:
        raise SolveError(
            "likelihood: softmax needs a ridge above 0, for its prior. Set ridge (default 0.1), or "
            "likelihood: gaussian."
        )
    size = _bytes(solver.info, len(labelled), n_classes)
    if size > KEEP_BYTES:
        raise SolveError(
            f"likelihood: softmax holds n × K numbers, {size / 2**30:.1f} GiB for {len(labelled)} "
            f"samples and {n_classes} classes; the limit is {KEEP_BYTES / 2**30:.0f} GiB. "
            "Set likelihood: gaussian, which takes classes in turn."
        )
    fit = fit_softmax(solver, codes, n_classes)
    own = leave_one_out_logits(fit, solver, codes)
    values = own.new_empty(len(labelled), n_classes)
    values[labelled] = own
    if len(unlabelled_rows):
        values[~labelled] = solver.predict(unlabelled_rows, fit.coefficients)
    return WholeLogits(values, own.gather(1, codes[:, None])[:, 0])
