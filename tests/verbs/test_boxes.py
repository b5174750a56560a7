"""Boxes all the way: the same scores from every format, and the loop in a DVC repository."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_boxes import CLASSES, Thing, scene, write
from places import SHARED
from sklearn.metrics import roc_auc_score
from story import Project

from cgaudit.paramsfile import parse_params
from cgaudit.results.metrics import Metrics
from cgaudit.results.table import read_scores
from cgaudit.verbs.audit import audit

PICTURES = 16
#: Wrong from the start: the number of the box, from 0, and its class.
WRONG = {6: "cell", 19: "bar", 40: "dot"}
QUIET = {"featurize": lambda *_: None, "score": lambda *_: None}


def things() -> list[Thing]:
    true = [one for number in range(PICTURES) for one in scene(number)]
    return [
        one._replace(label=wrong(one.label, WRONG[at])) if at in WRONG else one
        for at, one in enumerate(true)
    ]


def wrong(true: str, label: str) -> str:
    return label if label != true else CLASSES[(CLASSES.index(true) + 1) % 3]


def audited(folder: Path, path: Path, labels: Path | None, **score: object) -> pd.DataFrame:
    section = {
        "source": {"path": str(path), "labels": labels and str(labels), "kind": "boxes"},
        "featurize": {"name": "pixels"},
        "report": {"samples": 40, "random_samples": 0},
        "score": score,
    }
    audit(parse_params(section, "x"), folder, QUIET)
    return read_scores(folder / "scores.parquet").table


def test_every_format_gives_the_same_scores_and_a_page(tmp_path: Path) -> None:
    found = {}
    for name in ("coco", "cvat", "voc", "yolo"):
        written = write(things(), tmp_path / name, name)
        table = audited(tmp_path / f"out-{name}", *written)
        # The order in which rows are solved follows the ids, and floats follow the order.
        table["picture"] = [path.rpartition("/")[2] for path in table["picture"]]
        order = ["picture", "box_top", "box_left"]
        found[name] = table.sort_values(order).reset_index(drop=True)
    for table in found.values():
        same = found["coco"]
        assert table["given_label"].tolist() == same["given_label"].tolist()
        assert table["predicted_label"].tolist() == same["predicted_label"].tolist()
        assert table["label_score"].to_numpy() == pytest.approx(same["label_score"], abs=1e-4)
        assert table["is_label_issue"].tolist() == same["is_label_issue"].tolist()
    flagged = found["coco"]["id"][found["coco"]["is_label_issue"]]
    assert {str(at + 1) for at in WRONG} <= set(flagged)
    page = (tmp_path / "out-coco" / "index.html").read_text(encoding="utf-8")
    assert 'class="scene"' in page
    assert "Pictures by their flagged boxes" in page


def test_boxes_on_one_thing_are_an_issue_of_their_own(tmp_path: Path) -> None:
    twin = things()[3]
    doubled = [*things(), twin._replace(label=wrong(twin.label, "dot"), left=twin.left + 1)]
    written = write(doubled, tmp_path, "coco")
    table = audited(tmp_path / "out", *written, box_overlap=0.6).set_index("id")
    on_one = table.index[table["is_overlap_issue"]]
    assert set(on_one) == {"4", str(len(doubled))}
    assert table.loc[on_one, "overlap_set"].nunique() == 1
    metrics = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert Metrics.of_json(metrics).n_overlap_issues == 1
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "1 place that boxes of different classes cover" in page


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A repository of boxes, audited at v1; ten decisions are applied, three boxes drawn anew."""
    project = Project(tmp_path_factory.mktemp("boxes") / "repo")
    write(things(), project.root, "coco")
    project.does("init", "--yes", "--data", "data")
    params = project.root / "params.yaml"
    params.write_text(params.read_text().replace("name: patches", "name: pixels"))
    project.does("fit", "--force")
    run(project)
    project.shell("dvc", "commit", "--quiet", "--force")
    project.commit("Version 1, audited", "v1")
    return project


def run(project: Project) -> None:
    for stage in ("featurize", "score", "report"):
        project.does(stage)


def test_init_finds_the_boxes_and_what_the_stages_depend_on(loop: Project) -> None:
    params = (loop.root / "params.yaml").read_text()
    assert "kind: boxes" in params
    assert "labels: boxes.json" in params
    stages = (loop.root / "dvc.yaml").read_text()
    assert stages.count("- boxes.json") == 2


def test_the_whole_loop(loop: Project) -> None:
    file = loop.root / "boxes.json"
    before = json.loads(file.read_text())
    chosen = [7, 20, 41, 50, 51, 52, 53, 54, 55, 56]
    labels = [one.label for one in things()]
    rows = [f"{at},relabel,{wrong(labels[at - 1], 'dot')}" for at in chosen]
    (loop.root / "fixes.csv").write_text("\n".join(["id,action,label", *rows, ""]))
    result = json.loads(loop.does("apply", "fixes.csv", "--json").stdout)
    assert result["relabelled"] == 10
    after = json.loads(file.read_text())
    changed = [
        (old["id"], {key for key in old if old[key] != new[key]})
        for old, new in zip(before["annotations"], after["annotations"], strict=True)
        if old != new
    ]
    assert changed == [(at, {"category_id"}) for at in chosen]
    for one in after["annotations"][70:73]:
        one["bbox"][0] += 1
    del after["annotations"][80]
    file.write_text(json.dumps(after, indent=2) + "\n")
    said = loop.does("featurize").stderr.decode()
    assert f"computed 3, reused {len(labels) - 4}" in said
    run(loop)
    found = json.loads(loop.does("diff", "v1", "--json").stdout)
    assert found["samples"] == {
        "added": 0, "removed": 1, "relabelled": 10, "redrawn": 3, "edited": 0, "moved": 0,
        "unchanged": len(labels) - 14,
    }  # fmt: skip
    assert [row["id"] for row in found["relabelled"]] == sorted(map(str, chosen))
    assert {row["id"] for row in found["redrawn"]} == {"71", "72", "73"}
    assert all(0.5 < row["overlap"] < 1 for row in found["redrawn"])
    text = loop.does("diff", "v1").text
    assert "3 redrawn" in text.splitlines()[0]
    assert "Boxes drawn anew" in text
    loop.does("diff", "v1", "--html", "diff.html")
    page = (loop.root / "diff.html").read_text(encoding="utf-8")
    assert "Drawn anew" in page
    with (loop.root / "params.yaml").open("a") as params:
        params.write("    max_overlap_issues: 0\n")
    rows = json.loads(loop.run("check", "v1", "--json").stdout)["limits"]
    assert {row["limit"]: row["value"] for row in rows}["max_overlap_issues"] == 0


def test_other_formats_of_export_say_why_not(loop: Project) -> None:
    said = loop.run("export", "--to", "fiftyone", "--out", "out")
    assert said.code == 2
    assert b"`cgaudit apply` writes decisions" in said.stderr
    loop.does("export", "--to", "jsonl", "--out", "scores.jsonl")


def test_a_version_without_scores_is_computed_from_its_annotations(loop: Project) -> None:
    # The last of the repository's tests: it leaves another commit checked out.
    loop.shell("git", "stash", "-q", "--include-untracked")
    loop.shell("git", "rm", "-q", "-r", "reports", "dvc.yaml")
    loop.shell("git", "commit", "-q", "-m", "Without scores")
    found = json.loads(loop.does("diff", "HEAD", "v1", "--compute", "--json").stdout)
    assert found["samples"]["unchanged"] == len(things())


BCCD = SHARED / "bccd"


@pytest.mark.slow
@pytest.mark.skipif(not BCCD.exists(), reason="the data set of ../shared/data is not here")
def test_wrong_classes_of_blood_cells_are_found(tmp_path: Path) -> None:
    section = {
        "source": {"path": str(BCCD / "images"), "labels": str(BCCD / "annotations.json")},
        "score": {"ridge": "auto"},
        "report": {"samples": 0, "random_samples": 0},
    }
    audit(parse_params(section, "x"), tmp_path, QUIET)
    table = read_scores(tmp_path / "scores.parquet").table
    truth = pd.read_csv(BCCD / "truth.csv", dtype=str).set_index("id")["true_label"]
    flipped = table["given_label"].to_numpy() != truth[table["id"]].to_numpy()
    assert flipped.sum() == 211
    assert roc_auc_score(flipped, -table["label_score"].to_numpy(np.float64)) >= 0.995
