"""Kill the command of a scene, look at what it left, and run it again."""

from __future__ import annotations

import hashlib
import math
import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from datarepo import ENVIRONMENT
from datarepo import run as run_words
from dying import Death, forked, operations
from scenes import SCENES, Scene

from cgaudit.doctor.workspace import torn_lock
from cgaudit.files import STAGED
from cgaudit.project import OWN, Project
from cgaudit.revisions import Repository

#: What git and DVC alone look after; their contents are looked at by `_private`.
_PRIVATE = (".git", ".dvc/cache", ".dvc/tmp")
#: Beginnings of the names of folders for what is being written.
_SCRATCH = (".cgaudit-", STAGED)
Files = dict[str, bytes]


@dataclass
class Tally:
    """What came of the kills of a scene.

    Attributes
    ----------
    kills
        How often it was killed, by kind.
    ended
        How often it ended before it would have been.
    operations
        How many changes of files the command makes: the moments to die at.
    troubles
        What went wrong, and how often.
    """

    kills: Counter[str] = field(default_factory=Counter)
    ended: int = 0
    operations: int = 0
    troubles: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} by {kind}" for kind, count in sorted(self.kills.items()))
        return (
            f"{self.kills.total()} kills ({kinds}; {self.operations} changes of files to be killed "
            f"at), {self.troubles.total()} troubles"
        )


class Stage:
    """A scene as it is before its command and after it, and a folder to kill it in.

    Parameters
    ----------
    scene
        What is killed.
    folder
        Where everything is laid; must not exist.
    """

    def __init__(self, scene: Scene, folder: Path) -> None:
        self.scene, self._folder = scene, folder
        # Every copy lies in a place of the same name: DVC writes absolute paths into its own files.
        self.work, self._before = folder / "place/work", folder / "before"
        self.work.parent.mkdir(parents=True)
        scene.lay(self.work)
        shutil.copytree(self.work, self._before, symlinks=True)
        self.old = _files(self.work)
        self.operations = operations(self.work, scene.words, scene.main)
        self.new = _files(self.work)
        assert self.old != self.new, "the command wrote nothing new: whatever it did would pass"
        self.anew()
        ended = forked(self.work, scene.words, scene.main)
        self.milliseconds = ended.milliseconds
        again = _files(self.work)
        odd = sorted(it for it in again | self.new if again.get(it) != self.new.get(it))
        assert ended.code == 0, f"{scene.name}: {ended.said}"
        assert not odd, f"{scene.name} does not write the same bytes twice: {odd}"

    def anew(self) -> None:
        """Put the folder back as it was before the command."""
        shutil.rmtree(self.work)
        shutil.copytree(self._before, self.work, symlinks=True)

    def kill(self, death: Death) -> tuple[bool, str | None]:
        """Kill the command once, run it again; return whether it died, and what was wrong."""
        self.anew()
        ended = forked(self.work, self.scene.words, self.scene.main, death)
        if ended.code >= 0:
            return False, None
        trouble = self._left_wrong() or self._not_completed()
        return True, trouble and f"{self.scene.name}: {trouble}"

    def _left_wrong(self) -> str | None:
        left = _files(self.work)
        outputs = self.scene.outputs
        for name, data in left.items():
            if data not in (self.old.get(name), self.new.get(name)):
                return f"half: {name} is neither old nor new"
        kept = self.old.keys() & self.new.keys()
        if missing := [name for name in kept - left.keys() if not name.startswith(outputs)]:
            return f"lost: {min(missing)}"
        contents = set(left.values())
        for name in self.old.keys() - kept:
            if self.old[name] in self.new.values() and self.old[name] not in contents:
                return f"lost: the content of {name}"
        return _private(self.work) or _for_git(self.work)

    def _not_completed(self) -> str | None:
        _mend_locks(self.work)
        ended = forked(self.work, self.scene.words, self.scene.main)
        if ended.code != 0:
            said = " ".join(ended.said.split())[-300:]
            return f"the next run ends with {ended.code}: {said}"
        now = _files(self.work)
        if now != self.new:
            differs = sorted(name for name in now | self.new if now.get(name) != self.new.get(name))
            return f"the next run differs: {differs[:3]}"
        if remains := list(_scratch(self.work)):
            return f"the next run leaves {remains[0].name.split('-')[0]}"
        return None


def deaths(stage: Stage, count: int, start: int) -> Iterator[Death]:
    """Return moments to die at: each change of a file in turn, sizes of files, times."""
    chance = random.Random(f"{stage.scene.name} {start}")
    moments = list(range(stage.operations))
    chance.shuffle(moments)
    largest = max(len(data) for name, data in stage.new.items() if stage.old.get(name) != data)
    for number in range(count):
        kind = ("operation", "operation", "bytes", "time")[number % 4]
        if kind == "operation" and moments:
            yield Death("operation", moments.pop())
        elif kind == "bytes":
            # As many small sizes as large ones: most files are small.
            yield Death("bytes", round(largest ** chance.random()))
        else:
            yield Death("time", chance.randrange(1, stage.milliseconds + 1))


def killed(name: str, folder: Path, count: int, start: int = 0, seconds: float = math.inf) -> Tally:
    """Kill the scene of a name so many times; the same `start` gives the same moments.

    A command that ends before its moment comes is not counted, and another moment drawn, at most
    twice as many in all. After so many seconds there is no other.
    """
    began = time.monotonic()
    os.environ |= {**ENVIRONMENT, "CI": "1"}
    stage = Stage(next(scene for scene in SCENES if scene.name == name), folder)
    tally = Tally(operations=stage.operations)
    for death in deaths(stage, 2 * count, start):
        died, trouble = stage.kill(death)
        tally.ended += not died
        tally.kills[death.kind] += died
        if trouble is not None:
            tally.troubles[f"{trouble} ({death})"] += 1
        if tally.kills.total() == count or time.monotonic() - began > seconds:
            break
    return tally


def _files(folder: Path) -> Files:
    """Return the bytes of every file by its path, but for what git, DVC and scratch hold."""
    found = {}
    for path in folder.rglob("*"):
        at = path.relative_to(folder)
        name = at.as_posix()
        ours = at.parts[0] == OWN or any(part.startswith(_SCRATCH) for part in at.parts)
        if not ours and not name.startswith(_PRIVATE) and path.is_file():
            found[name] = path.read_bytes()
    return found


def _scratch(folder: Path) -> Iterator[Path]:
    for prefix in _SCRATCH:
        yield from folder.rglob(f"{prefix}*")


def _for_git(folder: Path) -> str | None:
    """Say what `git add .` would take of what is being written."""
    for scratch in _scratch(folder):
        inside = any(scratch.iterdir())
        if inside and not (scratch / ".gitignore").is_file():
            return f"git would take {scratch.name.split('-')[0]}…"
    return None


def _private(folder: Path) -> str | None:
    """Say which object of DVC's cache is not what its name says."""
    for file in (folder / ".dvc/cache/files/md5").glob("??/*"):
        name = file.parent.name + file.name.removesuffix(".dir")
        if len(name) == 32 and hashlib.md5(file.read_bytes()).hexdigest() != name:
            return "half: an object of the cache"
    return None


def _mend_locks(folder: Path) -> None:
    """Do what `cgaudit doctor` says where DVC was killed while it wrote the list of its locks."""
    if (folder / ".dvc").is_dir():
        for finding in torn_lock(Repository.around(Project(folder))):
            run_words("sh", "-c", finding.remedy, cwd=folder)
