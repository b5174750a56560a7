"""How far a result may be from its float64 slow twin, by working precision, in one place."""

from __future__ import annotations

import torch

#: Relative error of kernel entries, against the distance of the rows in float64.
KERNEL = {torch.float32: 3e-6, torch.float64: 1e-11}

#: Relative error (largest entry) of solves, products and inverse diagonals at ridge 0.1 on well
#: spread rows.
SOLVE = {torch.float32: 1e-4, torch.float64: 1e-10}

#: The same at ridge 0.
SOLVE_AT_ZERO = {torch.float32: 2e-3, torch.float64: 1e-8}

#: Relative error of scores against the authors' program, whose own rounding allows 2e-6.
PUBLISHED = 1e-5


def relative_error(found: torch.Tensor, expected: torch.Tensor) -> float:
    """Return the largest error as a share of the largest expected entry."""
    found, expected = found.double().cpu(), expected.double().cpu()
    return float((found - expected).abs().max() / expected.abs().max())
