"""The paper's sub-sampling estimator against the values its own program gave."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from solve_cases import asking, dense_system, one_vs_rest, paper, spread_rows
from tolerances import PUBLISHED
from where import DEVICE

from cgaudit.solve import ExactSolver, SingularKernelError, sampled_scores

DRAWS = 20


@pytest.mark.parametrize("name", ["digits-300", "breast-cancer-240"])
def test_scores_are_the_published_ones_within_sampling_error(name, shared_data):
    data = np.load(shared_data / "reference" / f"{name}.npz")
    codes = torch.tensor(data["labels"], device=DEVICE)
    found = sampled_scores(
        torch.tensor(data["features"]), codes, int(codes.max()) + 1, paper(draws=DRAWS, seed=1)
    )
    mean, spread = found.cg_score.cpu().numpy(), found.cg_spread.cpu().numpy()
    error = np.sqrt((data["cg_sampled_std"] ** 2 + spread**2) / DRAWS)
    deviation = (mean - data["cg_sampled_mean"]) / (error + PUBLISHED * mean)
    assert np.abs(deviation).max() < 6
    assert np.sqrt((deviation**2).mean()) < 1.5
    assert abs(deviation.mean()) < 0.5


def test_a_class_larger_than_all_others_is_set_against_all_of_them(shared_data):
    data = np.load(shared_data / "reference" / "breast-cancer-240.npz")
    codes = torch.tensor(data["labels"], device=DEVICE)
    found = sampled_scores(torch.tensor(data["features"]), codes, 2, paper(draws=2))
    larger = data["labels"] == 1
    assert np.allclose(
        found.cg_score.cpu().numpy()[larger], data["cg_one_vs_rest"][larger], rtol=PUBLISHED
    )
    assert float(found.cg_spread.cpu()[larger].max()) < 1e-5


def test_a_ratio_that_takes_everybody_is_the_exact_score(digits):
    rows, codes = digits[0][:120], digits[1][:120]
    found = sampled_scores(rows, codes, 10, paper(ridge=0.1, draws=1, ratio=100.0))
    solver = ExactSolver(rows, asking(0.1, "float64"))
    targets, diagonal = one_vs_rest(codes), solver.inverse_diagonal()
    alpha = solver.solve(targets)
    own = alpha.gather(1, codes[:, None])[:, 0]
    assert torch.allclose(found.cg_score, own**2 / diagonal, rtol=1e-9)
    assert torch.allclose(found.predictions, targets - alpha / diagonal[:, None], rtol=1e-6)


def test_predictions_out_of_sample_are_the_kernel_model():
    rows = spread_rows(9)
    codes = torch.tensor([0, 0, 1, 1, 1, 1, 1, 1, -1])
    found = sampled_scores(rows, codes, 2, paper(ridge=0.1, draws=1, ratio=1.0))
    A = dense_system(rows, 0.1)
    # Class 0 is set against two of class 1; the unlabelled row is predicted by one such system.
    candidates = []
    for first in range(2, 8):
        for second in range(first + 1, 8):
            chosen = [0, 1, first, second]
            target = torch.tensor([1.0, 1, -1, -1], dtype=torch.float64, device=DEVICE)
            alpha = torch.linalg.solve(A[chosen][:, chosen], target)
            candidates.append(float(A[8, chosen] @ alpha))
    assert min(abs(float(found.predictions[8, 0]) - value) for value in candidates) < 1e-9


def test_rows_without_a_label_have_no_score_but_a_prediction():
    rows, codes = spread_rows(30), torch.arange(30) % 3
    codes[[4, 9]] = -1
    found = sampled_scores(rows, codes, 3, paper(draws=3))
    assert torch.isnan(found.cg_score).nonzero()[:, 0].tolist() == [4, 9]
    assert bool(torch.isfinite(found.predictions).all())


def test_predictions_are_left_out_on_request():
    assert (
        sampled_scores(
            spread_rows(9), torch.arange(9) % 2, 2, paper(), predictions=False
        ).predictions
        is None
    )


def test_draws_follow_the_seed(digits):
    def score(seed: int) -> torch.Tensor:
        return sampled_scores(
            digits[0][:100], digits[1][:100], 10, paper(draws=2, seed=seed)
        ).cg_score

    assert torch.equal(score(1), score(1))
    assert not torch.equal(score(1), score(2))


@pytest.mark.parametrize("codes", [[0, 0, 0, 0], [0, 1, 2, 3], [0, 0, 0, 5]])
def test_one_class_and_classes_of_one_are_scored(codes):
    found = sampled_scores(spread_rows(4), torch.tensor(codes), 6, paper(ridge=0.1, draws=3))
    assert bool(torch.isfinite(found.cg_score).all())


def test_duplicates_without_a_ridge_are_named_by_their_own_numbers():
    rows, codes = spread_rows(40), torch.arange(40) % 2
    rows[33] = rows[11]
    with pytest.raises(SingularKernelError, match="11 and 33"):
        sampled_scores(rows, codes, 2, paper(ridge=0.0, draws=1))


def test_progress_ends_at_the_total():
    seen: list[tuple[float, float]] = []
    sampled_scores(
        spread_rows(31),
        torch.arange(31) % 3,
        3,
        paper(draws=4, ratio=0.5),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen[-1][0] == pytest.approx(seen[-1][1])
    assert len(seen) == 12
