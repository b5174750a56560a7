"""Which columns tell most about a row: known answers by hand, and a slow twin."""

from __future__ import annotations

import numpy as np
import pytest

from cgaudit.numerics.classes import ABSENT, NOBODY, UNLABELLED
from cgaudit.numerics.telling import (
    NONE,
    Asked,
    Groups,
    most_telling,
    tell_categories,
    tell_numbers,
)

NAN = float("nan")


def asked(rows, given, rival):
    return Asked(*(np.array(part, dtype=np.int64) for part in (rows, given, rival)))


def groups(classes, rows, given, rival):
    return Groups(np.array(classes, dtype=np.int64), asked(rows, given, rival))


def test_numbers_by_hand():
    # Class 0 holds 1, 2, 9: its median is 2. Class 1 holds 8, 10, 12: its median is 10. In all the
    # quartiles are 3.5 and 9.75, and the median is 8.5.
    values = np.array([1.0, 2, 9, 8, 10, 12])
    told = tell_numbers(values, groups([0, 0, 0, 1, 1, 1], [2, 0], [0, 0], [1, 1]))
    assert told.against == pytest.approx([(7 - 1) / 6.25, (1 - 9) / 6.25])
    assert told.apart == pytest.approx([0.5 / 6.25, 7.5 / 6.25])
    assert told.values.tolist() == [9, 1]
    assert told.usual.tolist() == [[2, 10, 8.5]] * 2


def test_categories_by_hand():
    # Class 0 has a, a, b; class 1 has b, b, b and nothing once.
    codes = np.array([0, 0, 1, 1, 1, 1, NONE])
    told = tell_categories(codes, 2, groups([0, 0, 0, 1, 1, 1, 1], [2, 6], [0, 1], [1, 0]))
    assert told.against == pytest.approx([3 / 4 - 1 / 3, 0 - 1 / 4])
    assert told.apart == pytest.approx([0, 4 / 7 - 1 / 7])
    assert told.values.tolist() == [1, NONE]
    assert told.usual.tolist() == [[0, 1, 1], [1, 0, 1]]


def test_the_missing_value_can_be_the_usual_one():
    told = tell_categories(np.array([0, NONE, NONE]), 1, groups([0, 0, 0], [0], [0], [NOBODY]))
    assert told.usual.tolist() == [[NONE, NONE, NONE]]
    assert told.apart == pytest.approx([1 / 3])


@pytest.mark.parametrize("value", [0.0, 0.1, -7e8])
def test_a_constant_column_tells_nothing(value):
    values = np.full(30, value)
    values[::2] += value * 1e-16
    told = tell_numbers(values, groups([0, 1, 2] * 10, [0, 1], [0, 1], [1, 2]))
    assert told.against.tolist() == told.apart.tolist() == [0, 0]
    assert most_telling([told], np.array([1, 2]), 6) == [(False, []), (False, [])]


def test_a_sparse_column_is_measured_by_its_deviation():
    values = np.zeros(100)
    values[:5] = [3, 4, 5, 6, 7]
    told = tell_numbers(values, groups([0] * 5 + [1] * 95, [0], [1], [0]))
    assert told.against == pytest.approx([(3 - 2) / values.std()])


def test_a_missing_number_tells_by_how_rare_it_is():
    values = np.array([1.0, 2, 3, NAN, 4, NAN, NAN, NAN])
    told = tell_numbers(values, groups([0] * 4 + [1] * 4, [3, 0], [0, 0], [1, 1]))
    assert told.against[0] == pytest.approx(3 / 4 - 1 / 4)
    assert told.apart[0] == 0
    assert np.isnan(told.values[0])
    assert told.usual[1].tolist() == [2, 4, 2.5]


def test_a_class_without_any_value_is_not_compared_with():
    values = np.array([1.0, 2, 3, NAN, NAN])
    told = tell_numbers(values, groups([0, 0, 0, 1, 1], [0, 0], [0, 0], [1, 7]))
    assert told.against.tolist() == [0, 0]
    assert np.isnan(told.usual[:, 1]).all()


def test_numbers_of_two_values_tell_by_their_shares():
    # Both medians are 0; that of the value 1 says nothing, that it is four times as frequent does.
    values = np.array([1.0] + [0] * 9 + [1] * 4 + [0] * 6 + [NAN])
    told = tell_numbers(values, groups([0] * 10 + [1] * 11, [0], [0], [1]))
    assert told.against == pytest.approx([4 / 11 - 1 / 10])
    assert told.values.tolist() == [1]
    assert told.usual.tolist() == [[0, 0, 0]]


def test_what_is_no_sample_counts_nowhere_and_what_has_no_label_in_all_alone():
    values = np.array([1.0, 2, 3, 1000, 50])
    told = tell_numbers(values, groups([0, 0, 0, ABSENT, UNLABELLED], [0], [0], [NOBODY]))
    assert told.usual[0].tolist() == [2, 2.5, 2.5]
    told = tell_numbers(values, groups([0, 0, 0, ABSENT, UNLABELLED], [4], [NOBODY], [NOBODY]))
    assert told.usual[0].tolist() == [2.5, 2.5, 2.5]


def test_the_most_telling_come_first_and_without_a_rival_those_unlike_all():
    rng = np.random.default_rng(0)
    classes = rng.integers(0, 3, 200)
    columns = rng.normal(size=(9, 200)) + classes * rng.normal(size=(9, 1))
    columns[4] = 1
    around = groups(classes, [5, 6, 7], [0, 1, 2], [1, NOBODY, 0])
    told = [tell_numbers(column, around) for column in columns]
    chosen = most_telling(told, np.array([1, NOBODY, 0]), 6)
    assert [compares for compares, _ in chosen] == [True, False, True]
    for row, (compares, at) in enumerate(chosen):
        scores = [(column.against if compares else column.apart)[row] for column in told]
        assert at == sorted(at, key=lambda i: -scores[i])
        assert len(at) == 6
        assert 4 not in at
        assert min(scores[i] for i in at) >= max(
            score for i, score in enumerate(scores) if i not in at and i != 4
        )


def test_where_two_classes_are_alike_in_all_columns_the_rows_are_compared_with_all():
    values = np.array([1.0, 2, 3, 1, 2, 3, 9, 9])
    told = tell_numbers(values, groups([0, 0, 0, 1, 1, 1, 2, 2], [0], [0], [1]))
    assert most_telling([told], np.array([1]), 6) == [(False, [0])]


def test_many_columns_as_a_slow_twin_has_them():
    rng = np.random.default_rng(3)
    classes = rng.integers(0, 5, 300)
    rows, rival = np.arange(40), (classes[:40] + 1) % 5
    values = rng.lognormal(size=300)
    values[rng.random(300) < 0.2] = NAN
    told = tell_numbers(values, groups(classes, rows, classes[rows], rival))
    spread = np.subtract(*np.nanpercentile(values, [75, 25]))
    for row, own in enumerate(values[rows]):
        of_given, of_rival = values[classes == classes[row]], values[classes == rival[row]]
        if np.isnan(own):
            expected = np.isnan(of_rival).mean() - np.isnan(of_given).mean()
        else:
            expected = abs(own - np.nanmedian(of_given)) - abs(own - np.nanmedian(of_rival))
            expected /= spread
        assert told.against[row] == pytest.approx(expected)


def test_no_rows_and_no_columns():
    assert most_telling([], np.array([1, NOBODY]), 6) == [(False, []), (False, [])]
    empty = np.array([], dtype=np.int64)
    told = tell_numbers(np.arange(4.0), groups([0, 0, 1, 1], empty, empty, empty))
    assert most_telling([told], empty, 6) == []
