"""Workflows for CI services: one part reads what a stranger committed, another posts a comment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import PurePosixPath
from textwrap import indent
from typing import Literal, get_args

from cgaudit import __version__
from cgaudit.errors import ParamsError
from cgaudit.project import NAMED

Service = Literal["github", "gitlab"]

#: Where the workflows of a folder go, from the top of the git repository, by the template of each.
_PATHS: dict[Service, dict[str, str]] = {
    "github": {
        "github.yml": ".github/workflows/cgaudit{suffix}.yml",
        "github-comment.yml": ".github/workflows/cgaudit{suffix}-comment.yml",
    },
    "gitlab": {"gitlab.yml": ".gitlab/cgaudit{suffix}.yml"},
}
SERVICES: tuple[Service, ...] = get_args(Service)
GITLAB_ROOT = ".gitlab-ci.yml"

#: What may stand in a workflow's scripts as it is.
_HARMLESS = re.compile(r"[\w./ @-]+")

#: What may stand there as something for pip, in quotes.
_REQUIREMENT = re.compile(r"[\w./:@+~=<>,\[\] -]+")

#: DVC's optional dependency for each kind of remote.
_EXTRAS = {
    **{scheme: scheme for scheme in ("s3", "gs", "azure", "oss", "ssh", "hdfs", "gdrive")},
    **{"webdav": "webdav", "webdavs": "webdav", "webhdfs": "webhdfs"},
}


@dataclass(frozen=True)
class Place:
    """Where a project is, and what its workflows need to know of it.

    Attributes
    ----------
    folder
        From the top of the git repository.
    stage
        The name of the audit's last stage.
    remotes
        URLs of the project's DVC remotes: they tell what DVC needs to be installed with.
    dvc
        The folder of DVC's configuration, from the top of the git repository.
    data
        What the audit reads outside of the folder, from the top of the git repository.
    libraries
        What the featurizer needs beside this package, as pip reads it.
    package
        What installs this package, as pip reads it.
    """

    folder: str
    stage: str
    remotes: Sequence[str] = ()
    dvc: str = ".dvc"
    data: Sequence[str] = ()
    libraries: Sequence[str] = ()
    package: str = f"cgaudit=={__version__}"

    @property
    def is_top(self) -> bool:
        """Whether the project is the repository, or one of several in it."""
        return self.folder == "."

    @property
    def slug(self) -> str:
        """The folder as a part of names; empty for the top."""
        return "" if self.is_top else re.sub(r"[^A-Za-z0-9]+", "-", self.folder).strip("-")

    @property
    def watched(self) -> list[str]:
        """What a change concerns the audit by: glob patterns, from the top of the repository."""
        outside = [pattern for path in self.data for pattern in (path, f"{path}/**", f"{path}.dvc")]
        return [f"{self.folder}/**", *outside, f"{self.dvc}/config"]


def paths(service: Service, folder: str) -> dict[str, str]:
    """Return where the workflows of a project go, by the template of each.

    Parameters
    ----------
    service
        Which CI service.
    folder
        Of the project, from the top of the git repository.
    """
    slug = Place(folder, "").slug
    suffix = f"-{slug}" if slug else ""
    return {template: path.format(suffix=suffix) for template, path in _PATHS[service].items()}


def gitlab_include(folder: str) -> str:
    """Return what has GitLab read the workflow of a project."""
    (path,) = paths("gitlab", folder).values()
    return f"include:\n  - local: {path}\n"


def workflows(service: Service, place: Place) -> dict[str, str]:
    """Return the workflows of a CI service, by where they go.

    They reproduce the scores, say what changed, hold it to its limits and post one comment.

    Raises
    ------
    ParamsError
        A name has marks that a shell would act on.
    """
    for name in (place.folder, place.stage, place.dvc, *place.data):
        if not _HARMLESS.fullmatch(name):
            raise ParamsError(
                f"{name!r} has marks that a shell acts on, and a workflow would have to name it. "
                "Rename it to letters, digits, spaces and any of . _ / @ -"
            )
    for requirement in (place.package, *place.libraries):
        if not _REQUIREMENT.fullmatch(requirement):
            raise ParamsError(
                f"{requirement!r} has marks that a shell acts on, and a workflow would have to "
                "install it. Name a git URL (cgaudit @ git+https://…), a wheel or a version."
            )
    where, ending = paths(service, place.folder), f"-{place.slug}" if place.slug else ""
    own = next(iter(where.values()))
    wanted = [place.package, _requirement(place.remotes), *place.libraries]
    values = {
        "folder": place.folder,
        "name": "labels" if place.is_top else f"labels of {place.folder}",
        "ending": ending,
        "on": _triggered(place, own),
        "changes": _changes(place, own),
        "file": own,
        "requirements": " ".join(f'"{it}"' for it in wanted),
        "stage": place.stage,
        "dvcdir": place.dvc,
        "report": str(PurePosixPath(place.folder, NAMED.page.as_posix())),
        **{
            key: str(PurePosixPath(place.folder, name))
            for key, name in {
                "diff": "label-changes.html",
                "junit": "limits.xml",
                "comment": "comment.md",
            }.items()
        },
    }
    return {path: _filled(template, values) for template, path in where.items()}


#: Said where it matters, as somebody will want to change it.
_NEVER = "# Never pull_request_target: it would hand a fork the secrets."


def _triggered(place: Place, own: str) -> str:
    """Return on what GitHub runs the workflow: one of several projects by what it reads."""
    if place.is_top:
        return f"on: pull_request  {_NEVER}"
    listed = json.dumps([*place.watched, own], ensure_ascii=False)
    return (
        f"on:\n  pull_request:  {_NEVER}\n"
        "    # Where this is a required check, remove this line: what does not run stays pending.\n"
        f"    paths: {listed}"
    )


def _changes(place: Place, own: str) -> str:
    """Return the condition by which GitLab runs the jobs of one of several projects, as YAML."""
    if place.is_top:
        return ""
    return f"\n      changes: {json.dumps([*place.watched, own], ensure_ascii=False)}"


def _filled(template: str, values: Mapping[str, str]) -> str:
    text = _text(template)
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    # The script that lets comments through, as deep as the line that asks for it.
    return re.sub(
        r"^( *)\{verify\}$",
        lambda found: indent(_text("verify.py").rstrip("\n"), found[1]),
        text,
        flags=re.MULTILINE,
    )


def _text(name: str) -> str:
    return (files("cgaudit.scaffold") / name).read_text(encoding="utf-8")


def _requirement(remotes: Iterable[str]) -> str:
    schemes = {url.partition("://")[0] for url in remotes if "://" in url}
    extras = sorted({_EXTRAS[scheme] for scheme in schemes if scheme in _EXTRAS})
    return f"dvc[{','.join(extras)}]" if extras else "dvc"
