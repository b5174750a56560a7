"""``cgaudit audit`` as its user calls it: real files in, exit codes and messages out."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from cgaudit.results.table import read_scores


def run(*args, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "cgaudit", *map(str, args)],
        cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip


def refused(done, *words):
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    for word in words:
        assert word in done.stderr, done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Digits 0 to 3 in sub-folders with awkward names; one file lies in the wrong one."""
    root = tmp_path_factory.mktemp("Bilder ü <b>")
    names = ["0007", "<script>alert(1)</script>".replace("/", "⁄"), "N A", "日本 'x' & \"y\""]
    images, labels = load_digits(n_class=4, return_X_y=True)
    for number, (pixels, label) in enumerate(zip(images[:240], labels[:240], strict=True)):
        place = root / names[label] / f"bild {number}.png"
        place.parent.mkdir(exist_ok=True)
        Image.fromarray((pixels.reshape(8, 8) * 15).astype(np.uint8)).save(place)
    wrong = next((root / names[0]).iterdir())
    wrong.rename(root / names[3] / "wrong.png")
    (root / names[1] / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n nothing")
    (root / "notes.txt").write_text("not an image")
    return root


@pytest.fixture(scope="module")
def audited(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    return run("audit", folder, "--out", out, "--json"), out


def test_writes_exactly_what_it_says(audited):
    done, out = audited
    assert done.returncode == 0, done.stderr
    written = {path.name for path in out.iterdir()}
    assert written == {"index.html", "scores.parquet", "summary.json", "skipped.csv", "audit.json"}
    printed = json.loads(done.stdout)
    assert printed["n_samples"] == 240
    assert printed["n_skipped"] == 2


def test_finds_the_misplaced_file(audited):
    table = read_scores(audited[1] / "scores.parquet").table
    worst = table.nsmallest(1, "label_score").iloc[0]
    assert worst["id"].endswith("wrong.png")
    assert worst["predicted_label"] == "0007"
    assert worst["is_label_issue"]


def test_names_reach_the_page_only_escaped(audited):
    page = (audited[1] / "index.html").read_text()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "日本" in page


def test_what_was_skipped_is_listed(audited):
    skipped = pd.read_csv(audited[1] / "skipped.csv", dtype=str)
    assert sorted(skipped["id"].str.split("/").str[-1]) == ["broken.png", "notes.txt"]


def test_same_input_same_bytes(audited, folder):
    _, out = audited
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert run("audit", folder, "--out", out).returncode == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_skips_can_be_refused(folder, tmp_path):
    done = run("audit", folder, "--out", tmp_path / "out", "--on-error", "fail")
    refused(done, "notes.txt")
    assert not (tmp_path / "out").exists()


def test_the_summary_is_for_people(folder, tmp_path):
    done = run("audit", folder, "--out", tmp_path / "out", "--samples", 0)
    assert "240 samples in 4 classes" in done.stdout
    assert "wrong.png" in done.stdout
    assert "image" not in done.stdout.splitlines()[0]


def test_a_row_whose_image_is_unreadable_is_listed_once_with_its_reason(folder, tmp_path):
    names = sorted(path for path in folder.rglob("*.png"))
    pd.DataFrame(
        {
            "id": [f"{i:04}" for i in range(len(names))],
            "path": [path.relative_to(folder).as_posix() for path in names],
            "label": [path.parent.name for path in names],
        }
    ).to_csv(tmp_path / "labels.csv", index=False)
    done = run("audit", folder, "--labels", tmp_path / "labels.csv", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    skipped = pd.read_csv(tmp_path / "out" / "skipped.csv", dtype=str)
    broken = skipped[~skipped["id"].str.endswith(".txt")]
    assert len(broken) == 1, skipped.to_string()
    assert "damaged" in broken["reason"].item() or "not an image" in broken["reason"].item()


@pytest.fixture(scope="module")
def features(tmp_path_factory):
    path = tmp_path_factory.mktemp("features") / "digits.npz"
    images, labels = load_digits(n_class=3, return_X_y=True)
    np.savez(path, features=images[:90], labels=labels[:90])
    return path


def test_features_need_no_images(features, tmp_path):
    done = run("audit", features, "--out", tmp_path / "out", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["n_classes"] == 3
    assert read_scores(tmp_path / "out/scores.parquet").provenance.featurizer == "embedding"


def test_outliers_and_near_duplicates_are_columns_where_scoring_is_exact(features, tmp_path):
    with np.load(features) as archive:
        rows = np.concatenate([archive["features"], archive["features"][:1] * 1.001])
        labels = np.append(archive["labels"], archive["labels"][0] + 1)
    np.savez(tmp_path / "twice.npz", features=rows, labels=labels)
    done = run("audit", tmp_path / "twice.npz", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    table = read_scores(tmp_path / "out/scores.parquet").table.set_index("id")
    assert table.loc[["0", "90"], "is_duplicate_conflict"].all()
    assert table["is_near_duplicate_issue"].sum() == 2
    assert table["outlier_score"].between(0, 1).all()
    assert "1 set of near-duplicates, 1 with labels that differ" in done.stdout
    assert json.loads((tmp_path / "out/summary.json").read_text())["n_duplicate_conflicts"] == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "looked", "said"),
    [
        (["--no-outliers"], False, False),
        (["--method", "lowrank"], False, True),
        (["--method", "lowrank", "--outliers"], True, False),
    ],
)
def test_where_outliers_cost_much_nobody_looks_unasked(features, tmp_path, options, looked, said):
    done = run("audit", features, "--out", tmp_path / "out", *options)
    assert done.returncode == 0, done.stderr
    table = read_scores(tmp_path / "out/scores.parquet").table
    assert ("outlier_score" in table) is looked
    assert ("Nobody has looked for outliers" in done.stderr) is said


@pytest.mark.slow
def test_the_thresholds_of_oddities_are_options(features, tmp_path):
    with np.load(features) as archive:
        rows = np.concatenate([archive["features"], 1.001 * archive["features"][:3]])
        labels = np.append(archive["labels"], archive["labels"][:3])
    near = tmp_path / "near.npz"
    np.savez(near, features=rows, labels=labels)

    def found(*options):
        done = run("audit", near, "--out", tmp_path / "out", "--outliers", *options)
        assert done.returncode == 0, done.stderr
        return read_scores(tmp_path / "out/scores.parquet").table

    few = found("--outlier-threshold", "100", "--near-duplicate-threshold", "0")
    many = found("--outlier-threshold", "0", "--near-duplicate-threshold", "1")
    assert not few["is_outlier_issue"].any()
    assert 0.2 < many["is_outlier_issue"].mean() < 0.7
    assert not few["is_near_duplicate_issue"].any()
    assert many["is_near_duplicate_issue"].sum() == 6
    done = run("audit", near, "--out", tmp_path / "out", "--near-duplicate-threshold", "2")
    assert done.returncode == 2
    assert "near_duplicate_threshold is 2.0" in done.stderr


def change(original, tmp_path, **arrays):
    with np.load(original) as archive:
        np.savez(tmp_path / "bad.npz", **{**dict(archive), **arrays})
    return tmp_path / "bad.npz"


def bad_values(value):
    def make(features, tmp_path):
        rows = np.load(features)["features"].copy()
        rows[7, 3] = value
        return change(features, tmp_path, features=rows)

    return make


BAD = {
    "missing": (lambda f, t: t / "nowhere", ["nowhere", "does not exist"]),
    "empty folder": (lambda f, t: (t / "empty").mkdir() or t / "empty", ["empty"]),
    "no images": (lambda f, t: (t / "a.xyz").write_text("x") and t, [".xyz"]),
    "nan": (bad_values(np.nan), ["NaN", "7", "3"]),
    "infinite": (bad_values(np.inf), ["infinite", "7", "3"]),
    "one class": (
        lambda f, t: change(f, t, labels=np.zeros(90, dtype=int)),
        ["two classes", "'0'"],
    ),
    "no labels": (lambda f, t: change(f, t, labels=np.full(90, "")), ["no label"]),
    "too few labels": (lambda f, t: change(f, t, labels=np.arange(5)), ["90", "5"]),
    "no rows": (
        lambda f, t: change(f, t, features=np.empty((0, 4)), labels=np.empty(0)),
        ["bad.npz"],
    ),
    "pickled": (lambda f, t: change(f, t, labels=np.array([{}] * 90)), ["bad.npz"]),
    "no archive": (lambda f, t: (t / "x.npz").write_text("x") and t / "x.npz", ["x.npz"]),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_message_and_exit_code_2(case, features, tmp_path):
    make, words = BAD[case]
    done = run("audit", make(features, tmp_path), "--out", tmp_path / "out")
    refused(done, *words)
    assert not (tmp_path / "out").exists(), "nothing half-written"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--ridge", "-1"], ["ridge", "at least 0"]),
        (["--featurizer", "pixls"], ["pixls", "pixels"]),
        (["--featurizer", "patches"], ["patches", "features"]),
        (["--method", "magic"], ["magic", "exact"]),
        (["--device", "cuda:99"], ["cuda:99"]),
        (["--labels", "nowhere.csv"], ["nowhere.csv"]),
        (["--no-such-option"], ["--no-such-option"]),
    ],
)
def test_bad_options(options, words, features, tmp_path):
    refused(run("audit", features, "--out", tmp_path / "out", *options), *words)


def test_a_wrong_column_lists_those_there_are(folder, tmp_path):
    (tmp_path / "labels.csv").write_text("file,klasse\nx.png,a\n")
    done = run("audit", folder, "--labels", tmp_path / "labels.csv", "--label-column", "label")
    refused(done, "'label'", "'file', 'klasse'", "--label-column")


def test_how_columns_were_read_is_said_on_the_terminal_in_the_page_and_in_the_summary(tmp_path):
    rows = [[i, f"{i % 2 + i % 7 / 10:.1f}", f"name {i}", "xy"[i % 2]] for i in range(60)]
    rows[9][1] = "<0.01"
    frame = pd.DataFrame(rows, columns=["", "width", "name", "label"])
    frame.to_csv(tmp_path / "t.csv", index=False)
    done = run("audit", tmp_path / "t.csv", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    unread = "numbers; 1 of 60 cells is no number ('<0.01'), taken as missing"
    assert f"column 'width': {unread}" in done.stderr
    assert "column 'name' left out: no value comes twice, as in an id" in done.stderr
    assert "column '' left out: an index by its name, or by having none" in done.stderr
    page = (tmp_path / "out/index.html").read_text()
    assert "1 of 60 cells is no number (&#39;&lt;0.01&#39;), taken as missing" in page
    columns = json.loads((tmp_path / "out/summary.json").read_text())["column"]
    assert columns["width"] == {
        "read_as": "number", "n_rows": 60, "n_unread": 1, "example": "<0.01", "name": "width",
    }  # fmt: skip
    assert columns["_"]["read_as"] == "left out"
