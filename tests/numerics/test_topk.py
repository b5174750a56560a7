"""The running k largest, against sorting the whole matrix."""

from __future__ import annotations

import pytest
import torch

from cgaudit.numerics.topk import Largest, largest


@pytest.mark.parametrize("step", [1, 3, 7, 40])
@pytest.mark.parametrize("k", [1, 5])
@pytest.mark.parametrize("prepared", [True, False])
def test_tiles_give_what_the_whole_gives(step, k, prepared):
    matrix = torch.rand((6, 40), generator=torch.Generator().manual_seed(step))
    met = Largest.none(6, k, matrix) if prepared else None
    for start in range(0, 40, step):
        met = largest(matrix[:, start : start + step], k, start, met)
    values, columns = matrix.sort(dim=1, descending=True)
    assert torch.equal(met.values, values[:, :k])
    assert torch.equal(met.columns, columns[:, :k])


def test_fewer_than_k_are_all_kept():
    matrix = torch.tensor([[1.0, 3.0], [2.0, 0.0]])
    assert largest(matrix, 5).columns.tolist() == [[1, 0], [0, 1]]
    met = largest(matrix, 3, 4, Largest.none(2, 3, matrix))
    assert met.columns.tolist() == [[5, 4, -1], [4, 5, -1]]
    assert met.values[:, 2].tolist() == [-torch.inf] * 2


def test_values_keep_their_dtype():
    assert Largest.none(1, 1, torch.zeros(1, dtype=torch.float64)).values.dtype == torch.float64
