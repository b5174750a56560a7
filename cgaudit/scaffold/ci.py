"""Workflows for CI services: the service's own command-line tool posts one comment."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Literal

from cgaudit import __version__
from cgaudit.project import NAMED, PARAMS

Service = Literal["github", "gitlab"]

#: Where the workflow goes, from the top of the git repository.
PATHS: dict[Service, str] = {
    "github": ".github/workflows/cgaudit.yml",
    "gitlab": ".gitlab/cgaudit.yml",
}
GITLAB_ROOT = ".gitlab-ci.yml"
GITLAB_INCLUDE = f"include:\n  - local: {PATHS['gitlab']}\n"

#: DVC's optional dependency for each kind of remote.
_EXTRAS = {
    **{scheme: scheme for scheme in ("s3", "gs", "azure", "oss", "ssh", "hdfs", "gdrive")},
    **{"webdav": "webdav", "webdavs": "webdav", "webhdfs": "webhdfs"},
}


def workflow(service: Service, folder: str, stage: str, remotes: Iterable[str]) -> str:
    """Return a workflow that reproduces the scores, comments on the change and checks the limits.

    Parameters
    ----------
    service
        Whose.
    folder
        Of the project, from the top of the git repository.
    stage
        The name of the audit's last stage.
    remotes
        URLs of the project's DVC remotes: they tell what DVC needs to be installed with.
    """
    template = (files("cgaudit.scaffold") / f"{service}.yml").read_text(encoding="utf-8")
    values = {
        "folder": folder,
        "version": __version__,
        "stage": stage,
        "dvc": _requirement(remotes),
        "params": str(PurePosixPath(folder, PARAMS)),
        "report": str(PurePosixPath(folder, NAMED.page.as_posix())),
        "changes": str(PurePosixPath(folder, "label-changes.html")),
        "junit": str(PurePosixPath(folder, "limits.xml")),
    }
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", value)
    return template


def _requirement(remotes: Iterable[str]) -> str:
    schemes = {url.partition("://")[0] for url in remotes if "://" in url}
    extras = sorted({_EXTRAS[scheme] for scheme in schemes if scheme in _EXTRAS})
    return f"dvc[{','.join(extras)}]" if extras else "dvc"
