"""Workflows for CI services: one part reads what a stranger committed, another posts a comment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import PurePosixPath
from textwrap import indent
from typing import Literal

from cgaudit import __version__
from cgaudit.errors import ParamsError
from cgaudit.project import NAMED

Service = Literal["github", "gitlab"]

#: Where the workflows go, from the top of the git repository, by the template of each.
PATHS: dict[Service, dict[str, str]] = {
    "github": {
        "github.yml": ".github/workflows/cgaudit.yml",
        "github-comment.yml": ".github/workflows/cgaudit-comment.yml",
    },
    "gitlab": {"gitlab.yml": ".gitlab/cgaudit.yml"},
}
GITLAB_ROOT = ".gitlab-ci.yml"
GITLAB_INCLUDE = f"include:\n  - local: {PATHS['gitlab']['gitlab.yml']}\n"

#: What may stand in a workflow's scripts as it is.
_HARMLESS = re.compile(r"[\w./ @-]+")

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
    """

    folder: str
    stage: str
    remotes: Sequence[str] = ()
    dvc: str = ".dvc"


def workflows(service: Service, place: Place) -> dict[str, str]:
    """Return the workflows of a CI service, by where they go.

    They reproduce the scores, say what changed, hold it to its limits and post one comment.

    Raises
    ------
    ParamsError
        A name has marks that a shell would act on.
    """
    for name in (place.folder, place.stage, place.dvc):
        if not _HARMLESS.fullmatch(name):
            raise ParamsError(
                f"{name!r} has marks that a shell acts on, and a workflow would have to name it. "
                "Rename it to letters, digits, spaces and any of . _ / @ -"
            )
    values = {
        "folder": place.folder,
        "version": __version__,
        "stage": place.stage,
        "dvc": _requirement(place.remotes),
        "dvcdir": place.dvc,
        "report": str(PurePosixPath(place.folder, NAMED.page.as_posix())),
        **{
            key: str(PurePosixPath(place.folder, name))
            for key, name in {
                "changes": "label-changes.html",
                "junit": "limits.xml",
                "comment": "comment.md",
            }.items()
        },
    }
    return {path: _filled(template, values) for template, path in PATHS[service].items()}


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
