"""What of the workspace its scores do not know yet."""

from __future__ import annotations

from cgaudit.errors import RevisionError
from cgaudit.results.form import scores_name
from cgaudit.revisions import Repository, Revision
from cgaudit.wording.text import shown


def unscored(repository: Repository, b: Revision) -> list[str]:
    """Warn where data, labels or parameters of the workspace are newer than its scores.

    Parameters
    ----------
    repository
        Where to ask; DVC tells by dvc.lock, git by what `cgaudit run` recorded.
    b
        The version that is looked at: of a commit there is nothing to warn.
    """
    if b.commit is not None:
        return []
    scores = scores_name(repository.project)
    try:
        changes = repository.changes_behind(scores)
    except RevisionError:
        # Said by whoever needs it; the scores could be read without.
        return []
    if any(it.side == "outs" and it.path == scores for it in changes):
        # Computed by hand, after what dvc.lock records.
        return []
    newer = sorted({it.path for it in changes if it.side == "deps"})
    newer += sorted({it.path for it in changes if it.side == "stage" and it.path})
    if not newer:
        return []
    return [
        f"{shown(newer)} changed since the scores of the workspace were computed, and these are "
        f"compared as they are: run `{repository.project.again}` first."
    ]
