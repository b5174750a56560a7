"""What git has of the repository, and whether the revisions can be found in it."""

from __future__ import annotations

from collections.abc import Iterator

from cgaudit.doctor.finding import Finding
from cgaudit.errors import RevisionError
from cgaudit.revisions import FIRST_COMMIT, Repository, Revision

DEEPEN = "git fetch --unshallow"


def shallow(repository: Repository) -> Iterator[Finding]:
    """Find a clone that lacks history or contents."""
    if repository.git.is_shallow():
        yield Finding(
            "clone",
            False,
            "this clone",
            "Its history is cut off (--depth): earlier revisions and merge bases may be missing. "
            "In GitHub Actions set fetch-depth: 0 for actions/checkout, in GitLab GIT_DEPTH: 0.",
            DEEPEN,
        )
    if repository.git.is_partial():
        yield Finding(
            "clone",
            False,
            "this clone",
            "It left file contents on the server (--filter): each revision that is read is fetched "
            "first, which needs the network. DVC itself may wait for them for ever.",
            "git clone without --filter",
        )


def revisions(
    repository: Repository, a: str | None, b: str | None
) -> tuple[tuple[Revision, ...], list[Finding]]:
    """Return the two revisions, or none of them and why."""
    try:
        return repository.pair(a, b), []
    except RevisionError as error:
        remedy = DEEPEN if repository.git.is_shallow() else "git fetch --all --tags"
        if not repository.git.has_commits():
            remedy = FIRST_COMMIT
        where = " ".join(name for name in (a, b) if name) or "HEAD"
        return (), [Finding("revision", True, where, str(error), remedy)]
