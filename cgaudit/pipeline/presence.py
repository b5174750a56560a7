"""Whether the data that a verb is about to read is all that belongs to it."""

from __future__ import annotations

from cgaudit.errors import RevisionError
from cgaudit.params import SourceParams
from cgaudit.project import Project
from cgaudit.revisions import Repository
from cgaudit.versions import data_gaps


def notes_on_gaps(project: Project, source: SourceParams) -> list[str]:
    """Return how the data in the workspace differs from what DVC lists, for the user.

    Parameters
    ----------
    project
        Whose data; without DVC, or where DVC cannot tell, there is nothing to say.
    source
        Names data and labels, relative to the project.
    """
    try:
        found = data_gaps(Repository.around(project), source)
    except RevisionError:
        return []
    return [f"{gap.what} What is here is read all the same; `{gap.remedy}`." for gap in found]
