"""From an audit to applied decisions where there is neither DVC nor params.yaml."""

from __future__ import annotations

import csv
import json
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from sklearn.datasets import load_digits

from cgaudit.cli import cli
from cgaudit.results.table import read_scores

WRONG = "0007"


def invoke(*args):
    return CliRunner().invoke(cli, list(map(str, args)))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Sixty digits of three classes, one with a wrong label: by folder, and in a table."""
    root = tmp_path_factory.mktemp("digits")
    images, labels = load_digits(n_class=3, return_X_y=True)
    rows = []
    for number, (pixels, label) in enumerate(zip(images[:60], labels[:60], strict=True)):
        name = f"{number:04}"
        given = f"is {(label + (name == WRONG)) % 3}"
        picture = Image.fromarray((pixels.reshape(8, 8) * 15).astype(np.uint8))
        for place in (root / "photos" / f"{name}.png", root / "folders" / given / f"{name}.png"):
            place.parent.mkdir(parents=True, exist_ok=True)
            picture.save(place)
        rows.append((name, f"{name}.png", given))
    with (root / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("id", "image", "label"), *rows])
    return root


@pytest.fixture
def here(pictures, tmp_path, monkeypatch):
    """A copy of them, which is the current folder."""
    shutil.copytree(pictures, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def audited(*args):
    done = invoke("audit", *args)
    assert done.exit_code == 0, done.output
    return done


def decided(folder, identity, action, **more):
    file = folder / "fixes.json"
    file.write_text(json.dumps([{"id": identity, "action": action, **more}]))
    return file


def next_command(done):
    """Return the arguments of the command that the audit names, but for its file."""
    _, command = done.stdout.strip().splitlines()[-1].split("then: ")
    program, verb, fixes, *rest = shlex.split(command)
    assert (program, verb, fixes) == ("cgaudit", "apply", "~/Downloads/fixes.json")
    return rest


def labels_now():
    with Path("labels.csv").open(newline="") as file:
        return {row["id"]: row["label"] for row in csv.DictReader(file)}


def test_the_command_that_is_named_writes_into_the_table_and_the_next_audit_remembers(here):
    done = audited("photos", "--labels", "labels.csv", "--out", "my report")
    rest = next_command(done)
    assert rest == ["--audit", "my report"]
    page = Path("my report/index.html").read_text(encoding="utf-8")
    assert "cgaudit apply ~/Downloads/fixes.json --audit &#39;my report&#39;" in page
    given = labels_now()[WRONG]
    fixed = invoke("apply", decided(here, WRONG, "relabel", label="is 1"), *rest)
    assert fixed.exit_code == 0, fixed.output
    assert "Run `cgaudit audit` to score the new labels." in fixed.stdout
    assert (given, labels_now()[WRONG]) == ("is 2", "is 1")
    again = audited("photos", "--labels", "labels.csv", "--out", "my report")
    first = again.stdout.partition("most suspicious:\n")[2].splitlines()[1].split()[0]
    kept = invoke("apply", decided(here, first, "keep"), *rest)
    assert kept.exit_code == 0, kept.output
    again = audited("photos", "--labels", "labels.csv", "--out", "my report")
    assert "1 label stands as reviewed.csv remembers" in again.stderr
    table = read_scores(Path("my report/scores.parquet")).table.set_index("id")
    assert table["is_reviewed"][first]
    assert f"\n{first} " not in again.stdout


def test_files_move_to_the_folder_of_their_new_label(here):
    rest = next_command(audited("folders", "--out", "report"))
    wrong = next(Path("folders").glob(f"*/{WRONG}.png"))
    identity = wrong.relative_to("folders").as_posix()
    fixed = invoke("apply", decided(here, identity, "relabel", label="is 1"), *rest)
    assert fixed.exit_code == 0, fixed.output
    assert not wrong.exists()
    assert Path(f"folders/is 1/{WRONG}.png").exists()


def test_any_table_with_ids_is_written_to_without_an_audit(here):
    fixes = decided(here, WRONG, "relabel", label="is 1")
    done = invoke("apply", fixes, "--labels", "labels.csv", "--label-column", "label")
    assert done.exit_code == 0, done.output
    assert labels_now()[WRONG] == "is 1"
    assert not Path("reviewed.csv").exists()


def test_an_audit_is_exported(here):
    audited("photos", "--labels", "labels.csv", "--out", "report")
    for to in ("csv", "cleanlab", "label-studio"):
        done = invoke("export", "--audit", "report", "--to", to, "--out", f"handed {to}")
        assert done.exit_code == 0, done.output
    assert np.load("handed cleanlab/pred_probs.npy").shape == (60, 3)


def test_who_forgets_to_name_the_audit_is_told_how(here):
    audited("photos", "--labels", "labels.csv")
    done = invoke("apply", decided(here, WRONG, "drop"))
    assert done.exit_code == 2
    assert "`cgaudit apply FIXES … --audit cgaudit-report`" in done.output
    assert invoke("apply", here / "fixes.json", "--audit", "cgaudit-report").exit_code == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no audit's folder"),
        ("[", "no JSON"),
        ('{"recipe": 2, "sorce": {}}', "Did you mean"),
        ('{"recipe": 1}', "recipe 1"),
        ('{"recipe": 2, "source": {"path": "elsewhere"}}', "in the folder where"),
    ],
)
def test_an_audit_that_is_none_is_refused(here, content, words):
    Path("report").mkdir()
    if content is not None:
        Path("report/audit.json").write_text(content)
    done = invoke("apply", decided(here, WRONG, "drop"), "--audit", "report")
    assert done.exit_code == 2, done.output
    assert words in done.output
