"""How the files that lie in a working tree stand against those that DVC lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Presence:
    """What DVC lists of some data, and what is there of it.

    A file that is listed and absent was not removed from the data: it was never fetched, or it was
    removed from this working tree alone. One that is there and not listed is in no version yet.

    Attributes
    ----------
    path
        Of the data, relative to the project.
    listed
        How many files DVC lists.
    absent
        Those of them that are not here.
    unlisted
        Files that are here and that DVC does not list.
    forgotten
        Files that HEAD lists and the working tree does not, and whose contents were never here: a
        ``dvc repro`` or ``dvc add`` over data of which only a part had been fetched forgets the
        rest.
    """

    path: str
    listed: int
    absent: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    forgotten: tuple[str, ...] = ()
    #: Those of the absent, and the forgotten, whose contents were never here.
    unfetched: frozenset[str] = frozenset()
    #: The MD5s of what is absent or forgotten, as far as DVC knows them.
    lacking: frozenset[str] = frozenset()
    #: Whether there are no such MD5s, so that what is absent is known by its name.
    by_name: bool = False


class Gap(NamedTuple):
    """A difference between what is listed of some data and what lies there.

    Attributes
    ----------
    path
        Of the data.
    what
        In a sentence.
    remedy
        The command that mends it.
    is_lack
        Whether something is not here that belongs to the data.
    """

    path: str
    what: str
    remedy: str
    is_lack: bool


class Standing(NamedTuple):
    """The files of the working tree: what DVC lists, and what lies there, by name."""

    listed: Mapping[str, str | None]
    here: frozenset[str]


def standing(infos: Mapping[str, Mapping[str, Any]]) -> Standing:
    """Return how files stand.

    Parameters
    ----------
    infos
        By name, what DVC says of each file of the working tree that it lists or that lies there.
    """
    listed = {
        name: info["dvc_info"].get("md5") or info["dvc_info"].get("md5-dos2unix")
        for name, info in infos.items()
        if "dvc_info" in info
    }
    return Standing(listed, frozenset(name for name, info in infos.items() if "fs_info" in info))


def presence(
    path: str,
    now: Standing,
    head: Mapping[str, str | None],
    is_cached: Callable[[str], bool],
) -> Presence:
    """Return how some data stands.

    Parameters
    ----------
    path
        Of the data.
    now
        The working tree.
    head
        What HEAD lists, with MD5s; empty where it lists the same or nothing.
    is_cached
        Whether the cache has the content of an MD5.
    """
    if not now.listed:
        return Presence(path, 0)

    def was_here(md5: str | None) -> bool:
        return md5 is not None and is_cached(md5)

    moved = set(now.listed.values())
    forgotten = [
        name
        for name, md5 in head.items()
        if name not in now.listed
        and name not in now.here
        and md5 not in moved
        and not was_here(md5)
    ]
    absent = sorted(now.listed.keys() - now.here)
    md5s = {*(now.listed[name] for name in absent), *(head[name] for name in forgotten)}
    unlisted = [name for name in now.here - now.listed.keys() if not _is_hidden(name)]
    return Presence(
        path,
        len(now.listed),
        tuple(absent),
        tuple(sorted(unlisted)),
        tuple(sorted(forgotten)),
        frozenset(forgotten).union(name for name in absent if not was_here(now.listed[name])),
        frozenset(md5 for md5 in md5s if md5 is not None),
    )


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))
