"""The command, on real scores of real data."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from datarepo import DataRepo, make_scores, new_repo
from export_data import project_params
from PIL import Image
from sklearn.datasets import load_digits

from cgaudit.cli import cli
from cgaudit.paramsfile import load_params
from cgaudit.project import Project
from cgaudit.results.table import read_scores
from cgaudit.verbs import featurize, fit, score

COUNT = 120


def audit(folder: Path) -> None:
    project = Project(folder)
    params = load_params(project.params)
    fit.fit(project, params)
    featurize.featurize(project, params)
    score.score(project, params)


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of pictures in a folder, two without a label."""
    folder = tmp_path_factory.mktemp("digits ü")
    images, target = load_digits(return_X_y=True)
    (folder / "photos").mkdir()
    lines = ["id,image,label"]
    for number in range(COUNT):
        grey = (images[number].reshape(8, 8) * 15).astype(np.uint8)
        Image.fromarray(grey).save(folder / f"photos/{number:03}.png")
        label = "" if number in (7, 9) else f"d{target[number]}"
        lines.append(f"{number:03},{number:03}.png,{label}")
    (folder / "labels.csv").write_text("\n".join(lines) + "\n")
    project_params(folder, "{path: photos, labels: labels.csv}")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        audit(folder)
    return folder


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    words = {"fruit": "apple pear plum cherry", "tools": "hammer saw drill wrench"}
    lines = ["text,label"]
    for number in range(40):
        name = ("fruit", "tools")[number % 2]
        first, second, third, fourth = words[name].split()
        picked = (first, second, third, fourth)[number % 4]
        lines.append(f'"the {picked}, number {number}",{name}')
    (folder / "texts.csv").write_text("\n".join(lines) + "\n")
    project_params(folder, "{path: texts.csv, text_column: text, label_column: label}")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        audit(folder)
    return folder


def run(folder: Path, *arguments: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(cli, ["export", *arguments])


def exported(folder: Path, name: str, out: str) -> Result:
    result = run(folder, "--to", name, "--out", out)
    assert result.exit_code == 0, result.output
    return result


def test_cleanlab_gets_honest_probabilities_of_every_class(digits: Path, tmp_path: Path) -> None:
    result = exported(digits, "cleanlab", str(tmp_path / "out"))
    assert "2 samples without a label are left out" in result.stderr
    pred_probs = np.load(tmp_path / "out/pred_probs.npy", allow_pickle=False)
    labels = np.load(tmp_path / "out/labels.npy", allow_pickle=False)
    classes = json.loads((tmp_path / "out/classes.json").read_text())
    ids = pd.read_csv(tmp_path / "out/ids.csv", dtype=str)["id"].tolist()
    assert (pred_probs.shape, pred_probs.dtype) == ((COUNT - 2, 10), np.float32)
    assert labels.dtype == np.int64
    np.testing.assert_allclose(pred_probs.sum(axis=1, dtype=np.float64), 1, atol=1e-6)

    table = read_scores(digits / "reports/scores.parquet").table.set_index("id").loc[ids]
    assert [classes[code] for code in labels] == table["given_label"].tolist()
    own = pred_probs[np.arange(len(labels)), labels]
    np.testing.assert_allclose(own, table["label_score"], atol=2e-5)
    top_scores = np.stack(table["top_scores"])
    largest = np.sort(pred_probs, axis=1)[:, :-6:-1]
    np.testing.assert_allclose(largest, top_scores, atol=2e-5)
    at = np.vectorize(classes.index)(np.stack(table["top_labels"]))
    np.testing.assert_allclose(np.take_along_axis(pred_probs, at, axis=1), top_scores, atol=2e-5)


def test_cleanlab_reads_what_it_gets(digits: Path, tmp_path: Path) -> None:
    filters = pytest.importorskip("cleanlab.filter", reason="cleanlab is an extra (bench)")
    exported(digits, "cleanlab", str(tmp_path / "out"))
    labels = np.load(tmp_path / "out/labels.npy", allow_pickle=False)
    pred_probs = np.load(tmp_path / "out/pred_probs.npy", allow_pickle=False)
    wrong = labels.copy()
    wrong[:5] = (wrong[:5] + 1) % 10
    found = filters.find_label_issues(labels=wrong, pred_probs=pred_probs)
    assert found.dtype == bool
    assert found[:5].sum() >= 4
    assert found[5:].mean() < 0.2


def test_labels_that_were_not_scored_are_refused(digits: Path, tmp_path: Path) -> None:
    labels = digits / "labels.csv"
    original = labels.read_text()
    labels.write_text(original.replace("000.png,d0", "000.png,d1"))
    try:
        result = run(digits, "--to", "cleanlab", "--out", str(tmp_path / "out"))
    finally:
        labels.write_text(original)
    assert result.exit_code == 2
    assert "of other samples or labels" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("ridge: 0.1", "ridge: 0.2", "computed differently"),
        ("device: cpu", "device: cpu, memory_limit: 4000", "memory limit"),
    ],
)
def test_scores_made_otherwise_and_too_little_room(
    digits: Path, tmp_path: Path, old: str, new: str, said: str
) -> None:
    params = digits / "params.yaml"
    original = params.read_text()
    params.write_text(original.replace(old, new))
    try:
        result = run(digits, "--to", "cleanlab", "--out", str(tmp_path / "out"))
    finally:
        params.write_text(original)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_tables_are_one_file(digits: Path, tmp_path: Path, name: str) -> None:
    out = tmp_path / "deep" / f"scores.{name}"
    exported(digits, name, str(out))
    rows = (
        list(csv.DictReader(out.open(encoding="utf-8")))
        if name == "csv"
        else [json.loads(line) for line in out.read_text().splitlines()]
    )
    assert [row["id"] for row in rows] == [f"{number:03}" for number in range(COUNT)]
    assert list(out.parent.iterdir()) == [out]
    result = run(digits, "--to", name, "--out", str(tmp_path))
    assert result.exit_code == 2
    assert "is a folder" in result.stderr


def test_pictures_are_found_from_the_export(digits: Path) -> None:
    exported(digits, "fiftyone", "handed/fiftyone")
    folder = digits / "handed/fiftyone"
    manifest = json.loads((folder / "data.json").read_text())
    assert len(manifest) == COUNT
    assert all((folder / path).is_file() for path in manifest.values())
    exported(digits, "label-studio", "handed/studio")
    tasks = json.loads((digits / "handed/studio/tasks.json").read_text())
    local = "/data/local-files/?d="
    assert all((digits / task["data"]["image"].removeprefix(local)).is_file() for task in tasks)
    exported(digits, "cvat", "handed/cvat")
    assert 'width="8" height="8"' in (digits / "handed/cvat/annotations.xml").read_text()


def test_a_picture_that_cannot_be_read_leaves_nothing_behind(digits: Path, tmp_path: Path) -> None:
    shutil.copytree(digits, tmp_path / "here")
    (tmp_path / "here/photos/003.png").write_bytes(b"no picture")
    result = run(tmp_path / "here", "--to", "cvat", "--out", "elsewhere")
    assert result.exit_code == 2
    assert "003.png" in result.stderr
    assert not (tmp_path / "here/elsewhere").exists()


def test_what_else_is_in_the_folder_stays(digits: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "tasks.json").write_text("old")
    exported(digits, "label-studio", str(tmp_path))
    assert {path.name for path in tmp_path.iterdir()} == {
        "interface.xml", "mine.txt", "tasks.json",
    }  # fmt: skip
    assert json.loads((tmp_path / "tasks.json").read_text())


def test_texts(texts: Path, tmp_path: Path) -> None:
    exported(texts, "label-studio", str(tmp_path / "studio"))
    tasks = json.loads((tmp_path / "studio/tasks.json").read_text())
    assert {task["data"]["text"] for task in tasks} >= {"the apple, number 0"}
    for name in ("fiftyone", "cvat"):
        result = run(texts, "--to", name, "--out", str(tmp_path / name))
        assert result.exit_code == 2
        assert "shows picture files" in result.stderr
        assert not (tmp_path / name).exists()
    exported(texts, "cleanlab", str(tmp_path / "cleanlab"))


def test_a_folder_is_not_written_over_a_file(digits: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    result = run(digits, "--to", "cleanlab", "--out", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert "is a file" in result.stderr


def test_without_scores(digits: Path, tmp_path: Path) -> None:
    project_params(tmp_path, "{path: photos}")
    result = run(tmp_path, "--to", "csv", "--out", "x.csv")
    assert result.exit_code == 2
    assert "cgaudit score" in result.stderr


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> DataRepo:
    """Two commits, each with scores."""
    repo = new_repo(tmp_path_factory.mktemp("versions") / "repo")
    project_params(repo.project, "{path: photos}")
    for labels in (["a", "b"], ["b", "b"]):
        repo.write_scores(make_scores(["1", "2"], labels, classes=("a", "b")))
        repo.commit("scores")
    return repo


def test_the_scores_of_a_commit(versions: DataRepo, tmp_path: Path) -> None:
    for revision, labels in (("HEAD~1", ["a", "b"]), ("HEAD", ["b", "b"])):
        out = tmp_path / f"{revision}.jsonl"
        result = run(versions.project, revision, "--to", "jsonl", "--out", str(out))
        assert result.exit_code == 0, result.output
        rows = [json.loads(line) for line in out.read_text().splitlines()]
        assert [row["given_label"] for row in rows] == labels


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["HEAD~1", "--to", "cleanlab"], "git worktree add ../there HEAD~1"),
        (["nowhere", "--to", "csv"], "nowhere"),
        (["HEAD", "--to", "csv", "--audit", "x"], "An audit has no revisions"),
    ],
)
def test_what_cannot_be_had_of_a_commit(
    versions: DataRepo, tmp_path: Path, arguments: list[str], said: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(versions.project)
        words = ["export", *arguments, "--out", str(tmp_path / "out")]
        done = CliRunner().invoke(cli, words)
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())
    assert not (tmp_path / "out").exists()
