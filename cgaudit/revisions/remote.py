"""The remotes that a DVC project is configured with."""

from __future__ import annotations

from collections.abc import Mapping
from configparser import ConfigParser
from configparser import Error as ParserError
from pathlib import Path
from typing import Any

from cgaudit.errors import RevisionError
from cgaudit.revisions.failures import asking_dvc, described
from cgaudit.wording.text import one_line


def remote_urls(dvc_root: Path) -> list[str]:
    """Return the URLs of the remotes that a DVC project is configured with.

    Raises
    ------
    RevisionError
        The configuration cannot be read.
    """
    return [str(remote["url"]) for remote in _config(dvc_root)["remote"].values()]


def default_remote(dvc_root: Path) -> str | None:
    """Return the name of the remote that a DVC project pushes to, None where there is none.

    Raises
    ------
    RevisionError
        The configuration cannot be read.
    """
    name: str | None = _config(dvc_root)["core"].get("remote")
    return name


def named_remote(content: bytes, where: str) -> str | None:
    """Return the name of the remote that a ``.dvc/config`` of these bytes pushes to, or None.

    Raises
    ------
    RevisionError
        It is damaged.
    """
    config = ConfigParser(interpolation=None)
    try:
        config.read_string(content.decode("utf-8", "replace"))
    except ParserError as error:
        raise RevisionError(
            f"{where} is damaged ({one_line(error)}). Restore it from git."
        ) from None
    return config.get("core", "remote", fallback=None)


def check_default(dvc_root: Path) -> None:
    """Refuse a default remote that is none of the remotes: then nothing can be found.

    Raises
    ------
    RevisionError
        It is none, or the configuration cannot be read.
    """
    config = _config(dvc_root)
    name = config["core"].get("remote")
    if name is not None and name not in config["remote"]:
        raise RevisionError(
            f"DVC's default remote is {name!r}, and .dvc/config knows none of that name. `dvc "
            "remote list` shows those there are; choose one with `dvc remote default`."
        )


def is_on_remote(dvc_root: Path, md5: str) -> bool | None:
    """Ask the default remote of a DVC project whether it has an object.

    None where the remote keeps files by version instead of by content.

    Raises
    ------
    RevisionError
        It cannot be asked.
    """
    from dvc.config import RemoteConfigError
    from dvc.repo import Repo

    # As in `DvcFiles`, a remote may fail with any exception of its own client library.
    try:
        remote = Repo(str(dvc_root)).cloud.get_remote_odb(command="push")
        return bool(remote.exists(md5))
    except RemoteConfigError:
        return None
    except Exception as error:
        failure = error
    raise RevisionError(f"The DVC remote cannot be asked ({described(failure)}).") from failure


def _config(dvc_root: Path) -> Mapping[str, Any]:
    # Not through DVCFileSystem: where there is no remote it makes one up, the repository itself.
    from dvc.repo import Repo

    with asking_dvc(dvc_root, "the workspace"):
        config: Mapping[str, Any] = Repo(str(dvc_root)).config
        return config
