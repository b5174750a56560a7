"""The options: checked once, where they are made."""

from __future__ import annotations

import pytest
from solve_cases import spread_rows
from where import DEVICE

from cgaudit.errors import ParamsError, SolveError
from cgaudit.solve import DEFAULT_MEMORY_LIMIT, Solving, make_solver, plan


@pytest.mark.parametrize("ridge", [-1e-9, float("nan"), float("inf")])
def test_a_ridge_that_is_no_number_from_0_is_refused(ridge):
    with pytest.raises(ParamsError, match="ridge must be a number of at least 0"):
        Solving(ridge=ridge)


@pytest.mark.parametrize(
    ("asked", "message"),
    [({"method": "magic"}, "'magic' is not one of auto"), ({"precision": "half"}, "'half'")],
)
def test_unknown_words_are_named(asked, message):
    with pytest.raises(SolveError, match=message):
        Solving(**asked)


def test_a_ridge_that_labels_have_yet_to_choose_solves_nothing():
    with pytest.raises(ParamsError, match="choose_ridge"):
        make_solver(spread_rows(9), Solving(ridge="auto", device=DEVICE))


def test_the_memory_limit_has_a_default():
    assert Solving().limit == DEFAULT_MEMORY_LIMIT
    assert Solving(memory_limit=7).limit == 7


def test_a_plan_changes_nothing_but_the_method_and_its_basis():
    asked = Solving(method="auto", ridge=0.3, seed=4, precision="float64", device=DEVICE, draws=3)
    settled = plan(60_000, 64, 10, asked).solving
    assert (settled.method, settled.landmarks) == ("lowrank", 2048)
    assert Solving(**{**vars(settled), "method": "auto", "landmarks": None}) == asked
