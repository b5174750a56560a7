"""Intersection over union, pairs and groups by it."""

from __future__ import annotations

import numpy as np
import pytest

from cgaudit.numerics.overlap import best_pairs, by_picture, groups_of, overlaps


def counted(a: np.ndarray, b: np.ndarray, side: int = 200) -> float:
    """The slow twin: the cells of a grid that both cover, and that either does."""
    at = (np.arange(side) + 0.5) / side
    masks = [
        ((at >= top) & (at < top + height))[:, None] & ((at >= left) & (at < left + width))[None]
        for left, top, width, height in (a, b)
    ]
    return float((masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum())


def test_overlaps_are_what_counting_says() -> None:
    rng = np.random.default_rng(0)
    boxes = np.round(rng.uniform(0, 0.5, (6, 4)) + np.array([0, 0, 0.1, 0.1]), 2)
    found = overlaps(boxes, boxes)
    for row in range(6):
        for column in range(6):
            assert found[row, column] == pytest.approx(counted(boxes[row], boxes[column]), abs=0.02)


def test_known_answers() -> None:
    boxes = np.array([[0, 0, 2, 2], [1, 0, 2, 2], [2, 2, 1, 1], [5, 5, 0, 0]], dtype=float)
    wanted = [[1, 1 / 3, 0, 0], [1 / 3, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    assert overlaps(boxes, boxes) == pytest.approx(np.array(wanted))


def test_pairs_take_the_most_overlapping_first_and_each_box_once() -> None:
    shared = np.array([[0.9, 0.6, 0.0], [0.8, 0.7, 0.0], [0.5, 0.5, 0.2]])
    assert best_pairs(shared, 0.5) == [(0, 0), (1, 1)]
    assert best_pairs(shared, 0.95) == []


def test_groups_are_chains_of_two_or_more() -> None:
    near = np.eye(5)
    near[0, 2] = near[2, 0] = near[2, 4] = near[4, 2] = 0.9
    assert groups_of(near, 0.7) == [[0, 2, 4]]


def test_rows_by_picture_in_the_order_of_names() -> None:
    found = by_picture(["b", "a", "b", "é"])
    assert {name: rows.tolist() for name, rows in found.items()} == {
        "a": [1],
        "b": [0, 2],
        "é": [3],
    }
    assert by_picture([]) == {}
