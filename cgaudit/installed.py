"""Where this installation came from, and what to type to get more of it.

The package may be on no index: a hint names what is known to be there, the libraries themselves
and the place that this installation came from.
"""

from __future__ import annotations

import json
import re
import subprocess
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from cgaudit import __version__

_NAME = "cgaudit"
_EXTRA = re.compile(r"""extra\s*==\s*["']([\w-]+)["']""")
#: ``git@host:path``, as git also writes what is ``ssh://git@host/path``.
_SCP = re.compile(r"(?P<user>[\w.-]+@)?(?P<host>[\w.-]+):(?P<path>[^/].*)")
#: What may stand in a workflow's scripts, in quotes, as it is.
_HARMLESS = re.compile(r"[\w./:@+~=-]+")


class Source(NamedTuple):
    """What pip is to be given to install this package elsewhere.

    Attributes
    ----------
    requirement
        As pip reads it.
    known
        Whether this installation came from there; else it is a guess that it is on an index.
    """

    requirement: str
    known: bool


def source() -> Source:
    """Return what installs this package on another machine.

    Where it was installed from a folder, that is the repository that the folder was cloned from,
    at the same commit.
    """
    guess = Source(f"{_NAME}=={__version__}", known=False)
    found = _direct_url()
    if found is None:
        return guess if _distribution() is None else guess._replace(known=True)
    url, commit = str(found.get("url", "")), None
    if vcs := found.get("vcs_info"):
        commit = str(vcs.get("commit_id", ""))
    elif url.startswith("file:") and "dir_info" in found:
        url, commit = _cloned_from(unquote(urlsplit(url).path))
    plain = _reachable(url)
    if plain is None:
        return guess
    requirement = f"{_NAME} @ git+{plain}@{commit}" if commit else f"{_NAME} @ {plain}"
    if not _HARMLESS.fullmatch(requirement.replace(" ", "")):
        return guess
    return Source(requirement, known=True)


def install(extra: str) -> str:
    """Return the command that installs the libraries of an extra.

    Parameters
    ----------
    extra
        Of this package.
    """
    return f"pip install {' '.join(repr(it) for it in libraries(extra) or [extra])}"


def libraries(extra: str) -> list[str]:
    """Return what an extra asks pip for; nothing where there is no such extra."""
    found = _distribution()
    requires = (found.requires if found is not None else None) or []
    return [
        it.partition(";")[0].strip()
        for it in requires
        if (match := _EXTRA.search(it)) and match[1] == extra
    ]


def upgrade() -> str:
    """Return how to get a newer release, from where this one came from."""
    found = source()
    where, at, _ = found.requirement.rpartition("@")
    if "git+" in where and at:
        return f"pip install --upgrade '{where}'"
    if found.known and "://" not in found.requirement:
        return f"pip install --upgrade {_NAME}"
    return f"install a newer {_NAME} from where this one came from"


def _distribution() -> Any:  # noqa: ANN401 - importlib.metadata's Distribution, or None
    try:
        return distribution(_NAME)
    except PackageNotFoundError:
        return None


def _direct_url() -> dict[str, Any] | None:
    """Return what pip recorded of where the package came from (PEP 610); None from an index."""
    found = _distribution()
    text = None if found is None else found.read_text("direct_url.json")
    if text is None:
        return None
    try:
        content = json.loads(text)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _cloned_from(folder: str) -> tuple[str, str | None]:
    """Return the URL that a folder's repository was cloned from, and its commit."""
    url, commit = (
        _git(folder, *command)
        for command in (("remote", "get-url", "origin"), ("rev-parse", "HEAD"))
    )
    return url, commit or None


def _git(folder: str, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", folder, *arguments], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _reachable(url: str) -> str | None:
    """Return a URL that other machines may reach, without a password; None where it is none."""
    if "://" not in url and (match := _SCP.fullmatch(url)):
        url = f"ssh://{match['user'] or ''}{match['host']}/{match['path']}"
    parts = urlsplit(url)
    if parts.scheme not in {"https", "ssh"} or not parts.hostname:
        return None
    user = f"{parts.username}@" if parts.scheme == "ssh" and parts.username else ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{user}{parts.hostname}{port}{parts.path}"
