"""`cgaudit run`: the three stages in the place of `dvc repro`, where there is no DVC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cgaudit.errors import RevisionError
from cgaudit.files import write_text
from cgaudit.params import Params
from cgaudit.progress import Announce, Progress
from cgaudit.project import REVIEWED, Project
from cgaudit.results.form import scores_name
from cgaudit.results.table import has_scores
from cgaudit.revisions import Repository
from cgaudit.verbs.featurize import featurize
from cgaudit.verbs.report import report
from cgaudit.verbs.score import score


def run(
    project: Project,
    params: Params,
    progress: Mapping[str, Progress],
    announce: Announce | None = None,
    *,
    force: bool = False,
) -> list[str]:
    """Featurize, score and report what changed since the last run; return what to tell.

    What the scores were made from is recorded beside them, so that it can be told whether they
    are those of the data, labels and parameters that lie there.

    Parameters
    ----------
    project
        In a git repository without DVC.
    params
        Those of the project.
    progress
        Functions to tell of the work, under ``"featurize"`` and ``"score"``.
    announce
        Told what scoring will take, before it starts.
    force
        Score although nothing changed.

    Raises
    ------
    RevisionError
        There is DVC, which would not know of it, or no git.
    """
    repository = Repository.around(project)
    if repository.dvc is not None:
        raise RevisionError(
            f"There is DVC here ({repository.dvc.root / '.dvc'}), which keeps account of what is "
            "computed: run `dvc repro`."
        )
    outputs = project.outputs
    current = has_scores(outputs.scores) and not repository.changes_behind(scores_name(project))
    if current and not force:
        told = ["Nothing changed since the scores were computed: they stay as they are."]
        return told if outputs.page.exists() else [*told, *report(project, params)]
    notes = [*_unkept(repository, params), *featurize(project, params, progress["featurize"])]
    notes += score(project, params, progress["score"], announce)
    write_text(repository.made_from(list(_read(project, params))).decode(), outputs.made)
    return [*notes, *report(project, params)]


def _read(project: Project, params: Params) -> Iterator[str]:
    """Yield the files and folders that scores are made from."""
    yield params.source.path
    if params.source.labels is not None:
        yield params.source.labels
    yield REVIEWED
    if (project.root / params.featurize.state).exists():
        yield params.featurize.state


def _unkept(repository: Repository, params: Params) -> Iterator[str]:
    """Yield what to tell of data that no version will have."""
    for path in (params.source.path, params.source.labels):
        if path is not None and not repository.git.identities(repository.in_git(path)):
            yield (
                f"{path} is in no version, because git ignores it: what changes in it will not be "
                "seen, and no earlier version of it can be scored."
            )
