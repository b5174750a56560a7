"""Complexity of classes and pairs beside that of labels at random, and its growth."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch
from choosing import candidates

from cgaudit.analysis import describe
from cgaudit.analysis.relative import inverse_of, one_against_others, relative_complexity


def test_it_is_the_mean_over_all_orders_of_the_labels() -> None:
    among = candidates(40, 2)
    kernel = torch.from_numpy(among.kernel)
    inverse = inverse_of(kernel, 0.3)
    codes = torch.from_numpy(among.codes)
    target = one_against_others(codes, torch.tensor([0]))
    own = float((target.T @ inverse @ target).item())
    rng = np.random.default_rng(0)
    orders = [target[rng.permutation(40)] for _ in range(4000)]
    mean = np.mean([float((y.T @ inverse @ y).item()) for y in orders])
    assert relative_complexity(inverse, target)[0] ** 2 == pytest.approx(own / mean, rel=0.01)


def test_labels_in_random_order_are_at_one_and_separate_classes_far_below() -> None:
    among = candidates(400)
    found = describe(among.features, among.codes, among.contents, 0.1)
    shuffled = np.random.default_rng(0).permutation(among.codes)
    chance = describe(among.features, shuffled, among.contents, 0.1)
    assert max(found.classes.values()) < 0.5
    assert list(chance.classes.values()) == pytest.approx([1.0] * 3, abs=0.1)
    sizes = list(found.growth)
    assert sizes == sorted(sizes) == [100, 200, 400]
    assert found.growth[400] < found.growth[100] < 1
    assert chance.growth[400] == pytest.approx(1, abs=0.05)


def test_classes_that_are_mixed_up_pull_together() -> None:
    among = candidates(400, 4)
    codes = among.codes.copy()
    mixed = np.flatnonzero(codes >= 2)
    codes[mixed] = np.random.default_rng(1).permutation(codes[mixed])
    found = describe(among.features, codes, among.contents, 0.1)
    first = found.pairs[0]
    assert {first.first, first.second} == {2, 3}
    assert first.relative_complexity > 0.9 > 2 * found.pairs[1].relative_complexity
    assert len(found.pairs) == 6


def test_the_order_of_the_rows_decides_nothing() -> None:
    among = candidates(150)
    mixed = np.random.default_rng(0).permutation(150)
    one = describe(among.features, among.codes, among.contents, 0.1)
    other = among.take(mixed)
    two = describe(other.features, other.codes, other.contents, 0.1)
    assert one.growth == pytest.approx(two.growth)
    assert [(it.first, it.second) for it in one.pairs] == [
        (it.first, it.second) for it in two.pairs
    ]


def test_few_rows_rare_classes_and_rows_that_repeat() -> None:
    among = candidates(12, 2)
    assert describe(among.features, among.codes, among.contents, 0.0).growth.keys() == {12}
    rare = among.codes.copy()
    rare[:] = 0
    rare[0] = 1
    found = describe(among.features, rare, among.contents, 0.1)
    assert found.pairs == []
    assert set(found.classes) == {0}
    same = np.zeros_like(among.features) + 1
    twice = describe(same, among.codes, among.contents, 0.0)
    assert np.isfinite(list(twice.growth.values())).all()


def test_of_many_classes_the_nearest_pairs_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    among = candidates(400, 8)
    whole = describe(among.features, among.codes, among.contents, 0.1)
    monkeypatch.setattr(sys.modules["cgaudit.analysis.describe"], "PAIRS", 10)
    few = describe(among.features, among.codes, among.contents, 0.1)
    assert len(few.pairs) == 10
    assert few.pairs[0] == whole.pairs[0]
