"""No input lies, no input kills: a few inputs of every target, more where there is time.

`python -m tests.fuzz --examples 10000` runs as many as you like.
"""

from __future__ import annotations

import pytest
from fuzzing import Playground, explore, targets

TARGETS = targets()
FEW, MORE = 3, 40


def part_of(inputs: int, name: str) -> int:
    """Return fewer inputs for what takes longer."""
    most = max(target.share for target in TARGETS.values())
    return max(1, inputs * TARGETS[name].share // most)


@pytest.fixture(scope="session")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Playground:
    return Playground(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_a_few_inputs_end_as_they_should(playground: Playground, name: str) -> None:
    assert explore(TARGETS[name], playground, part_of(FEW, name)).troubles == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(TARGETS))
def test_many_inputs_end_as_they_should(playground: Playground, name: str) -> None:
    assert explore(TARGETS[name], playground, part_of(MORE, name), start=1).troubles == {}
