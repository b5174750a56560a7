"""What scoring keeps of the features: labels that change get the bytes of a whole computation."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from datarepo import new_repo
from export_data import project_params
from scored_digits import COUNT, invoke, write_digits

from cgaudit.paramsfile import load_params
from cgaudit.pipeline.score import Inputs, again_of
from cgaudit.project import Project

OUTPUTS = ("scores.parquet", "summary.json")


@pytest.fixture(scope="module")
def featurized(tmp_path_factory):
    folder = new_repo(tmp_path_factory.mktemp("kept") / "repo").project
    write_digits(folder, range(COUNT), new=True)
    project_params(folder, "{path: photos, labels: labels.csv}")
    for command in ("fit", "featurize"):
        invoke(folder, command)
    return folder


def set_score(folder: Path, **score: object) -> None:
    path = folder / "params.yaml"
    params = yaml.safe_load(path.read_text())
    params["cgaudit"]["score"] = score
    path.write_text(yaml.safe_dump(params))


def scored(folder: Path) -> list[bytes]:
    invoke(folder, "score")
    return [(folder / "reports" / name).read_bytes() for name in OUTPUTS]


@pytest.mark.parametrize("method", ["exact", "lowrank"])
def test_a_relabelling_is_scored_from_what_was_kept(featurized, monkeypatch, method):
    """With no other outcome than without; kept in git's own folder, where no commit brings it."""
    labels, project = featurized / "labels.csv", Project(featurized)
    before = labels.read_text()
    after = before.replace(",d1\n", ",d2\n", 3)
    asked = {"method": method, "likelihood": "gaussian"}
    if method == "lowrank":
        asked["landmarks"] = 60
    try:
        labels.write_text(after)
        set_score(featurized, **asked, keep_factor=False)
        expected = scored(featurized)
        assert not project.kept.exists()
        assert "kept" not in invoke(featurized, "score", "--dry-run").output
        labels.write_text(before)
        set_score(featurized, **asked, keep_factor=True)
        assert "of it will be kept" in invoke(featurized, "score", "--dry-run").output
        scored(featurized)
        assert project.kept.is_relative_to(featurized / ".git")
        labels.write_text(after)
        assert "where only labels changed" in invoke(featurized, "score", "--dry-run").output
        params, inputs = load_params(project.params), Inputs.read(project.outputs)
        assert "the last run kept" in again_of(project, params, inputs)
        for work in ("cgaudit.solve.parted.sums_of", "cgaudit.solve.exact.factorise_"):
            monkeypatch.setattr(work, lambda *_: pytest.fail("computed again"))
        assert scored(featurized) == expected
    finally:
        labels.write_text(before)
        for file in project.kept.glob("*"):
            file.unlink()
        if project.kept.exists():
            project.kept.rmdir()


def test_what_is_computed_in_a_second_is_not_kept(featurized):
    set_score(featurized, method="exact")
    scored(featurized)
    assert not Project(featurized).kept.exists()
    assert "kept" not in invoke(featurized, "score", "--dry-run").output
