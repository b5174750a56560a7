"""Files are written whole, to where they are meant, and kept from others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from datarepo import run

from cgaudit.errors import InputError, OutputError
from cgaudit.files import (
    refuse_inputs,
    refuse_outside,
    refuse_special,
    replacing,
    replacing_folder,
    reserve,
    write_json,
    write_text,
)

KILLED = """
import os, signal, sys
from pathlib import Path
from cgaudit.files import replacing, replacing_folder
write = replacing_folder if sys.argv[2] else replacing
with write(Path(sys.argv[1])) as partial:
    (partial / "x" if sys.argv[2] else partial).write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed_writing(path: Path, *, folder: bool = False) -> None:
    command = [sys.executable, "-c", KILLED, str(path), "folder" if folder else ""]
    assert subprocess.run(command, check=False).returncode == -signal.SIGKILL


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "new/file.txt"
    write_text("one", file)
    with pytest.raises(TypeError), replacing(file) as partial:
        partial.write_text(None)
    assert file.read_text() == "one"
    assert names(file.parent) == ["file.txt"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o755, 0o444])
def test_a_file_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("one")
    file.chmod(mode)
    write_text("two", file)
    assert file.stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("link", [os.link, os.symlink])
def test_a_copy_of_a_cached_file_is_its_owners(tmp_path: Path, link) -> None:
    cached, file = tmp_path / "cached", tmp_path / "labels.csv"
    cached.write_text("one")
    cached.chmod(0o440)
    link(cached, file)
    write_text("two", file)
    assert (cached.read_text(), cached.stat().st_mode & 0o777) == ("one", 0o440)
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("two", 0o640)


def test_no_name_can_be_guessed(tmp_path: Path) -> None:
    """Names such as .index.html.partial were followed, where somebody had committed a link."""
    target = tmp_path / "precious"
    target.write_text("precious")
    seen = set()
    for _ in range(3):
        with replacing(tmp_path / "index.html") as partial:
            assert partial.parent.stat().st_mode & 0o777 == 0o700
            seen.add(partial)
            partial.write_text("page")
    assert len(seen) == 3
    for name in (".index.html.partial", ".index.html.former", ".index.cgaudit.html"):
        (tmp_path / name).symlink_to(target)
    (tmp_path / "index.html").unlink()
    (tmp_path / "index.html").symlink_to(target)
    write_text("page", tmp_path / "index.html")
    assert target.read_text() == "precious"
    assert not (tmp_path / "index.html").is_symlink()


@pytest.mark.parametrize("folder", [False, True])
def test_git_takes_nothing_of_what_a_killed_run_leaves(tmp_path: Path, folder: bool) -> None:
    run("git", "init", "--quiet", cwd=tmp_path)
    killed_writing(tmp_path / "out", folder=folder)
    assert len(names(tmp_path)) == 2
    run("git", "add", ".", cwd=tmp_path)
    assert run("git", "status", "--porcelain", cwd=tmp_path) == ""


@pytest.mark.parametrize("folder", [False, True])
def test_the_next_run_removes_what_a_killed_one_left(tmp_path: Path, folder: bool) -> None:
    killed_writing(tmp_path / "out", folder=folder)
    assert len(names(tmp_path)) == 1
    with replacing(tmp_path / "other") as partial:
        partial.write_text("x")
        # What a running process writes to stays.
        write_text("y", tmp_path / "another")
        assert partial.exists()
    assert names(tmp_path) == ["another", "other"]


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    folder = tmp_path / "plots"
    for number in range(2):
        with replacing_folder(folder) as partial:
            write_json(number, partial / f"{number}.json")
            write_json(number, partial / "all.json")
        assert names(folder) == [f"{number}.json", "all.json"]
    with pytest.raises(ZeroDivisionError), replacing_folder(folder):
        raise ZeroDivisionError
    assert names(folder) == ["1.json", "all.json"]
    assert names(tmp_path) == ["plots"]


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (a_pipe, "a pipe"),
        (Path.mkdir, "a folder"),
        (lambda path: path.symlink_to("/dev/null"), "a device"),
    ],
)
def test_what_is_no_file_is_not_written_to(tmp_path: Path, make, kind: str) -> None:
    make(tmp_path / "out")
    with pytest.raises(OutputError, match=f"out is {kind}, not a file"):
        write_text("x", tmp_path / "out")
    if kind != "a folder":
        with pytest.raises(InputError, match=f"out is {kind}"):
            refuse_special(tmp_path / "out")
        with pytest.raises(OutputError, match="no folder"), replacing_folder(tmp_path / "out"):
            pass
    refuse_special(tmp_path, tmp_path / "absent")


@pytest.mark.parametrize(
    "path", [".git/hooks/pre-commit", ".dvc/config", "reports/x", "sub/.git/x", ".GIT/config"]
)
def test_nothing_is_written_where_git_or_dvc_trust_it(tmp_path: Path, path: str) -> None:
    run("git", "init", "--quiet", cwd=tmp_path)
    (tmp_path / ".dvc").mkdir()
    (tmp_path / "reports").symlink_to(".git/hooks")
    for write in (replacing, replacing_folder):
        with pytest.raises(OutputError, match="where nothing is"), write(tmp_path / path):
            pass
    assert not (tmp_path / path).exists()


def test_dvc_runs_experiments_below_its_own_folder(tmp_path: Path) -> None:
    inner = tmp_path / ".dvc/tmp/exps/tmp1"
    for top in (tmp_path, inner):
        top.mkdir(parents=True, exist_ok=True)
        run("git", "init", "--quiet", cwd=top)
    write_text("x", inner / "reports/index.html")
    assert (inner / "reports/index.html").read_text() == "x"


def test_inputs_are_not_written_over(tmp_path: Path) -> None:
    for name in ("labels.csv", "photos/1.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    os.link(tmp_path / "labels.csv", tmp_path / "same.csv")
    (tmp_path / "link").symlink_to("photos")
    inputs = [tmp_path / "labels.csv", tmp_path / "photos", tmp_path / "absent"]
    for name in ("labels.csv", "same.csv", "photos", "link", "./labels.csv"):
        with pytest.raises(OutputError, match="would be written over"):
            refuse_inputs([tmp_path / name], inputs)
    refuse_inputs([tmp_path / "labels.json", tmp_path / "photos/new.json"], inputs)


def test_what_committed_files_name_stays_inside(tmp_path: Path) -> None:
    (tmp_path / "repo/sub").mkdir(parents=True)
    (tmp_path / "repo/link").symlink_to(tmp_path)
    for path in ("../x.npz", "link/x.npz", "/etc/x.npz", "sub/../../x"):
        with pytest.raises(OutputError, match="outside of"):
            refuse_outside(tmp_path / "repo" / path, tmp_path / "repo")
    refuse_outside(tmp_path / "repo/sub/x.npz", tmp_path / "repo")


FULL = """
import resource, sys
from pathlib import Path
import numpy as np
from cgaudit.files import replacing, reserve, save_array
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    with replacing(Path("out.npy")) as partial:
        if sys.argv[1] == "mapped":
            rows = np.lib.format.open_memmap(partial, "w+", np.float32, (1000, 10))
            reserve(partial)
        else:
            save_array(np.zeros(int(sys.argv[1])), partial)
except OSError as error:
    print(error.errno, error.filename)
"""


# NumPy says nothing where as much as fits into its own buffer did not arrive.
@pytest.mark.parametrize("how", ["mapped", "10000", "500"])
def test_an_error_of_writing_names_the_file(tmp_path: Path, how: str) -> None:
    (tmp_path / "out.npy").write_text("old")
    done = subprocess.run(
        [sys.executable, "-c", FULL, how], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[1] == "out.npy"
    assert names(tmp_path) == ["out.npy"]
    assert (tmp_path / "out.npy").read_text() == "old"


@pytest.fixture
def full_disk(tmp_path: Path):
    """A file system of one megabyte."""
    place = tmp_path / "full"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_mapped_memory_has_its_room_on_the_disk(full_disk: Path) -> None:
    """Where it has none, the first write to it kills the process."""
    file = full_disk / "vectors.npy"
    np.lib.format.open_memmap(file, "w+", np.float32, (1_000_000, 8))
    with pytest.raises(OSError, match="No space left") as caught:
        reserve(file)
    assert caught.value.filename == str(file)
