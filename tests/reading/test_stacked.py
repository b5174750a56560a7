"""Rows of several files, read as those of one."""

from itertools import pairwise

import numpy as np
import pytest

from cgaudit.reading.stacked import StackedRows


@pytest.mark.parametrize("heights", [(5,), (2, 0, 3, 1), (0, 0, 4), (0,)])
def test_it_reads_as_the_matrix_that_it_is(tmp_path, heights):
    rows = np.random.default_rng(0).normal(size=(sum(heights), 3)).astype(np.float32)
    borders = np.cumsum([0, *heights])
    stacked = StackedRows([rows[a:b] for a, b in pairwise(borders)])
    assert (stacked.shape, stacked.ndim, stacked.dtype, len(stacked)) == (
        *(rows.shape, 2, np.float32, len(rows)),
    )
    for wanted in [slice(None), slice(1, 4), slice(0, 0), slice(3, 100)]:
        np.testing.assert_array_equal(stacked[wanted], rows[wanted])
    index = np.random.default_rng(1).permutation(np.repeat(np.arange(len(rows)), 2))
    np.testing.assert_array_equal(stacked[index], rows[index])
    with pytest.raises(IndexError):
        stacked[np.array([len(rows)])]


def test_what_is_no_matrix_or_of_another_width_is_refused():
    row = np.zeros((1, 3), dtype=np.float32)
    for other in (np.zeros((1, 2), dtype=np.float32), np.zeros((1, 3))):
        with pytest.raises(ValueError, match="differ in width or dtype"):
            StackedRows([row, other])
    with pytest.raises(ValueError, match="no matrices"):
        StackedRows([row, row[0]])
