"""Writing files so that a killed process leaves the old or the new, never half of either.

New contents are made in a folder of a random name beside the target, which nobody else may enter:
no name can be guessed, so none can be a link that somebody left there. The folder tells git to take
nothing of it, and what a killed run leaves is removed by the next that writes beside it.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np

from cgaudit.errors import InputError, OutputError

try:
    import fcntl
except ImportError:  # Windows, which has no advisory locks of this kind.
    fcntl = None  # type: ignore[assignment]

_PREFIX, _SUFFIX = ".cgaudit-", ".partial"
_IGNORED = ".gitignore"
#: What the names of folders begin with whose contents outlive a killed run.
STAGED = ".cgaudit_apply-"
#: Folders that belong to git and DVC alone.
_PRIVATE = frozenset({".git", ".dvc"})
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary place to write a file to, of the same name; it takes its place when done.

    The file is replaced, never written through: where DVC linked it from its cache, the cached
    copy stays untouched. It keeps the permissions that it had, and is on the disk before the old
    one goes. After an error `path` is what it was.

    Raises
    ------
    OutputError
        Something other than a file is there, or the place belongs to git or DVC.
    """
    refuse_private(path)
    if (kind := special(path)) is not None:
        raise OutputError(f"{path} is {kind}, not a file. Name a file to write to.")
    with _replacing(path) as partial:
        yield partial


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Yield an empty temporary folder; it takes the place of `path` when done.

    Between the old and the new there is a moment with neither, and none with a part of one.

    Raises
    ------
    OutputError
        Something other than a folder is there, or the place belongs to git or DVC.
    """
    refuse_private(path)
    with _replacing_folder(path) as partial:
        yield partial


@contextmanager
def replacing_own_folder(path: Path) -> Iterator[Path]:
    """Do as `replacing_folder` below `Project.own`, which may be in git's folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _replacing_folder(path) as partial:
        yield partial


@contextmanager
def _replacing_folder(path: Path) -> Iterator[Path]:
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise OutputError(f"{path} is there and is no folder. Move it away, then run this again.")
    with _scratch(path.parent) as scratch:
        partial = scratch / path.name
        partial.mkdir()
        yield partial
        keep_mode(partial, path)
        for file in sorted(partial.rglob("*")):
            sync(file)
        sync(partial)
        if path.exists():
            path.rename(scratch / f"{path.name}.former")
        partial.rename(path)
        sync(path.parent)


@contextmanager
def replacing_own(path: Path) -> Iterator[Path]:
    """Do as `replacing` below `Project.own`, which may be in git's folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _replacing(path) as partial:
        yield partial


def write_own(data: object, path: Path) -> None:
    """Write JSON below `Project.own`, which may be in git's folder."""
    with replacing_own(path) as partial:
        partial.write_text(json.dumps(data), encoding="utf-8")


def save_array(array: np.ndarray, path: Path) -> None:
    """Write an ``.npy`` file, and fail where not all of it could be written.

    Given a file, NumPy writes past Python, and does not look whether the last bytes arrived.
    """
    with path.open("wb") as file:
        np.save(_Writer(file), array, allow_pickle=False)


def write_text(text: str, path: Path) -> None:
    """Write a text file in UTF-8, as `replacing` does, which raises too."""
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json(data: object, path: Path) -> None:
    """Write readable JSON, keys in the order given, one trailing newline."""
    write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", path)


def special(path: Path) -> str | None:
    """Return what is at a path that is neither a file nor free, such as ``"a pipe"``."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    return next((kind for is_kind, kind in _KINDS if is_kind(mode)), None)


def refuse_special(*paths: Path) -> None:
    """Raise InputError where one of the paths is a pipe, a device or a socket.

    To read from one would wait for whoever writes to it, perhaps for ever.
    """
    for path in paths:
        kind = special(path)
        if kind not in (None, "a folder"):
            raise InputError(
                f"{path} is {kind}. Write what it would give to a file, and name that."
            )


def refuse_private(path: Path) -> None:
    """Raise OutputError where a path lies in a ``.git`` or ``.dvc`` folder, be it through links.

    What is found there is run or trusted; no file that somebody committed may have it written.
    """
    real = Path(os.path.realpath(path.parent)) / path.name
    # The nearest repository counts: DVC runs experiments in repositories below its own .dvc.
    for top in real.parents:
        if any(os.path.lexists(top / mark) for mark in _PRIVATE):
            inside = real.relative_to(top)
            if _PRIVATE.intersection(part.lower() for part in inside.parts):
                raise OutputError(
                    f"{path} lies in {top / inside.parts[0]}, where nothing is written but by git "
                    "and DVC. Name another place."
                )
            return


def refuse_inputs(outputs: Iterable[Path], inputs: Iterable[Path]) -> None:
    """Raise OutputError where an output would be written over an input, whatever their names."""
    taken = [(path, os.path.realpath(path)) for path in inputs]
    for output in outputs:
        real = os.path.realpath(output)
        for path, there in taken:
            if real == there or _is_same_file(Path(real), Path(there)):
                raise OutputError(
                    f"{output} would be written over {path}, which is data or belongs to the "
                    "project. Name another place."
                )


def refuse_outside(path: Path, top: Path) -> None:
    """Raise OutputError where a path that committed files name leads out of a folder."""
    real, limit = os.path.realpath(path), os.path.realpath(top)
    if not Path(real).is_relative_to(limit):
        raise OutputError(
            f"{path} leads to {real}, outside of {limit}. What params.yaml names and the folder of "
            "results are written inside the repository only: name a place there, without links."
        )


def reserve(file: Path) -> None:
    """Have the disk keep room for all of a file that is going to be written through memory.

    Where there is none this fails; without it, the process would be killed half way (SIGBUS).

    Raises
    ------
    OSError
        There is not that much room.
    """
    if not hasattr(os, "posix_fallocate"):
        return
    with file.open("r+b") as opened, _naming(file):
        os.posix_fallocate(opened.fileno(), 0, file.stat().st_size)


def keep_mode(new: Path, old: Path) -> None:
    """Give a file or folder the permissions of the one that it is to replace, if that is there.

    Links lead into a cache, whose objects nobody may write to: this copy of one is its owner's.
    """
    try:
        found, is_link = old.stat(), old.is_symlink()
    except OSError:
        return
    linked = is_link or (stat.S_ISREG(found.st_mode) and found.st_nlink > 1)
    new.chmod((found.st_mode & 0o777) | (stat.S_IWUSR if linked else 0))


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk before going on."""
    if fcntl is None and path.is_dir():
        return
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


class Scratch:
    """A folder of a random name that this process alone writes to, and of which git takes nothing.

    Parameters
    ----------
    folder
        Where to make it.
    prefix
        What its name begins with.

    Attributes
    ----------
    path
        The folder.
    """

    def __init__(self, folder: Path, prefix: str = _PREFIX) -> None:
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=prefix, suffix=_SUFFIX, dir=folder))
            # Another process may sweep it before it is held.
            with suppress(BlockingIOError, FileNotFoundError):
                self._held = _held(self.path)
                break
        (self.path / _IGNORED).write_text("*\n")

    def remove(self) -> None:
        """Remove the folder and what is in it."""
        remove_ignored(self.path)
        self.leave()

    def leave(self) -> None:
        """Leave the folder as it is, to be found by the next run."""
        if self._held is not None:
            os.close(self._held)


def sweep(folder: Path, prefix: str = _PREFIX) -> None:
    """Remove what killed runs left in a folder; what a running process holds stays."""
    for left in folder.glob(f"{prefix}*{_SUFFIX}"):
        # Among others BlockingIOError: in use.
        with suppress(OSError):
            held = _held(left)
            if held is not None:
                remove_ignored(left)
                os.close(held)


def remove_ignored(folder: Path) -> None:
    """Remove a folder that git takes nothing of, and last what says so: this may be cut short."""
    with suppress(OSError):
        for inside in folder.iterdir():
            if inside.is_dir() and not inside.is_symlink():
                shutil.rmtree(inside, ignore_errors=True)
            elif inside.name != _IGNORED:
                inside.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


class _Writer:
    """A file that NumPy does not take for one."""

    def __init__(self, file: BinaryIO) -> None:
        self.write = file.write


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    with _scratch(path.parent) as scratch:
        partial = scratch / path.name
        with _naming(path):
            yield partial
        keep_mode(partial, path)
        sync(partial)
        partial.replace(path)
        sync(path.parent)


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    scratch = Scratch(folder)
    try:
        yield scratch.path
    finally:
        scratch.remove()


def _held(folder: Path) -> int | None:
    """Lock a folder; None where the file system knows no such locks.

    Raises
    ------
    BlockingIOError
        Another process has it.
    FileNotFoundError
        It had it removed meanwhile.
    """
    if fcntl is None:
        return None
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not os.path.samestat(os.fstat(opened), folder.lstat()):
            raise FileNotFoundError(folder)
    except (BlockingIOError, FileNotFoundError):
        os.close(opened)
        raise
    except OSError:
        os.close(opened)
        return None
    return opened


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Have an error of writing name the file: NumPy and Arrow leave that out."""
    try:
        yield
    except OSError as error:
        if error.filename is not None:
            raise
        said = error.strerror or f"only part of it could be written ({error})"
        raise OSError(error.errno or errno.ENOSPC, said, str(path)) from error


def _is_same_file(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and one.samefile(other)
