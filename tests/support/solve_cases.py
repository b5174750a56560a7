"""Small systems with known answers, for the solver tests."""

from __future__ import annotations

import math

import torch
from where import DEVICE

from cgaudit.solve import KernelSolver, Solving


def asking(ridge: float, precision: str, **options: object) -> Solving:
    return Solving(ridge=ridge, precision=precision, device=DEVICE, **options)


def paper(**options: object) -> Solving:
    """The sampled estimator as it was published: λ = 0, in float64."""
    return asking(**{"method": "sampled", "ridge": 0.0, "precision": "float64", **options})


def dense_system(rows: torch.Tensor, ridge: float) -> torch.Tensor:
    """H + λI in float64, straight from the formula."""
    unit = rows.double() / rows.double().norm(dim=1, keepdim=True)
    gram = (unit @ unit.T).clamp(-1, 1)
    H = gram * (math.pi - torch.acos(gram)) / (2 * math.pi)
    return H.fill_diagonal_(0.5) + ridge * identity(len(rows))


def identity(n: int) -> torch.Tensor:
    return torch.eye(n, dtype=torch.float64, device=DEVICE)


def spread_rows(n: int, d: int = 12, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(n, d, generator=generator, dtype=torch.float64).to(DEVICE)


def no_rows(n: int) -> torch.Tensor:
    return torch.zeros(n, dtype=torch.bool, device=DEVICE)


def one_vs_rest(codes: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.one_hot(codes).double() * 2 - 1


def leave_one_out(solver: KernelSolver, codes: torch.Tensor) -> torch.Tensor:
    """ŷ of every class, (n, K)."""
    targets = one_vs_rest(codes)
    diagonal = solver.inverse_diagonal().double()
    return targets - solver.solve(targets).double() / diagonal[:, None]


def scores_of(solver: KernelSolver, codes: torch.Tensor) -> torch.Tensor:
    """The complexity-gap score of the given class, (n,)."""
    alpha = solver.solve(one_vs_rest(codes)).gather(1, codes[:, None])[:, 0]
    return alpha**2 / solver.inverse_diagonal()


def rank_correlation(a: torch.Tensor, b: torch.Tensor) -> float:
    """Spearman's, for values without ties."""
    ranks = torch.stack([a.argsort().argsort(), b.argsort().argsort()]).double()
    return float(torch.corrcoef(ranks)[0, 1])
