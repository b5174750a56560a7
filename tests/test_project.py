"""Where the files of a project lie, as this repository's own pipeline has them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from places import ROOT

from cgaudit import project
from cgaudit.project import NAMED, Outputs, Project

OUTPUTS = [name for name, value in vars(Outputs).items() if isinstance(value, property)]
#: What no stage of this repository writes.
BESIDE = {"asked", "dynamics", "imported", "made", "score_parts"}


def paths(stages: dict[str, Any], *kinds: str) -> Iterator[str]:
    """Yield what the stages name; an entry with options is a mapping."""
    for entry in chain.from_iterable(stage.get(kind, []) for stage in stages for kind in kinds):
        yield from [entry] if isinstance(entry, str) else entry


@pytest.fixture(scope="module")
def stages() -> list[dict[str, Any]]:
    pipeline = yaml.safe_load(Project(ROOT).pipeline.read_text(encoding="utf-8"))
    return list(pipeline["stages"].values())


def test_the_outputs_are_those_of_the_stages(stages):
    written = {path for path in paths(stages, "outs", "metrics") if not path.startswith("data/")}
    assert {getattr(NAMED, name).as_posix() for name in set(OUTPUTS) - BESIDE} == written


def test_the_stages_read_the_review_memory(stages):
    assert project.REVIEWED in set(paths(stages, "deps"))


@pytest.mark.parametrize("kept", ["params", "pipeline", "lock", "reviewed"])
def test_what_a_person_or_dvc_keeps_is_there(kept):
    assert getattr(Project(ROOT), kept).is_file()


def test_names_are_relative_and_files_below_the_root(tmp_path):
    place = Project(tmp_path)
    names = [project.PARAMS, project.PIPELINE, project.LOCK, project.REVIEWED]
    files = [place.params, place.pipeline, place.lock, place.reviewed]
    assert files == [tmp_path / name for name in names]
    assert place.kept == tmp_path / project.OWN / "kept"
    for name in OUTPUTS:
        named = getattr(NAMED, name)
        assert not named.is_absolute()
        assert getattr(place.outputs, name) == tmp_path / named


def test_the_pointer_is_the_file_that_dvc_add_writes():
    assert Project(Path("there")).pointer("photos/new") == Path("there/photos/new.dvc")
