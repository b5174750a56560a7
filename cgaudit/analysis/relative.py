"""Complexity beside that of labels at random: 0 where it follows from the features, else up to 1.

The complexity yᵀ(H + λI)⁻¹y of a labelling grows with n and with λ and depends on how many samples
carry the label, so that two of them cannot be compared as they are. Its mean over all orders of the
same labels can be told without drawing any: with A = (H + λI)⁻¹ and s = Σ y_i, E[y_i y_j] is
(s² − n) / (n (n − 1)) for i ≠ j, so that E[yᵀAy] = tr A + (s² − n) / (n (n − 1)) · (1ᵀA1 − tr A).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Floats = npt.NDArray[np.float64]


def relative_complexity(inverse: Tensor, targets: Tensor) -> Floats:
    """Return sqrt(yᵀAy / E[yᵀAy]) of each column of labels: float64, shape (k,).

    Parameters
    ----------
    inverse : Tensor of float64, shape (n, n)
        A = (H + λI)⁻¹.
    targets : Tensor of float64, shape (n, k)
        +1 and −1.
    """
    n = len(inverse)
    trace, total = inverse.trace(), inverse.sum()
    own = (targets * (inverse @ targets)).sum(dim=0)
    together = (targets.sum(dim=0) ** 2 - n) / (n * (n - 1))
    found: Floats = (own / (trace + together * (total - trace))).clamp(min=0).sqrt().numpy()
    return found


def inverse_of(kernel: Tensor, ridge: float) -> Tensor:
    """Return (H + λI)⁻¹: (n, n); λ > 0."""
    system = kernel.clone()
    system.diagonal().add_(ridge)
    return torch.cholesky_inverse(torch.linalg.cholesky(system))


def one_against_others(codes: Tensor, classes: Tensor) -> Tensor:
    """Return +1 where a row has a class, −1 elsewhere: float64, shape (n, k)."""
    return (codes[:, None] == classes).double() * 2 - 1


def mean_of(found: Floats) -> float:
    """Return the mean; NaN where there is none."""
    return float(np.mean(found)) if len(found) else float("nan")
