"""The tutorials, run as they are written, each in a fresh git + DVC repo with a remote."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from datarepo import ENVIRONMENT
from drawn_boxes import scene, write
from measured import patients
from places import ROOT
from several import separated
from tutorial_data import label_folders, labels_table, texts_table

README = (ROOT / "README.md").read_text(encoding="utf-8")
FIRST = (ROOT / "docs" / "first-audit.md").read_text(encoding="utf-8")
REVIEW = (ROOT / "docs" / "review.md").read_text(encoding="utf-8")
TEXTS = (ROOT / "docs" / "review-texts.md").read_text(encoding="utf-8")
BOXES = (ROOT / "docs" / "boxes.md").read_text(encoding="utf-8")
SEVERAL = (ROOT / "docs" / "several-labels.md").read_text(encoding="utf-8")
NUMBERS = (ROOT / "docs" / "numbers.md").read_text(encoding="utf-8")
SELECTION = (ROOT / "docs" / "selection.md").read_text(encoding="utf-8")
DYNAMICS = (ROOT / "docs" / "dynamics.md").read_text(encoding="utf-8")
FOLDERS = (ROOT / "docs" / "review-folders.md").read_text(encoding="utf-8")


def sh(script: str, cwd: Path) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)


def new_repo(base: Path) -> Path:
    repo = base / "data repo"
    repo.mkdir()
    sh(
        "git init -q -b main && dvc init -q && mkdir ../remote && "
        "dvc remote add -q -d store ../remote && printf 'incoming*\\nfixes.csv\\n' > .gitignore",
        repo,
    )
    return repo


def play(text: str, repo: Path) -> list[str]:
    """Run the blocks; return what each printed."""
    return [sh(block, repo) for block in blocks(text, "sh")]


def difference(repo: Path, *revisions: str) -> dict:
    return json.loads(sh(f"cgaudit diff --json {' '.join(revisions)}", repo))


def without_scores(headline: str) -> list[str]:
    """What changed in the data, and the words of what it did to the scores.

    Their figures may differ in the last digit from machine to machine.
    """
    data, others, *scores = headline.strip().split(" · ")
    return [data, others, *(re.sub(r"[0-9.,]+", "#", part) for part in scores)]


def check_story(repo: Path, *, reviewed: str, moved: int) -> None:
    relabelling = difference(repo, "v1", "HEAD~1")
    assert relabelling["samples"] == {
        "added": 1, "removed": 1, "relabelled": 3, "edited": 0,
        "moved": moved, "unchanged": 86 - moved,
    }  # fmt: skip
    verdicts = {Path(row["id"]).stem: row["verdict"] for row in relabelling["relabelled"]}
    assert verdicts == {"0004": "supported", "0009": "supported", "0030": "contradicted"}
    review = difference(repo, "HEAD~1", "HEAD")
    assert {Path(row["id"]).stem for row in review["relabelled"]} == {"0030", "0017"}
    assert reviewed not in {row["id"] for row in review["issues"]["persisting"]}
    assert reviewed in (repo / "reviewed.csv").read_text()
    found = json.loads(sh("cgaudit history --json --moves", repo))["versions"]
    assert [row["relabelled"] for row in found] == [None, 3, 2]
    assert sh("git status --porcelain", repo) == ""


@pytest.mark.slow
def test_the_first_audit(tmp_path: Path) -> None:
    """From a folder of pictures to an applied decision, with what the page downloads."""
    label_folders(tmp_path)
    downloads = tmp_path / "home" / "Downloads"
    downloads.mkdir(parents=True)
    wrong, right = "photos/stripes/0004.png", "photos/stripes/0025.png"
    decisions = [
        {"id": "stripes/0004.png", "action": "relabel", "label": "columns"},
        {"id": "stripes/0025.png", "action": "keep", "label": "stripes", "comment": "faint"},
    ]
    (downloads / "fixes.json").write_text(json.dumps({"decisions": decisions}))
    script = f"export HOME={downloads.parent}\n" + "\n".join(blocks(FIRST, "sh"))
    said = sh(script, tmp_path)
    assert "cgaudit apply" in said
    assert not (tmp_path / wrong).exists()
    assert (tmp_path / "photos/columns/0004.png").exists()
    assert (tmp_path / right).exists()
    scores = pd.read_parquet(tmp_path / "cgaudit-report" / "scores.parquet").set_index("id")
    assert not scores.loc["stripes/0025.png", "is_label_issue"]
    assert scores.loc["columns/0004.png", "given_label"] == "columns"


@pytest.mark.slow
def test_a_table_of_labels(tmp_path: Path) -> None:
    # Its first block makes the repository too.
    repo = tmp_path / "data repo"
    repo.mkdir()
    (repo / ".gitignore").write_text("incoming\nfixes.csv\n")
    labels_table(repo)
    _, _, reading, deciding = play(REVIEW, repo)
    for text in (REVIEW, README):
        (headline,) = blocks(text, "text")
        assert without_scores(reading.splitlines()[0]) == without_scores(headline)
    assert "+0017,0017.png,stripes" in deciding
    # Its id is a column's, so a picture in another place is the same sample.
    check_story(repo, reviewed="0025", moved=0)


@pytest.mark.slow
def test_labels_from_folders(tmp_path: Path) -> None:
    repo = new_repo(tmp_path)
    label_folders(repo)
    play(FOLDERS, repo)
    check_story(repo, reviewed="stripes/0025.png", moved=1)


@pytest.mark.slow
def test_boxes_in_pictures(tmp_path: Path) -> None:
    repo = new_repo(tmp_path)
    things = [thing for number in range(3, 19) for thing in scene(number)]
    # The two that the tutorial's decisions put right.
    for number, wrong in ((7, "cell"), (20, "dot")):
        things[number - 1] = things[number - 1]._replace(label=wrong)
    write(things, repo, "coco")
    before = json.loads((repo / "boxes.json").read_text())
    play(BOXES, repo)
    after = json.loads((repo / "boxes.json").read_text())
    pairs = zip(before["annotations"], after["annotations"], strict=True)
    assert {old["id"] for old, new in pairs if old != new} == {7, 20}
    assert "33" in (repo / "reviewed.csv").read_text()
    assert difference(repo, "v1", "HEAD")["samples"]["relabelled"] == 2
    assert sh("git status --porcelain", repo) == ""


@pytest.mark.slow
def test_texts_in_a_csv(tmp_path: Path) -> None:
    repo = new_repo(tmp_path)
    texts_table(repo)
    *_, deciding = play(TEXTS, repo)
    assert re.search(r"^\+0017,.*,delivery$", deciding, flags=re.MULTILINE)
    check_story(repo, reviewed="0025", moved=0)


def figures_apart(headline: str) -> str:
    return re.sub(r"[0-9]+\.[0-9]+|[0-9]+ further", "#", headline.strip())


@pytest.mark.slow
def test_labels_that_are_numbers(tmp_path: Path) -> None:
    repo = new_repo(tmp_path)
    (repo / ".gitignore").write_text("fixes.csv\nhanded\n")
    before = patients(repo / "patients.csv")
    sh("git add . && git commit -qm Data", repo)
    _, told = play(NUMBERS, repo)
    (headline,) = blocks(NUMBERS, "text")
    said = next(line for line in told.splitlines() if " in the median: " in line)
    assert figures_apart(said) == figures_apart(headline)

    after = (repo / "patients.csv").read_bytes()
    expected = before.replace(b",2580\n", b",258\n").replace(b",420\n", b",42\n")
    assert after == expected
    assert "p0017" in (repo / "reviewed.csv").read_text()

    found = difference(repo, "v1", "HEAD")
    changed = {row["id"]: (row["by"], row["verdict"]) for row in found["relabelled"]}
    assert changed == {"p0114": (-2322.0, "supported"), "p0075": (-378.0, "supported")}
    assert found["classes"] == []
    assert "n_classes" not in found["summary"]["b"]
    summary = json.loads((repo / "reports/summary.json").read_text())
    assert "class" not in summary
    assert summary["n_not_numbers"] == 1
    assert 0 < summary["explained"] < 1

    scores = pd.read_parquet(repo / "reports/scores.parquet").set_index("id")
    predictions = np.load(repo / "handed/predictions.npy")
    labelled = scores[scores["given_label"].notna()]
    np.testing.assert_array_equal(predictions, labelled["predicted"])
    assert scores.loc["p0017", "is_reviewed"]
    assert not scores.loc["p0017", "is_label_issue"]
    page = (repo / "reports/index.html").read_text()
    assert 'id="residuals"' in page
    assert 'id="classes"' not in page
    assert sh("git status --porcelain", repo) == ""

    # What init set up draws its plots, and the second version computes the first one's as it was.
    plots = json.loads((repo / "reports/plots/residuals.json").read_text())
    assert set(plots[0]) == {"value", "predicted", "residual", "is_label_issue"}
    assert "residuals" in sh("dvc plots show --json 2>/dev/null || dvc plots show", repo)
    assert "typical residual" in sh("cgaudit history", repo)
    gate = json.loads(sh("cgaudit check --recompute --json v1...HEAD", repo))
    assert gate["ok"]
    assert any("are those of its data" in note for note in gate["notes"])


@pytest.mark.slow
def test_several_labels(tmp_path: Path) -> None:
    repo = new_repo(tmp_path)
    (repo / ".gitignore").write_text("fixes.csv\nhanded\n")
    before = separated(repo / "posts.csv")
    sh("git add . && git commit -qm Data", repo)
    _, told = play(SEVERAL, repo)
    (headline,) = blocks(SEVERAL, "text")
    said = next(line for line in told.splitlines() if " relabelled: " in line)
    assert figures_apart(said) == figures_apart(headline)

    # Nothing but the two cells is written.
    was, now = before.splitlines(), (repo / "posts.csv").read_bytes().splitlines()
    changed = [(a, b) for a, b in zip(was, now, strict=True) if a != b]
    assert [(a.rsplit(b",", 1)[1], b.rsplit(b",", 1)[1]) for a, b in changed] == [
        (b"sport", b"food;music"),
        (b"[]", b"money"),
    ]
    assert "p055" in (repo / "reviewed.csv").read_text()

    found = difference(repo, "v1", "HEAD")
    rows = {row["id"]: (row["added"], row["taken"], row["verdict"]) for row in found["relabelled"]}
    assert rows == {
        "p007": (["food", "music"], ["sport"], "supported"),
        "p030": (["money"], [], "supported"),
    }
    counts = {
        row["label"]: (row["relabelled_to"], row["relabelled_from"]) for row in found["classes"]
    }
    assert counts == {"food": (1, 0), "money": (1, 0), "music": (1, 0), "sport": (0, 1)}

    summary = json.loads((repo / "reports/summary.json").read_text())
    assert set(summary["class"]) == {"food", "money", "music", "sport"}
    assert not {"pair", "growth", "n_expected_errors"} & set(summary)
    scores = pd.read_parquet(repo / "reports/scores.parquet").set_index("id")
    assert scores.loc["p055", "is_reviewed"]
    assert not scores.loc["p055", "is_label_issue"]
    assert not any(name.startswith("label_score_") for name in scores.columns)

    labels = json.loads((repo / "handed/labels.json").read_text())
    classes = json.loads((repo / "handed/classes.json").read_text())
    ids = (repo / "handed/ids.csv").read_text().split()[1:]
    given = {name: json.loads(text) for name, text in scores["given_label"].dropna().items()}
    assert {i: [classes[x] for x in own] for i, own in zip(ids, labels, strict=True)} == given
    assert np.load(repo / "handed/pred_probs.npy").shape == (len(ids), 4)

    page = (repo / "reports/index.html").read_text()
    assert 'id="labels-health"' in page
    assert 'id="pairs"' not in page
    assert sh("git status --porcelain", repo) == ""
    plots = {file.name for file in (repo / "reports/plots").iterdir()}
    assert plots == {"class_quality.json", "label_score.json"}
    assert "label" in sh("dvc plots show --json 2>/dev/null || dvc plots show", repo)
    gate = json.loads(sh("cgaudit check --recompute --json v1...HEAD", repo))
    assert gate["ok"]
    assert any("are those of its data" in note for note in gate["notes"])


def log_of(repo: Path) -> str:
    """Return a training log in which what is flagged is learned late."""
    scores = pd.read_parquet(repo / "reports/scores.parquet")
    lines = [
        {"id": row.id, "epoch": epoch, "p_given": 0.3 if row.is_label_issue else 0.6 + 0.1 * epoch}
        for row in scores.itertuples()
        for epoch in range(3)
    ]
    return "".join(json.dumps(line) + "\n" for line in lines)


@pytest.mark.slow
def test_a_part_of_the_data_and_a_training_log(tmp_path: Path) -> None:
    repo = new_repo(tmp_path)
    labels_table(repo)
    sh("dvc add --quiet photos", repo)
    (kept,) = play(SELECTION, repo)
    assert len(re.findall(r"'\d{4}'", kept)) == 27
    (repo / "log.jsonl").write_text(log_of(repo))
    (first,) = play(DYNAMICS, repo)
    assert len(re.findall(r"'\d{4}'", first)) in (0, 5)
    page = (repo / "reports/index.html").read_text()
    assert [part in page for part in ('id="selection"', 'id="dynamics"', 'id="whole"')] == [
        True
    ] * 3
