"""The data of a version as files in a folder, without the contents that nobody needs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cgaudit.dataset import ANNOTATION_SUFFIXES, IMAGE_SUFFIXES, packed_files
from cgaudit.errors import NoScoresError
from cgaudit.params import SourceParams
from cgaudit.pipeline.reuse import hashes_known_to_dvc
from cgaudit.revisions import Repository, Revision


@dataclass(frozen=True)
class Layout:
    """Where a version of the data lies.

    Attributes
    ----------
    source
        The paths of data and labels, and the columns as they were named.
    md5s
        Of files by their path in the source, as DVC knows them.
    fill
        Writes the contents of such files, which are empty until then.
    """

    source: SourceParams
    md5s: Mapping[str, str]
    fill: Callable[[Sequence[str]], None]


def lay_out(
    repository: Repository, revision: Revision, source: SourceParams, folder: Path
) -> Layout:
    """Lay out a version of the data: the workspace where it is, a commit in a folder.

    Of a commit, the files whose MD5s DVC knows stay empty: what only needs their names and hashes
    fetches nothing. Files lie to each other as they do in the repository.

    Parameters
    ----------
    repository, revision
        Which version.
    source
        Names data and labels, relative to the project.
    folder
        Where a commit is laid out.

    Raises
    ------
    NoScoresError
        The commit has no such data or labels.
    MissingObjectError
        What is needed can be had nowhere.
    """
    if revision.commit is None:
        here = _moved(source, repository.project.root, source.path, source.labels)
        return Layout(here, hashes_known_to_dvc(repository.project, Path(here.path)), _nothing)
    places = {
        path: folder / repository.in_git(path)
        for path in (source.path, source.labels)
        if path is not None
    }
    for path in places:
        if repository.holds(path, revision) is None:
            raise NoScoresError(
                f"{revision} has neither scores nor {path}, which they could be computed from. "
                "Compare with a later revision."
            )
    md5s: Mapping[str, str] = {}
    data = places[source.path]
    if repository.holds(source.path, revision) == "directory":
        read = ANNOTATION_SUFFIXES if source.are_boxes else ()
        md5s = _names_alone(repository, revision, source.path, data, read)
    else:
        _write(repository, revision, source.path, data)
    if source.labels is not None:
        _write_all(repository, revision, source.labels, places[source.labels])
    here = _moved(source, folder, *(repository.in_git(path) for path in places))
    return Layout(here, md5s, partial(_fill, repository, revision, source.path, data))


def _moved(source: SourceParams, base: Path, path: str, labels: str | None = None) -> SourceParams:
    tables = None if labels is None else str(base / labels)
    return source.model_copy(update={"path": str(base / path), "labels": tables})


def _nothing(_names: Sequence[str]) -> None:
    """Leave the workspace as it is: its files have their contents."""


def _names_alone(
    repository: Repository, revision: Revision, path: str, folder: Path, read: Collection[str]
) -> dict[str, str]:
    """Lay out empty files, but those that have no MD5 filled; return the MD5s of the others.

    Files with a suffix in `read` are filled too: they say what the samples are.
    """
    md5s = repository.md5s(path, revision)
    for name in md5s:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    unknown = [name for name, md5 in md5s.items() if md5 is None]
    _fill(repository, revision, path, folder, unknown)
    needed = [name for name in md5s if Path(name).suffix.lower() in read]
    repository.download_files(path, [*packed_files(md5s), *needed], revision, folder)
    return {name: md5 for name, md5 in md5s.items() if md5 is not None}


def _fill(
    repository: Repository, revision: Revision, path: str, folder: Path, names: Sequence[str]
) -> None:
    pictures = [name for name in names if Path(name).suffix.lower() in IMAGE_SUFFIXES]
    repository.download_files(path, pictures, revision, folder)


def _write_all(repository: Repository, revision: Revision, path: str, place: Path) -> None:
    """Write a file of labels, or a folder of annotations."""
    if repository.holds(path, revision) == "directory":
        names = list(repository.md5s(path, revision))
        for name in names:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
        repository.download_files(path, names, revision, place)
    else:
        _write(repository, revision, path, place)


def _write(repository: Repository, revision: Revision, path: str, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(repository.read(path, revision).data)
