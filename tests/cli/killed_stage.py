"""Kill a stage before each of its file operations in turn, and see what it leaves behind.

    python killed_stage.py STAGE        in a folder with params.yaml and data

Each run is a fork of this process, in a copy of the folder, so that every one starts from the same
files. Prints how many times the stage was killed.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import cgaudit.cli
import cgaudit.verbs.report
import cgaudit.verbs.score
from cgaudit.project import OWN

STAGES = ["fit", "featurize", "score", "report"]
COMMANDS = {"fit": ["fit", "--force"]}
CHANGING = {"os.rename": (0, 1), "os.remove": (0,), "os.mkdir": (0,), "os.rmdir": (0,)}


def main() -> None:
    stage, before, after, work = sys.argv[1], Path("before"), Path("after"), Path("work")
    inputs = [path for path in Path().iterdir() if path.name != "before"]
    before.mkdir()
    for path in inputs:
        path.rename(before / path.name)
    for earlier in STAGES:
        assert run(before, earlier) == 0, earlier
    change(before)
    for earlier in STAGES[: STAGES.index(stage)]:
        assert run(before, earlier) == 0, earlier
    shutil.copytree(before, after)
    assert run(after, stage) == 0
    old, new = files(before), files(after)
    assert old != new, "the stage wrote nothing new: the test would pass whatever it does"
    for killed in itertools.count():
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(before, work)
        status = run(work, stage, die_after=killed)
        left = files(work)
        torn = [name for name, data in left.items() if data not in (old.get(name), new.get(name))]
        assert not torn, f"killed after {killed} operations: {torn} is neither old nor new"
        if status == 0:
            break
        assert status == -signal.SIGKILL
        assert run(work, stage) == 0
        assert files(work) == new, f"killed after {killed} operations, the next run differs"
    print(f"{stage}: killed {killed} times")


def change(folder: Path) -> None:
    """Add a picture and relabel another, so that every stage has something new to write."""
    labels = folder / "labels.csv"
    rows = labels.read_text().replace("0004.png,stripes", "0004.png,columns")
    labels.write_text(rows + "0090,0090.png,checks\n")
    (folder / "incoming/0090.png").rename(folder / "photos/0090.png")


def run(folder: Path, stage: str, die_after: int | None = None) -> int:
    """Return the exit status of the stage, negative for the signal that killed it."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    os.chdir(folder)
    if die_after is not None:
        sys.addaudithook(killer(Path.cwd(), die_after))
    try:
        cgaudit.cli.main(COMMANDS.get(stage, [stage]))
    except SystemExit as leave:
        os._exit(int(leave.code or 0))
    finally:
        os._exit(70)


def killer(root: Path, left: int) -> Callable[[str, tuple[object, ...]], None]:
    """Return an audit hook that kills the process before one more file changes below root."""
    seen = [0]

    def hook(event: str, args: tuple[object, ...]) -> None:
        paths = [args[at] for at in CHANGING.get(event, ())]
        if event == "open" and int(args[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            paths = [args[0]]
        if any(isinstance(path, str) and inside(path) for path in map(plain, paths)):
            if seen[0] == left:
                os.kill(os.getpid(), signal.SIGKILL)
            seen[0] += 1

    def inside(path: str) -> bool:
        return Path(path).absolute().is_relative_to(root)

    return hook


def plain(path: object) -> object:
    return os.fsdecode(path) if isinstance(path, (bytes, os.PathLike)) else path


def files(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file by its path, but for temporary names and the lock."""
    found = (path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder): path for path in found}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in sorted(names.items())
        if name.parts[0] != OWN
        and not any(part.endswith((".partial", ".former")) for part in name.parts)
    }


if __name__ == "__main__":
    main()
