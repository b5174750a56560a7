"""Options: refused where they are made, and the same ones on each way to the solver."""

from __future__ import annotations

import inspect
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from cgaudit import score_labels
from cgaudit.errors import ParamsError
from cgaudit.params import ScoreParams
from cgaudit.pipeline.cost import scoring_cost
from cgaudit.pipeline.solving import solving_of
from cgaudit.project import Project
from cgaudit.score import Judging, Solving, score_with
from cgaudit.solve import KEPT_LIMIT, Keeping

HERE = Project(Path())

#: Of each field another value than its default.
ANOTHER = Solving(
    method="lowrank", ridge=0.7, landmarks=17, seed=3, precision="float64", device="cpu",
    memory_limit=2**33, keep_factor=Keeping(HERE.kept, own=True), draws=5, ratio=2.5,
    tolerance=1e-4,
)  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"task": "clasification"}, "Did you mean 'classification'"),
        ({"likelihood": "sofmax"}, "Did you mean 'softmax'"),
        ({"issue_rule": "none"}, "not one of ranked, confident_learning, disagreement"),
        ({"strictness": 1.1}, "strictness must be between 0 and 1"),
        ({"strictness": float("nan")}, "strictness must be between 0 and 1"),
        ({"task": "regression", "probabilities": True}, "task is 'regression'"),
    ],
)
def test_what_cannot_be_judged_by_is_refused(asked, message):
    with pytest.raises(ParamsError, match=message):
        Judging(**asked)
    with pytest.raises(ParamsError, match=message):
        score_labels(np.eye(4), [0, 1, 0, 1], **asked)


def test_the_public_function_takes_each_option_by_its_name_and_default():
    taken = inspect.signature(score_labels).parameters
    for option in (*fields(Solving), *fields(Judging)):
        assert taken[option.name].default == option.default, option.name


def test_every_option_reaches_the_solver_from_params():
    defaults = Solving()
    assert all(getattr(ANOTHER, f.name) != getattr(defaults, f.name) for f in fields(Solving))
    given = {**vars(ANOTHER), "keep_factor": True}
    assert solving_of(HERE, ScoreParams.model_validate(given)) == ANOTHER
    auto = Keeping(HERE.kept, KEPT_LIMIT, own=True)
    assert solving_of(HERE, ScoreParams()) == replace(defaults, method="auto", keep_factor=auto)
    assert solving_of(HERE, ScoreParams(keep_factor=False)).keep_factor is None
    assert solving_of(Project(HERE.root, Path("out")), ScoreParams()).keep_factor is None
    assert solving_of(HERE, ScoreParams(ridge="auto")).ridge == "auto"


def test_options_given_whole_and_one_by_one_are_the_same():
    features = np.random.default_rng(0).standard_normal((40, 6))
    labels, solving = np.arange(40) % 3, replace(ANOTHER, keep_factor=None)
    whole = score_with(features, labels, solving, Judging("classification", "softmax"))
    single = score_labels(features, labels, likelihood="softmax", **vars(solving))
    np.testing.assert_array_equal(whole.label_score, single.label_score)
    assert whole.info == single.info
    assert (whole.info.ridge, whole.info.landmarks, whole.info.seed) == (0.7, 17, 3)


def test_the_cost_is_that_of_what_is_then_solved():
    exact = replace(ANOTHER, method="exact", keep_factor=Keeping(Path("factor")))
    assert "exact in float64 (asked for)" in scoring_cost(exact, 500, 6, 3)
    assert "3.8 MiB of it will be kept, with which other labels" in scoring_cost(exact, 500, 6, 3)
    lowrank = scoring_cost(ANOTHER, 500, 6, 3)
    assert "lowrank in float64, 17 landmarks" in lowrank
    assert "of it will be kept" in lowrank
    forgetful = replace(ANOTHER, keep_factor=Keeping(Path("sums"), KEPT_LIMIT))
    assert "kept" not in scoring_cost(forgetful, 500, 6, 3), "it spares no second"
