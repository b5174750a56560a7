"""Errors cross processes whole."""

from __future__ import annotations

import errno
import pickle

import pytest
import torch

from cgaudit import errors
from cgaudit.solve import FactorisationError, SingularKernelError

MADE = [
    errors.LabelsError("one line", "and another"),
    errors.ColumnError("labels.csv", "label", None, ["a", "b"]),
    errors.IncomparableError({"ridge": (0.1, 0.3)}),
    errors.MachineError(OSError(errno.ENOSPC, "No space left on device", "/data/x")),
    FactorisationError(3, torch.float32, finite=True),
    FactorisationError(None, torch.float64, finite=False),
    SingularKernelError([(0, 7)], 1, 0.0, torch.float32),
]


@pytest.mark.parametrize("error", MADE, ids=lambda error: type(error).__name__)
def test_an_error_is_the_same_on_the_other_side(error):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.lines == error.lines
    assert again.exit_code == error.exit_code
    assert again.__dict__ == error.__dict__


def test_it_can_still_be_renumbered():
    error = pickle.loads(pickle.dumps(SingularKernelError([(0, 2)], 1, 0.0, torch.float32)))
    assert "4 and 9" in str(error.renumbered([9, 5, 4]))
