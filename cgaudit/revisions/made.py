"""What scores were made from, recorded in a file beside them: dvc.lock where there is no DVC."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from cgaudit.project import NAMED, Project
from cgaudit.reading.files import Damage, bytes_of, md5_at
from cgaudit.reading.text import json_of, yaml_of
from cgaudit.revisions.git import Git
from cgaudit.revisions.workspace import Change

#: The stage of which changes are told.
RUN = "cgaudit run"
MADE = NAMED.made.as_posix()
#: The parameters that scores depend on, and what of them says where data lies.
_SECTIONS = ("recipe", "source", "featurize", "score")
_SUMMARY = NAMED.summary.as_posix()


class Made(NamedTuple):
    """What scores were made from, and what they are.

    Attributes
    ----------
    params
        The sections of the parameters that count, as they are written.
    read
        A hash of each file or folder that was read, by its path; None where git does not keep it.
    wrote
        The MD5 of each file that was written.
    """

    params: Mapping[str, Any]
    read: Mapping[str, str | None]
    wrote: Mapping[str, str | None]


def as_made(project: Project, git: Git, read: Sequence[str]) -> bytes:
    """Return the record of the scores that lie there, made from the files named in `read`."""
    made = Made(
        _params(project),
        {path: _identity(git, project, path) for path in sorted(read)},
        _wrote(project),
    )
    return (json.dumps(made._asdict(), indent=2, sort_keys=True) + "\n").encode()


def changes_since(project: Project, git: Git) -> list[Change]:
    """Return what differs from what the scores of the working tree were made from.

    Parameters
    ----------
    project
        Whose scores; without any, nothing differs.
    git
        The repository around it, which tells what changed without reading everything.
    """
    if not project.outputs.scores_there.exists():
        return []
    made = _recorded(project)
    if made is None:
        return [Change(RUN, "outs", next(iter(_wrote(project))), "new")]
    return list(_changes(made, project, git))


def _changes(made: Made, project: Project, git: Git) -> Iterator[Change]:
    now = _params(project)
    for section in _SECTIONS:
        if made.params.get(section) != now.get(section):
            yield Change(RUN, "stage", f"cgaudit.{section}", "modified")
    for path in sorted({*made.read, *_named(now)}):
        if path not in made.read:
            yield Change(RUN, "deps", path, "new")
        elif _identity(git, project, path) != made.read[path]:
            yield Change(RUN, "deps", path, "modified")
    for path, digest in _wrote(project).items():
        if digest != made.wrote.get(path):
            yield Change(RUN, "outs", path, "modified")


def _recorded(project: Project) -> Made | None:
    """Return the record; None where there is none, or one that anybody may have spoilt."""
    try:
        found = json_of(bytes_of(project.outputs.made))
    except (FileNotFoundError, Damage):
        return None
    parts = [found.get(name) for name in Made._fields] if isinstance(found, dict) else []
    known = [part for part in parts if isinstance(part, dict)]
    return Made(*known) if len(known) == len(Made._fields) else None


def _params(project: Project) -> dict[str, Any]:
    try:
        content = yaml_of(bytes_of(project.params))
    except (FileNotFoundError, Damage):
        return {}
    section = content.get("cgaudit") if isinstance(content, dict) else None
    section = section if isinstance(section, dict) else {}
    # As JSON has it, so that what was read compares with what was written.
    return {name: json.loads(json.dumps(section.get(name), default=str)) for name in _SECTIONS}


def _named(params: Mapping[str, Any]) -> set[str]:
    """Return where data and labels lie, which no record can leave out."""
    source = params.get("source")
    named = (source.get("path"), source.get("labels")) if isinstance(source, dict) else ()
    return {path for path in named if isinstance(path, str)}


def _identity(git: Git, project: Project, path: str) -> str | None:
    """Return a hash of all files at or below a path, by their names; None where git has none."""
    file = project.place(path)
    if not file.is_relative_to(git.root):
        return None
    known = git.identities(file.relative_to(git.root).as_posix())
    if not known:
        return None
    lines = "".join(f"{oid} {name}\0" for name, oid in sorted(known.items()))
    return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()


def _wrote(project: Project) -> dict[str, str | None]:
    """Return the MD5 of the scores, in whichever form, and of the metrics; None of what is not."""
    scores = NAMED.folder / project.outputs.scores_there.name
    found: dict[str, str | None] = dict.fromkeys((scores.as_posix(), _SUMMARY))
    for path in found:
        with suppress(FileNotFoundError, Damage):
            found[path] = md5_at(project.root / path)
    return found
