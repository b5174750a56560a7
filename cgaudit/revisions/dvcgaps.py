"""What to tell of data that DVC keeps and of which not all is here, or not all is in a version."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from cgaudit.project import LOCK, Project
from cgaudit.revisions.outputs import Output
from cgaudit.revisions.presence import Gap, Presence
from cgaudit.wording.numbers import plural


def dvc_gaps(
    presence: Presence, project: Project, outputs: Callable[[], Sequence[Output]]
) -> Iterator[Gap]:
    """Yield how data that lies in the working tree differs from what DVC lists.

    Parameters
    ----------
    presence
        How its files stand.
    project
        Whose data.
    outputs
        Returns what DVC tracks; asked where that is needed.
    """
    path, name = presence.path, shlex.quote(presence.path)
    if presence.absent:
        yield Gap(
            path,
            f"{plural(len(presence.absent), 'file')} of the {presence.listed:,} that DVC lists in "
            f"{path} are not here: absent, not removed from the data.",
            f"dvc pull {name}",
            True,
        )
    if not (presence.forgotten or presence.unlisted):
        return
    place = project.place(path)
    tracked = next((out for out in outputs() if place.is_relative_to(out.path)), None)
    if tracked is None:
        return
    if presence.forgotten:
        yield Gap(
            path,
            f"{plural(len(presence.forgotten), 'file')} that HEAD lists in {path} are not listed "
            "any more, and their contents were never fetched here: most likely a part of the data "
            "was taken for all of it.",
            f"git checkout HEAD -- {_record(project, tracked)} && dvc pull {name}",
            True,
        )
    if presence.unlisted:
        yield Gap(
            path,
            f"{plural(len(presence.unlisted), 'file')} in {path} are in no version yet: DVC does "
            "not list them.",
            f"dvc commit --force {shlex.quote(tracked.called(project.root))}",
            False,
        )


def _record(project: Project, tracked: Output) -> str:
    """Return the file that records what an output holds."""
    file = tracked.file if tracked.stage is None else tracked.file.with_name(LOCK)
    return shlex.quote(Path(os.path.relpath(file, project.root)).as_posix())
