"""What an earlier run of the featurize stage left behind, on disk or with DVC."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cgaudit.errors import CgauditError, MissingObjectError, RevisionError
from cgaudit.featurize import META, FeatureStore, open_store
from cgaudit.project import LOCK, NAMED, Project
from cgaudit.reading.files import Damage
from cgaudit.reading.text import json_of
from cgaudit.revisions import WORKSPACE, Repository, Revision


@dataclass(frozen=True)
class Previous:
    """An earlier feature store to take vectors from.

    Attributes
    ----------
    store
        None where there is none that fits.
    says
        Where it is from, or why there is none, for the user.
    """

    store: FeatureStore | None
    says: str


#: Where DVC may still have a store that is not on disk.
_ELSEWHERE = {WORKSPACE: f"the version in {LOCK}", "HEAD": "the version of HEAD"}


@contextmanager
def previous_store(
    project: Project, fingerprint: str, first: Revision | None = None, *, alone: bool = False
) -> Iterator[Previous]:
    """Find the store of an earlier run that was made with the same featurizer.

    It is looked for in its place on disk, then in the version that dvc.lock records (DVC removes
    the outputs of a stage before it runs it), then in that of HEAD. What is read from DVC lies in a
    temporary folder while the context lasts. Never fails: without an earlier store everything is
    computed.

    Parameters
    ----------
    project
        Whose featurize stage wrote it.
    fingerprint
        Of the featurizer in use.
    first
        A commit to look in before all of these.
    alone
        Look nowhere else: what lies in the workspace may be anybody's.
    """
    with tempfile.TemporaryDirectory(prefix="cgaudit-") as scratch:
        folder = Path(scratch)
        if first is not None and first.commit is not None:
            places = {first.commit: f"the version of {first}"}
            found = _through_dvc(project, fingerprint, folder, places)
            if alone or found.store is not None:
                yield found
                return
        yield _on_disk(project.outputs.features, fingerprint) or _through_dvc(
            project, fingerprint, folder, _ELSEWHERE
        )


def hashes_known_to_dvc(project: Project, folder: Path) -> dict[str, str]:
    """Return the MD5s, by relative path, that DVC has of the files in a folder; none without it."""
    try:
        return Repository.around(project).home.known_md5s(folder)
    except RevisionError:
        return {}


def _on_disk(features: Path, fingerprint: str) -> Previous | None:
    try:
        store = open_store(features)
    except CgauditError:
        return None
    fits = store.meta.fingerprint == fingerprint
    return Previous(store, f"those in {features}") if fits else None


def _through_dvc(
    project: Project, fingerprint: str, scratch: Path, places: Mapping[str, str]
) -> Previous:
    try:
        repository = Repository.around(project)
    except RevisionError:
        return Previous(None, "there are none, and no DVC repository that could have them")
    if repository.dvc is None:
        return Previous(None, "there are none here, and without DVC no version keeps them")
    path = NAMED.features.as_posix()
    says = f"there are none in {LOCK} nor in HEAD"
    for name, where in places.items():
        try:
            revision = repository.revision(name)
            if not _fits(repository, path, revision, fingerprint):
                says = "they were made by another featurizer, state, options or recipe"
                continue
            folder = scratch / name
            repository.download(path, revision, folder)
            return Previous(open_store(folder), where)
        except MissingObjectError as error:
            says = f"{where} cannot be had ({error})"
        except CgauditError:
            # No such commit, no such file, or a store that is none.
            continue
    return Previous(None, says)


def _fits(repository: Repository, path: str, revision: Revision, fingerprint: str) -> bool:
    try:
        facts = json_of(repository.read(f"{path}/{META}", revision).data)
    except Damage:
        return False
    return isinstance(facts, dict) and facts.get("fingerprint") == fingerprint
