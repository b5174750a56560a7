"""Whether the two versions can be read and compared, by doing what the diff does."""

from __future__ import annotations

from typing import NamedTuple

from cgaudit.doctor.finding import Finding
from cgaudit.errors import (
    DecisionError,
    IncomparableError,
    MissingObjectError,
    NoScoresError,
    RevisionError,
    StaleError,
)
from cgaudit.project import LOCK, REVIEWED
from cgaudit.results.form import FORMS, scores_name
from cgaudit.results.table import Provenance, comparable
from cgaudit.revisions import SHORT, Repository, Revision
from cgaudit.versions import opened_version


class Read(NamedTuple):
    """A version that can be read, and how it was scored."""

    revision: Revision
    provenance: Provenance


def read(repository: Repository, revision: Revision) -> tuple[Read | None, list[Finding]]:
    """Read all that a diff reads of a revision; return how it was scored, or None and why not."""
    try:
        with opened_version(repository, revision) as opened:
            opened.scores.check()
            return Read(revision, opened.scores.provenance), []
    except NoScoresError as error:
        remedy = _other(repository, revision)
        return None, [Finding("scores", True, str(revision), str(error), remedy)]
    except MissingObjectError as error:
        return None, [_absent(repository, revision, error)]
    except StaleError as error:
        again = repository.project.again
        return None, [Finding("scores", True, str(revision), str(error), again)]
    except DecisionError as error:
        return None, [Finding("reviews", True, str(revision), str(error), _restored(REVIEWED))]
    except RevisionError as error:
        return None, [Finding("damaged", True, str(revision), str(error), _restored("FILE"))]


def _absent(repository: Repository, revision: Revision, error: MissingObjectError) -> Finding:
    """Tell scores that were never computed from scores that were and cannot be had."""
    try:
        known = (repository.home.recorded(form.as_posix(), revision.commit) for form in FORMS)
        computed = any(it is not None for it in known)
    except MissingObjectError:
        computed = True
    if computed:
        return Finding("objects", True, str(revision), str(error), _fetch(repository, revision))
    name = scores_name(repository.project)
    what = f"{name} is the output of a stage that has not run there: {LOCK} does not have it."
    return Finding("scores", True, str(revision), what, _other(repository, revision))


def _restored(file: str) -> str:
    return f"git checkout COMMIT -- {file}"


def _other(repository: Repository, revision: Revision) -> str:
    return repository.project.again if revision.commit is None else "cgaudit history"


def comparable_pair(repository: Repository, a: Read, b: Read) -> list[Finding]:
    """Find two versions that were computed differently."""
    try:
        comparable(a.provenance, b.provenance)
    except IncomparableError as error:
        where, again = f"{a.revision}, {b.revision}", repository.project.again
        return [Finding("parameters", True, where, str(error), again)]
    return []


def _fetch(repository: Repository, revision: Revision) -> str:
    if repository.dvc is None:
        return "git lfs fetch --all"
    if revision.commit is None:
        return "dvc repro --pull"
    return f"where it was computed: git checkout {revision.commit[:SHORT]} && dvc push"
