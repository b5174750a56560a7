"""Changes to files that happen together or not at all."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from datarepo import run

from cgaudit.dataset import file_md5
from cgaudit.errors import ConflictError, DecisionError, MachineError, OutputError
from cgaudit.project import Project
from cgaudit.review.transaction import Step, Transaction

DIE_AFTER = """
import os, signal, sys
from pathlib import Path
from cgaudit.dataset import file_md5
from cgaudit.files import STAGED, Scratch
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
new = Scratch(root, STAGED).path / "labels.csv"
new.write_text("new")
transaction.Transaction(Project(root), []).run([
    transaction.Step("move", root / "cat/1", root / "dog/1", file_md5(root / "cat/1")),
    transaction.Step("remove", root / "cat/2", was=file_md5(root / "cat/2")),
    transaction.Step("replace", new, labels, file_md5(labels), file_md5(new)),
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


def killed_after(root: Path, steps: int) -> int:
    command = [sys.executable, "-c", DIE_AFTER, str(root), str(steps)]
    return subprocess.run(command, check=False).returncode


def move(root: Path, path: str, target: str) -> Step:
    return Step("move", root / path, root / target, file_md5(root / path))


@pytest.mark.parametrize("steps", range(4))
def test_killed_between_any_two_steps_the_next_run_finishes(root: Path, steps: int) -> None:
    assert killed_after(root, steps) == (-signal.SIGKILL if steps < 3 else 0)
    transaction = Transaction(Project(root), [])
    assert transaction.unfinished() == (steps < 3)
    note = transaction.recover()
    assert note == ({"fixes": "x"} if steps < 3 else None)
    left = {name: text for name, text in state(root).items() if ".partial" not in name}
    assert left == {"dog/1": "one", "labels.csv": "new"}
    assert Transaction(Project(root), []).recover() is None


@pytest.mark.parametrize("steps", range(3))
@pytest.mark.parametrize("edited", ["labels.csv", "cat/1", "cat/2"])
def test_what_was_edited_since_is_not_written_over(root: Path, steps: int, edited: str) -> None:
    killed_after(root, steps)
    (root / edited).write_text("edited")
    before = {name: text for name, text in state(root).items() if not name.startswith(".")}
    transaction = Transaction(Project(root), [])
    why = "exists by now" if edited == "cat/1" and steps else "has been edited"
    with pytest.raises(ConflictError, match=f"cut short, and since then .*{why}"):
        transaction.recover()
    assert state(root) == before
    # It is given up: the next run begins anew, and nothing is in its way.
    assert transaction.recover() is None


def test_what_changes_between_planning_and_writing_is_not_written_over(root: Path) -> None:
    planned = move(root, "cat/1", "dog/1")
    (root / "cat/1").write_text("edited")
    with pytest.raises(ConflictError, match="has been edited"):
        Transaction(Project(root), []).run([planned], None)
    assert state(root)["cat/1"] == "edited"
    assert Transaction(Project(root), []).recover() is None


def test_without_a_journal_nothing_happened(root: Path) -> None:
    (root / ".labels.cgaudit.csv").write_text("ne")
    assert Transaction(Project(root), []).recover() is None
    assert (root / "labels.csv").read_text() == "old"


def test_a_file_in_the_way_is_not_overwritten(root: Path) -> None:
    transaction = Transaction(Project(root), [])
    (root / "dog").mkdir()
    (root / "dog/1").write_text("other")
    with pytest.raises(ConflictError, match="exists by now"):
        transaction.run([move(root, "cat/1", "dog/1")], None)
    assert state(root) == {"cat/1": "one", "cat/2": "two", "labels.csv": "old", "dog/1": "other"}
    (root / "dog/1").unlink()
    transaction.run([move(root, "cat/1", "dog/1")], None)
    assert (root / "dog/1").read_text() == "one"


def test_links_move_and_their_targets_stay(root: Path) -> None:
    (root / "store").mkdir()
    (root / "store/object").write_text("cached")
    (root / "cat/3").symlink_to(root / "store/object")
    transaction = Transaction(Project(root), [])
    transaction.run([move(root, "cat/3", "dog/3")], None)
    assert (root / "dog/3").is_symlink()
    transaction.run([Step("remove", root / "dog/3", was=file_md5(root / "dog/3"))], None)
    assert (root / "store/object").read_text() == "cached"


def forged(project: Path, *steps: list[str | None]) -> None:
    journal = Project(project).journal
    journal.parent.mkdir(parents=True, exist_ok=True)
    journal.write_text(json.dumps({"steps": steps, "note": None}))


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "cat/../../outside", "link/x"])
def test_a_forged_journal_reaches_nothing_outside(root: Path, path: str) -> None:
    project = root / "project"
    project.mkdir()
    (project / "link").symlink_to(root)
    (root / "outside").write_text("precious")
    forged(project, ["remove", path, None, file_md5(root / "outside"), None])
    with pytest.raises(DecisionError, match="outside of the data"):
        Transaction(Project(project), []).recover()
    assert (root / "outside").read_text() == "precious"


@pytest.mark.parametrize("hook", [".git/hooks/pre-commit", "photos/pre-commit", ".dvc/config"])
def test_no_step_touches_what_is_gits_or_dvcs(root: Path, hook: str) -> None:
    run("git", "init", "--quiet", cwd=root)
    (root / ".git/hooks").mkdir(exist_ok=True)
    (root / ".dvc").mkdir()
    (root / "photos").symlink_to(root / ".git/hooks")
    md5 = file_md5(root / "cat/1")
    with pytest.raises(OutputError, match="where nothing is written but by git"):
        Transaction(Project(root), []).run([move(root, "cat/1", hook)], None)
    forged(root, ["move", "cat/1", hook, md5, None])
    with pytest.raises(DecisionError, match="outside of the data"):
        Transaction(Project(root), []).recover()
    assert not (root / hook).exists()


def test_a_journal_that_somebody_committed_is_not_obeyed(root: Path) -> None:
    """It did replace a hook of git's, at the next apply of whoever checked it out."""
    run("git", "init", "--quiet", cwd=root)
    content = {"steps": [["replace", "labels.csv", "cat/1"]], "note": {"fixes": "", "result": {}}}
    for name in (".cgaudit-apply.json", ".cgaudit/apply.json", ".dvc/tmp/cgaudit/apply.json"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(json.dumps(content))
    assert Transaction(Project(root), []).recover() is None
    assert (root / "cat/1").read_text() == "one"


@pytest.mark.parametrize("content", ["", "{}", '{"steps": [1], "note": 1}', '{"steps": 3}', "[]"])
def test_a_broken_journal_is_named(root: Path, content: str) -> None:
    forged(root)
    Project(root).journal.write_text(content)
    with pytest.raises(DecisionError, match="is damaged"):
        Transaction(Project(root), []).recover()


def test_data_may_lie_beside_the_project(root: Path) -> None:
    project = root / "project"
    project.mkdir()
    Transaction(Project(project), [root]).run([move(root, "cat/1", "dog/1")], None)
    assert (root / "dog/1").read_text() == "one"


def test_a_step_that_the_system_refuses_is_gone_on_with(root: Path) -> None:
    steps = [move(root, "cat/1", "dog/1"), move(root, "cat/2", "owl/1/2")]
    (root / "owl").mkdir()
    (root / "owl/1").write_text("in the way")
    transaction = Transaction(Project(root), [])
    with pytest.raises(MachineError, match="the next run goes on from there"):
        transaction.run(steps, "note")
    assert (root / "dog/1").read_text() == "one"
    (root / "owl/1").unlink()
    assert transaction.recover() == "note"
    assert (root / "owl/1/2").read_text() == "two"
