"""A folder to misbehave in: a small repository, what lies around it, and what a verb wrote where.

A sandbox is a folder with these in it:

- ``repo``, a git and DVC repository with an audit at HEAD, in which verbs run;
- ``out``, where verbs are told to write what they export;
- ``outside``, files that no verb may read or write;
- ``home``, ``tmp`` and ``site``: the HOME, the TMPDIR and DVC's site folder while a verb runs.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import torch
from click.testing import CliRunner

from cgaudit.cli import cli

#: One input may take so much time of the processor, whatever else the machine does.
PATIENCE_SECONDS = 30
#: And may wait so long for what never comes, as a FIFO that nobody writes to.
WAITING_SECONDS = 300
#: One input may make the process grow by so much.
ROOM = 1 << 30
#: What every verb may write to: DVC's own, which keeps there what it lists and fetches, and what
#: lasts no longer than the run.
SCRATCH = ("home", "site", "tmp", "repo/.dvc/tmp", "repo/.dvc/cache")


class Odd(Enum):
    """What can lie where a file should."""

    ABSENT = "absent"
    FOLDER = "a folder"
    LOOP = "a link to itself"
    DANGLING = "a link to nothing"
    FIFO = "a FIFO"
    OUTSIDE = "a link out of the repository"


Content = bytes | Odd


class Verb(NamedTuple):
    """A command line, and which paths of the sandbox it may write below."""

    words: tuple[str, ...]
    writes: tuple[str, ...] = ()


class Ran(NamedTuple):
    """How a verb ended.

    Attributes
    ----------
    code
        The exit code; None where there was no end, or a traceback.
    said
        What it printed.
    trouble
        What went wrong, None where nothing did: the kind, and where.
    """

    code: int | None
    said: str
    trouble: str | None


class _Hung(BaseException):
    """Taking too long; no `except Exception` keeps it."""


class Sandbox:
    """A sandbox that is put back in order after each run.

    Parameters
    ----------
    template
        A folder that holds ``repo`` and perhaps more.
    folder
        Where the copy lies that verbs run in; must not exist.
    """

    def __init__(self, template: Path, folder: Path) -> None:
        self.folder = folder.resolve()
        self._template = template
        shutil.copytree(template, self.folder, symlinks=True)
        for name in ("out", "outside", "home", "tmp", "site"):
            for root in (template, self.folder):
                (root / name).mkdir(exist_ok=True)
        self._pristine = self._snapshot()
        _listen()

    @property
    def repo(self) -> Path:
        """Where verbs run."""
        return self.folder / "repo"

    def run(self, verb: Verb, files: Mapping[str, Content], *, committed: bool = False) -> Ran:
        """Lay files into the repository, run a verb in it, and say what was wrong with that.

        `committed` has git commit them first. The sandbox stays as the verb left it: see `restore`.
        """
        for name, content in files.items():
            _lay(self.repo / name, content, self.folder / "outside")
        with self._entered():
            if committed:
                _commit(self.repo)
            before, room = self._snapshot(), _peak()
            ran, elsewhere = _invoked(verb.words, self.folder)
            after = self._snapshot()
        outside = [*elsewhere, *self._written(before, after, verb.writes)]
        grew = _peak() - room
        trouble = (
            ran.trouble
            or (f"wrote outside: {outside[0]}" if outside else None)
            or (f"memory: {grew >> 20} MiB" if grew > ROOM else None)
        )
        return ran._replace(trouble=trouble)

    def restore(self) -> None:
        """Put back what a run changed."""
        now = self._snapshot()
        for name in sorted(now.keys() - self._pristine.keys(), reverse=True):
            _remove(self.folder / name)
        for name, facts in sorted(self._pristine.items()):
            if now.get(name) != facts:
                _put_back(self._template / name, self.folder / name)
        self._pristine = self._snapshot()

    def _snapshot(self) -> dict[str, tuple[int, ...]]:
        """Return what lies where: mode, size and time of each path; of a folder the mode alone."""
        found: dict[str, tuple[int, ...]] = {}
        for at, folders, names in os.walk(self.folder):
            for name in (*folders, *names):
                path = os.path.join(at, name)  # noqa: PTH118 - thousands of times
                facts = os.lstat(path)
                timed = () if stat.S_ISDIR(facts.st_mode) else (facts.st_size, facts.st_mtime_ns)
                found[os.path.relpath(path, self.folder)] = (facts.st_mode, *timed)
        return found

    def _written(
        self,
        before: Mapping[str, tuple[int, ...]],
        after: Mapping[str, tuple[int, ...]],
        allowed: tuple[str, ...],
    ) -> list[str]:
        changed = {name for name in before | after if before.get(name) != after.get(name)}
        # PyTorch makes a folder for what it compiles, empty, once in a process.
        changed = {name for name in changed if not name.startswith("tmp/torchinductor_")}
        left = {name for name in changed if name.startswith("tmp/") and name in after}
        may = (*SCRATCH, *allowed)
        return sorted(left | {name for name in changed if not _below(name, may)})

    @contextmanager
    def _entered(self) -> Iterator[None]:
        """Work in the repository, on one core; home and temporary folder are the sandbox's."""
        here, known = Path.cwd(), dict(os.environ)
        os.environ |= {
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "DVC_SITE_CACHE_DIR": str(self.folder / "site"),
            "DVC_NO_ANALYTICS": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1",
        }
        kept, tempfile.tempdir = tempfile.tempdir, str(self.folder / "tmp")
        compiled, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        os.chdir(self.repo)
        try:
            yield
        finally:
            os.chdir(here)
            torch.set_num_threads(threads)
            os.environ.clear()
            os.environ |= known
            tempfile.tempdir, sys.dont_write_bytecode = kept, compiled


def _invoked(words: tuple[str, ...], inside: Path) -> tuple[Ran, list[str]]:
    """Run the command line in this process; return how it ended and what it wrote elsewhere."""

    try:
        with _patient(), _watching(inside) as elsewhere:
            done = CliRunner().invoke(cli, list(words), prog_name="cgaudit")
    except _Hung as hung:
        return Ran(None, "", f"hung: {words[0]} {hung}"), []
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        return Ran(None, done.output, _traceback(done.exception)), elsewhere
    odd = None if done.exit_code in (0, 1, 2) else f"exit code {done.exit_code}"
    if "Traceback (most recent call last)" in done.output:
        odd = "a traceback was printed"
    return Ran(done.exit_code, done.output, odd), elsewhere


@contextmanager
def _patient() -> Iterator[None]:
    """Raise `_Hung` in what computes or waits for too long."""
    clocks = {
        signal.SIGPROF: (signal.ITIMER_PROF, PATIENCE_SECONDS, "computes"),
        signal.SIGALRM: (signal.ITIMER_REAL, WAITING_SECONDS, "waits"),
    }

    def ring(number: int, _frame: FrameType | None) -> None:
        _, seconds, does = clocks[signal.Signals(number)]
        raise _Hung(f"{does} for more than {seconds} s")

    former = {number: signal.signal(number, ring) for number in clocks}
    for timer, seconds, _ in clocks.values():
        signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        for timer, _, _ in clocks.values():
            signal.setitimer(timer, 0)
        for number, handler in former.items():
            signal.signal(number, handler)


def _traceback(error: BaseException) -> str:
    """Return what identifies a traceback: the exception, and the last line of ours in it."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/cgaudit/" in frame.filename] or frames
    at = ours[-1]
    where = f"{Path(at.filename).name}:{at.lineno} in {at.name}"
    return f"traceback: {type(error).__name__} at {where}: {' '.join(str(error).split())[:200]}"


def _lay(path: Path, content: Content, outside: Path) -> None:
    _remove(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is Odd.FOLDER:
        path.mkdir()
    elif content is Odd.LOOP:
        path.symlink_to(path.name)
    elif content is Odd.DANGLING:
        path.symlink_to("nothing-here")
    elif content is Odd.FIFO:
        os.mkfifo(path)
    elif content is Odd.OUTSIDE:
        path.symlink_to(outside / "secret.txt")


def _commit(repo: Path) -> None:
    identity = {
        f"GIT_{role}_{what}": "a@example.org"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }
    # Git has no FIFOs: what it cannot hold stays out of the commit.
    for words in (
        ("add", "--all", "--ignore-errors"),
        ("commit", "--quiet", "--allow-empty", "--message", "forged"),
    ):
        environment = {**os.environ, **identity}
        subprocess.run(["git", *words], cwd=repo, env=environment, capture_output=True, check=False)


def _put_back(source: Path, target: Path) -> None:
    if source.is_dir() and not source.is_symlink():
        if target.is_symlink() or (target.exists() and not target.is_dir()):
            target.unlink()
        target.mkdir(exist_ok=True)
        target.chmod(source.stat().st_mode)
        return
    _remove(target)
    shutil.copy2(source, target, follow_symlinks=False)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _below(name: str, folders: tuple[str, ...]) -> bool:
    return any(name == folder or name.startswith(f"{folder}/") for folder in folders)


def _peak() -> int:
    """Return the most memory that the process has held so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


class _Ear:
    """What the audit hook hears; a hook cannot be taken away, so there is one."""

    inside: str | None = None
    heard: list[str]
    listens = False


_EAR = _Ear()
#: Which argument of an audit event is the path that is written.
_WRITTEN = {
    **dict.fromkeys(("os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.chmod"), 0),
    **dict.fromkeys(("os.rename", "os.link", "os.symlink"), 1),
}
_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def _listen() -> None:
    if not _Ear.listens:
        _Ear.listens = True
        sys.addaudithook(_hear)


def _hear(event: str, args: tuple[Any, ...]) -> None:
    if _EAR.inside is None:
        return
    if event == "open":
        path = args[0] if isinstance(args[2], int) and args[2] & _FLAGS else None
    elif event in _WRITTEN:
        path = args[_WRITTEN[event]]
    else:
        return
    if not isinstance(path, str | bytes | os.PathLike):
        return
    # A relative name may be one below an open folder: the snapshots see what becomes of it.
    at = os.fsdecode(path)
    if not at.startswith("/") or at.startswith(("/dev/", "/proc/")):
        return
    inside, _EAR.inside = _EAR.inside, None
    real = os.path.realpath(at)
    _EAR.inside = inside
    if not real.startswith(inside):
        _EAR.heard.append(real)


@contextmanager
def _watching(inside: Path) -> Iterator[list[str]]:
    """Yield a list of the paths that are written outside of a folder."""
    _EAR.heard, _EAR.inside = [], f"{inside}/"
    try:
        yield _EAR.heard
    finally:
        _EAR.inside = None
