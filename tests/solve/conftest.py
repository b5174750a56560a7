"""Real data for the solver tests."""

from __future__ import annotations

import pytest
import torch
import where
from sklearn.datasets import load_digits


@pytest.fixture(scope="session")
def digits() -> tuple[torch.Tensor, torch.Tensor]:
    """1,200 handwritten digits, (n, 64) and class numbers, a tenth of them wrong."""
    features, labels = load_digits(return_X_y=True)
    codes = torch.tensor(labels[:1200])
    generator = torch.Generator().manual_seed(3)
    wrong = torch.rand(len(codes), generator=generator) < 0.1
    shift = torch.randint(1, 10, (len(codes),), generator=generator)
    given = torch.where(wrong, (codes + shift) % 10, codes)
    return torch.tensor(features[:1200]).to(where.DEVICE), given.to(where.DEVICE)
