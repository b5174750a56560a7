"""Changes to files that happen together or not at all."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cgaudit.errors import ConflictError, DecisionError
from cgaudit.project import JOURNAL, Project
from cgaudit.review.transaction import Step, Transaction, staged

DIE_AFTER = """
import os, signal, sys
from pathlib import Path
from cgaudit.project import Project
from cgaudit.review import transaction
steps_left = int(sys.argv[2])
real = transaction._do
def do(step):
    global steps_left
    if steps_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    steps_left -= 1
    real(step)
transaction._do = do
root = Path(sys.argv[1])
labels = root / "labels.csv"
transaction.staged(labels).write_text("new")
transaction.Transaction(Project(root), []).run([
    transaction.Step("move", root / "cat/1", root / "dog/1"),
    transaction.Step("remove", root / "cat/2"),
    transaction.Step("replace", transaction.staged(labels), labels),
], {"fixes": "x"})
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in {"cat/1": "one", "cat/2": "two", "labels.csv": "old"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def state(root: Path) -> dict[str, str]:
    return {p.relative_to(root).as_posix(): p.read_text() for p in root.rglob("*") if p.is_file()}


@pytest.mark.parametrize("steps", range(4))
def test_killed_between_any_two_steps_the_next_run_finishes(root: Path, steps: int) -> None:
    done = subprocess.run([sys.executable, "-c", DIE_AFTER, str(root), str(steps)], check=False)
    assert done.returncode == (-signal.SIGKILL if steps < 3 else 0)
    note = Transaction(Project(root), []).recover()
    assert note == ({"fixes": "x"} if steps < 3 else None)
    assert state(root) == {"dog/1": "one", "labels.csv": "new"}
    assert Transaction(Project(root), []).recover() is None


def test_without_a_journal_nothing_happened(root: Path) -> None:
    staged(root / "labels.csv").write_text("ne")
    assert Transaction(Project(root), []).recover() is None
    assert (root / "labels.csv").read_text() == "old"


def test_a_file_in_the_way_is_not_overwritten(root: Path) -> None:
    transaction = Transaction(Project(root), [])
    (root / "dog").mkdir()
    (root / "dog/1").write_text("other")
    with pytest.raises(ConflictError, match="exists by now"):
        transaction.run([Step("move", root / "cat/1", root / "dog/1")], None)
    assert (root / "cat/1").read_text() == "one"
    (root / "dog/1").unlink()
    assert transaction.recover() is None
    assert (root / "dog/1").read_text() == "one"


def test_links_move_and_their_targets_stay(root: Path) -> None:
    (root / "store").mkdir()
    (root / "store/object").write_text("cached")
    (root / "cat/3").symlink_to(root / "store/object")
    Transaction(Project(root), []).run([Step("move", root / "cat/3", root / "dog/3")], None)
    assert (root / "dog/3").is_symlink()
    Transaction(Project(root), []).run([Step("remove", root / "dog/3")], None)
    assert (root / "store/object").read_text() == "cached"


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "cat/../../outside", "link/x"])
def test_a_forged_journal_reaches_nothing_outside(root: Path, path: str) -> None:
    project = root / "project"
    project.mkdir()
    (project / "link").symlink_to(root)
    (root / "outside").write_text("precious")
    (project / JOURNAL).write_text(json.dumps({"steps": [["remove", path, None]], "note": None}))
    with pytest.raises(DecisionError, match="outside of the data"):
        Transaction(Project(project), []).recover()
    assert (root / "outside").read_text() == "precious"


@pytest.mark.parametrize("content", ["", "{}", '{"steps": [1], "note": 1}', '{"steps": 3}', "[]"])
def test_a_broken_journal_is_named(root: Path, content: str) -> None:
    (root / JOURNAL).write_text(content)
    with pytest.raises(DecisionError, match="cannot be read"):
        Transaction(Project(root), []).recover()


def test_data_may_lie_beside_the_project(root: Path) -> None:
    project = root / "project"
    project.mkdir()
    step = Step("move", root / "cat/1", root / "dog/1")
    Transaction(Project(project), [root]).run([step], None)
    assert (root / "dog/1").read_text() == "one"
