"""The rules against what defines them."""

from __future__ import annotations

import numpy as np
import pytest
from choosing import candidates

from cgaudit.selection import RULES


@pytest.mark.parametrize("name", RULES)
def test_a_rule_goes_on_where_an_earlier_choice_ended(name: str) -> None:
    among = candidates(60)
    chosen = RULES[name].choose(among, 20, [])
    assert len(set(chosen.tolist())) == 20
    more = RULES[name].choose(among, 15, chosen[:10].tolist())
    assert len(set(more.tolist()) | set(chosen[:10].tolist())) == 25
    if name != "coverage":  # whose budgets depend on how many are wanted
        assert more[:10].tolist() == chosen[10:].tolist()
    assert sorted(RULES[name].choose(among, 60, [])) == list(range(60))


def test_herding_keeps_the_mean_nearer_than_chance_does() -> None:
    among = candidates(200, 1)
    kernel, n = among.kernel, len(among)

    def distance(rows: np.ndarray) -> float:
        """‖mean of all − mean of some‖² in the kernel's space."""
        weights = np.full(n, 1 / n)
        weights[rows] -= 1 / len(rows)
        return float(weights @ kernel @ weights)

    herded = RULES["herding"].choose(among, 20, [])
    drawn = [np.random.default_rng(seed).permutation(n)[:20] for seed in range(20)]
    assert distance(herded) < 0.5 * min(distance(rows) for rows in drawn)


def test_herding_is_what_its_formula_says() -> None:
    among = candidates(30, 1)
    kernel = among.kernel
    chosen: list[int] = []
    for _ in range(6):
        gains = {
            x: kernel[x].mean() - sum(kernel[x, s] for s in chosen) / (len(chosen) + 1)
            for x in range(30)
            if x not in chosen
        }
        chosen.append(max(gains, key=gains.__getitem__))
    assert RULES["herding"].choose(among, 6, []).tolist() == chosen


def test_k_centre_takes_the_farthest() -> None:
    among = candidates(80, 1)
    rows = RULES["k_centre"].choose(among, 12, []).tolist()
    for at in range(1, len(rows)):
        nearest = among.kernel[rows[:at]].max(axis=0)
        assert nearest[rows[at]] == pytest.approx(nearest.min())


def test_the_ends_of_the_ranking() -> None:
    among = candidates(50, 1)
    ranked = np.argsort(among.cg_score)
    assert RULES["cg_low"].choose(among, 5, []).tolist() == ranked[:5].tolist()
    assert RULES["cg_high"].choose(among, 5, []).tolist() == ranked[::-1][:5].tolist()


def test_coverage_takes_easy_and_hard_samples_alike() -> None:
    among = candidates(400, 1)
    rows = RULES["coverage"].choose(among, 60, [])
    # Of an exponential distribution, chance would take one in ten from above the 90 % quantile.
    hard = among.cg_score > np.quantile(among.cg_score, 0.9)
    assert hard[rows].mean() > 0.3
