"""Whether others can get at what DVC keeps."""

from __future__ import annotations

from collections.abc import Iterator

from cgaudit.doctor.finding import Finding
from cgaudit.errors import RevisionError
from cgaudit.results.form import FORMS
from cgaudit.revisions import SHORT, WORKSPACE, DvcHome, Revision

CONFIG = ".dvc/config"
_HERE = Revision(WORKSPACE, None)


def configuration(home: DvcHome) -> Iterator[Finding]:
    """Find a configuration that DVC cannot use; then there is little else that can be told."""
    try:
        home.default_remote()
        home.default_remote(_HERE)
    except RevisionError as error:
        yield Finding("remote", True, CONFIG, str(error), f"git restore {CONFIG}")


def remote(home: DvcHome) -> Iterator[Finding]:
    """Find a project that pushes nowhere, or where only this machine knows."""
    if home.default_remote() is None:
        known = bool(home.remotes())
        yield Finding(
            "remote",
            True,
            CONFIG,
            "No DVC remote is the default, so `dvc push` and `dvc pull` have nowhere to go: nobody "
            "else, CI included, can read the scores.",
            "dvc remote default NAME" if known else "dvc remote add --default NAME URL",
        )
        return
    try:
        home.check_remote()
    except RevisionError as error:
        yield Finding("remote", True, CONFIG, str(error), "dvc status --cloud, to see why")
    if home.default_remote(_HERE) is None:
        yield Finding(
            "remote",
            False,
            CONFIG,
            "The DVC remote is configured on this machine alone: a clone, as in CI, has none.",
            f"dvc remote add --default NAME URL && git add {CONFIG} && git commit",
        )


def remote_then(home: DvcHome, revision: Revision) -> Iterator[Finding]:
    """Find a commit that is older than the remote of today."""
    now = home.default_remote(_HERE)
    if revision.commit is None or now is None:
        return
    try:
        if home.default_remote(revision) is not None:
            return
    except RevisionError as error:
        yield Finding("remote", True, f"{CONFIG} at {revision}", str(error), "cgaudit history")
        return
    yield Finding(
        "remote",
        False,
        f"{CONFIG} at {revision}",
        "That commit names no DVC remote. cgaudit reads it with the remote of today; `dvc push "
        "--all-commits` skips it without a word.",
        _push(home, revision),
    )


def scores_pushed(home: DvcHome, revision: Revision) -> Iterator[Finding]:
    """Find scores that only this machine has."""
    if home.default_remote() is None:
        return
    try:
        pushed = {form.as_posix(): home.is_pushed(form.as_posix(), revision) for form in FORMS}
    except RevisionError:
        return  # Found by `remote`.
    for name in (name for name, there in pushed.items() if there is False):
        yield Finding(
            "pushed",
            True,
            f"{name} at {revision}",
            "The scores are not on the DVC remote: a diff elsewhere, CI included, cannot read "
            "them.",
            _push(home, revision),
        )


def _push(home: DvcHome, revision: Revision) -> str:
    if revision.commit is None:
        return "dvc push"
    there = f"git checkout {revision.commit[:SHORT]} && dvc push && git checkout -"
    if home.default_remote(revision) is None:
        return f"dvc remote add --local --default NAME URL && {there}"
    return "dvc push" if revision.commit == home.head() else there
