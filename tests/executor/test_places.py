"""Where work runs: the choice, and what each place does alike."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
import torch

from cgaudit import executor
from cgaudit.errors import LabelsError, ParamsError
from cgaudit.executor import Inline, Serial

PLACES = [Inline, Serial]


def square(number: int, power: int = 2) -> int:
    return number**power


def summed(left: list[int], right: list[int]) -> list[int]:
    left += right
    return left


def listed(number: int) -> list[int]:
    return [number]


def fails(number: int) -> int:
    if number == 3:
        raise LabelsError("the third is bad")
    return number


def threads_of(_: int) -> tuple[int, int]:
    return torch.get_num_threads(), threading.get_ident()


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("place", PLACES)
def test_results_come_in_order_and_errors_as_they_are(place):
    run, numbers = place(), list(range(50))
    assert run.map(square, numbers) == [number**2 for number in numbers]
    kept = run.keep(square, numbers, shared=(run.share(3),))
    assert run.map(square, kept, shared=(1,)) == [number**3 for number in numbers]
    assert run.reduce(listed, summed, numbers) == numbers
    with pytest.raises(LabelsError, match="third is bad"):
        run.map(fails, numbers)
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("place", PLACES)
def test_each_part_that_is_done_is_told_of(place):
    told = []
    place().keep(square, range(9), done=lambda: told.append(1))
    place().reduce(listed, summed, range(7), done=lambda: told.append(1))
    assert len(told) == 16


@pytest.mark.usefixtures("two_threads")
def test_a_part_has_one_thread():
    found = Serial().map(threads_of, range(20))
    assert {threads for threads, _ in found} == {1}
    assert threading.get_ident() not in {ident for _, ident in found}


def test_the_place_is_chosen_by_name_then_by_the_environment(monkeypatch):
    monkeypatch.delenv(executor.VARIABLE, raising=False)
    assert isinstance(executor.chosen(), Serial)
    monkeypatch.setenv(executor.VARIABLE, "rey")
    with pytest.raises(ParamsError, match=r"CGAUDIT_ON \(or --on\) is 'rey'.*ray"):
        executor.chosen()
    with executor.running_on("serial"):
        assert isinstance(executor.chosen(), Serial)
    with pytest.raises(ParamsError, match="'local'"), executor.running_on("local"):
        pass
    monkeypatch.setenv(executor.VARIABLE, "serial")
    with executor.running_on(None):
        assert isinstance(executor.chosen(), Serial)


def test_importing_cgaudit_imports_no_ray():
    code = "import sys, cgaudit, cgaudit.score, cgaudit.cli; sys.exit('ray' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
