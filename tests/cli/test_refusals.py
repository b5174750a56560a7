"""What the machine refuses, or a user must not do, is one message and exit code 2."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from datarepo import make_scores

from cgaudit.project import Project
from cgaudit.results.table import write_scores

PARAMS = "cgaudit: {recipe: 2, source: {path: d.npz, labels: labels.csv}}\n"
FIXES = "id,action,label\n0,relabel,dog\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder of features with labels, and scores made by hand."""
    folder = tmp_path / "project"
    folder.mkdir()
    rows = np.random.default_rng(0).normal(size=(40, 4))
    np.savez(folder / "d.npz", features=rows)
    labels = [("cat", "dog")[row % 2] for row in range(40)]
    lines = "".join(f"{row},{label}\n" for row, label in enumerate(labels))
    (folder / "labels.csv").write_text("id,label\n" + lines)
    (folder / "params.yaml").write_text(PARAMS)
    (folder / "fixes.csv").write_text(FIXES)
    write_scores(
        make_scores([str(row) for row in range(40)], labels), Project(folder).outputs.scores
    )
    return folder


def cgaudit(
    project: Path, *arguments: str, before: str = "", timeout: float = 60, **options: object
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process in which `before` was executed."""
    program = f"{before}\nfrom cgaudit.cli import main\nmain()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=project, text=True, check=False, timeout=timeout, stderr=subprocess.PIPE,
        **{"stdout": subprocess.PIPE, **options},
    )  # fmt: skip


def refused(done: subprocess.CompletedProcess[str], says: str) -> None:
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("cgaudit: ")
    assert says in done.stderr


#: A process that may write files of one kilobyte, as on a disk that is nearly full.
SMALL = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))"


@pytest.mark.parametrize(
    ("arguments", "file"),
    [
        (("export", "--to", "csv", "--out", "out.csv"), "out.csv"),
        (("export", "--to", "jsonl", "--out", "out.jsonl"), "out.jsonl"),
        (("audit", "d.npz", "--labels", "labels.csv", "--out", "out"), "out/"),
        (("audit", "d.npz", "--labels", "labels.csv", "--out", "out/a/b"), "out/"),
    ],
)
def test_a_full_disk(project: Path, arguments: tuple[str, ...], file: str) -> None:
    done = cgaudit(project, *arguments, before=SMALL)
    refused(done, "File too large. The file is larger than this system allows")
    left = [path for path in project.rglob("*") if path.name.startswith((".cgaudit", "out."))]
    assert left == []


def test_a_full_disk_under_the_labels(project: Path) -> None:
    before = (project / "labels.csv").read_text()
    (project / "labels.csv").write_text(before + "".join(f"x{n},cat\n" for n in range(300)))
    before = (project / "labels.csv").read_text()
    refused(cgaudit(project, "apply", "fixes.csv", before=SMALL), "File too large")
    assert (project / "labels.csv").read_text() == before
    assert cgaudit(project, "apply", "fixes.csv").returncode == 0
    assert (project / "labels.csv").read_text() == before.replace("0,cat", "0,dog", 1)


def test_output_that_cannot_be_written(project: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = cgaudit(project, "apply", "fixes.csv", "--dry-run", "--json", stdout=full)
    refused(done, "No space left on device. Make room")


#: Without the privileges of root, so that permissions count where the tests are run as root.
PLAIN = """
import ctypes
version_and_process = (ctypes.c_uint32 * 2)(0x20080522, 0)
ctypes.CDLL(None).capset(version_and_process, (ctypes.c_uint32 * 6)())
"""


@pytest.fixture
def readonly(project: Path) -> Iterator[Path]:
    """The project, in which nobody may write anything."""
    everything = [project, *project.rglob("*")]
    for path in everything:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield project
    for path in everything:
        path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.mark.parametrize(
    "arguments",
    [
        ("apply", "fixes.csv"),
        ("export", "--to", "csv", "--out", "out.csv"),
        ("export", "--to", "csv", "--out", "new/out.csv"),
        ("audit", "d.npz", "--labels", "labels.csv"),
    ],
)
def test_a_read_only_folder(readonly: Path, arguments: tuple[str, ...]) -> None:
    refused(cgaudit(readonly, *arguments, before=PLAIN), "Permission denied. Check the permissions")


@pytest.mark.parametrize("name", ["params.yaml", "labels.csv", "fixes.csv", "d.npz"])
def test_a_file_that_may_not_be_read(project: Path, name: str) -> None:
    (project / name).chmod(0)
    verbs = ("featurize",) if name == "d.npz" else ("apply", "fixes.csv")
    done = cgaudit(project, *verbs, before=PLAIN)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert name in done.stderr


@pytest.mark.parametrize(
    "name", ["params.yaml", "labels.csv", "fixes.csv", "reviewed.csv", "reports/scores.parquet"]
)
def test_a_pipe_among_the_inputs_is_not_waited_for(project: Path, name: str) -> None:
    (project / name).unlink(missing_ok=True)
    os.mkfifo(project / name)
    refused(cgaudit(project, "apply", "fixes.csv"), f"{name} is a pipe")


@pytest.mark.parametrize("name", ["d.npz", "labels.csv"])
def test_a_pipe_is_not_audited(project: Path, name: str) -> None:
    (project / name).unlink()
    os.mkfifo(project / name)
    done = cgaudit(project, "audit", "d.npz", "--labels", "labels.csv")
    refused(done, f"{name} is a pipe")


@pytest.mark.parametrize("place", ["pipe", "/dev/null", "reports"])
def test_what_is_no_file_is_not_written_to(project: Path, place: str) -> None:
    os.mkfifo(project / "pipe")
    done = cgaudit(project, "export", "--to", "csv", "--out", place)
    assert done.returncode == 2
    assert f"{place} is a" in done.stderr
    assert (project / "pipe").is_fifo()
    assert Path("/dev/null").is_char_device()


@pytest.mark.slow
@pytest.mark.parametrize(
    "out",
    ["labels.csv", "./reports/../labels.csv", "d.npz", "params.yaml", "reports/scores.parquet"],
)
def test_an_export_does_not_replace_what_it_is_of(project: Path, out: str) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    refused(cgaudit(project, "export", "--to", "csv", "--out", out), "would be written over")
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_an_audit_does_not_replace_its_table(project: Path) -> None:
    (project / "out").mkdir()
    table = project / "out/skipped.csv"
    table.write_text("text,label\nhello,a\nbye,b\n")
    done = cgaudit(project, "audit", "out/skipped.csv", "--out", "out")
    refused(done, "would be written over")
    assert table.read_text().startswith("text,label")


def test_of_two_at_once_one_is_told_of_the_other(project: Path) -> None:
    """Both used to end well, and the labels of one were on the rows of the other."""
    table = project / "labels.csv"
    table.write_text("id,label\n" + "".join(f"{row},cat\n" for row in range(20_000)))
    drop = "id,action\n" + "".join(f"{row},drop\n" for row in range(100))
    (project / "drop.csv").write_text(drop)
    relabel = "id,action,label\n" + "".join(f"{row},relabel,dog\n" for row in range(200, 400))
    (project / "relabel.csv").write_text(relabel)
    command = [sys.executable, "-m", "cgaudit", "apply"]
    running = [
        subprocess.Popen([*command, name], cwd=project, stderr=subprocess.PIPE, text=True)
        for name in ("drop.csv", "relabel.csv")
    ]
    said = [(process.communicate()[1], process.returncode) for process in running]
    for name, (message, status) in zip(("drop.csv", "relabel.csv"), said, strict=True):
        if status:
            assert "Another command is at work on this project (cgaudit apply, process" in message
            assert cgaudit(project, "apply", name).returncode == 0
    rows = dict(line.split(",") for line in table.read_text().splitlines()[1:])
    assert len(rows) == 19_900
    assert {row for row, label in rows.items() if label == "dog"} == set(map(str, range(200, 400)))


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["fit", "featurize", "score", "report"])
def test_a_stage_waits_for_nobody(project: Path, verb: str) -> None:
    hold = (
        "import sys\nfrom pathlib import Path\nfrom cgaudit.lock import alone\n"
        "from cgaudit.project import Project\n"
        "with alone(Project(Path()), 'featurize'):\n    print('held', flush=True)\n"
        "    sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold], cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        refused(cgaudit(project, verb), f"(cgaudit featurize, process {holder.pid})")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("../outside.npz", "outside of"),
        ("labels.csv", "would be written over"),
        ("params.yaml", "would be written over"),
        ("notes.txt", "is no featurizer state"),
    ],
)
def test_params_name_no_other_place_for_a_state(project: Path, state: str, says: str) -> None:
    """They are committed by whoever may commit."""
    (project / "notes.txt").write_text("precious")
    (project / "params.yaml").write_text(
        "cgaudit: {recipe: 2, source: {path: d.npz, labels: labels.csv}, "
        f"featurize: {{state: {state}}}}}\n"
    )
    refused(cgaudit(project, "fit", "--force"), says)
    assert (project / "notes.txt").read_text() == "precious"
    assert not (project / "../outside.npz").exists()


def test_results_stay_inside(project: Path) -> None:
    (project.parent / "elsewhere").mkdir()
    (project / "reports").rename(project.parent / "elsewhere/reports")
    (project / "reports").symlink_to(project.parent / "elsewhere/reports")
    for verb in ("featurize", "score", "report"):
        refused(cgaudit(project, verb), "outside of")


def test_decisions_are_carried_out_whatever_the_recipe_and_scores_are_not_computed(
    project: Path,
) -> None:
    (project / "params.yaml").write_text(PARAMS.replace("recipe: 2", "recipe: 1"))
    done = cgaudit(project, "apply", "fixes.csv")
    assert done.returncode == 0, done.stderr
    assert "\n0,dog\n" in (project / "labels.csv").read_text()
    refused(cgaudit(project, "featurize"), "asks for recipe 1; this release computes recipe 2")
