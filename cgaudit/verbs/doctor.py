"""`cgaudit doctor`: all checks, in the order in which one rests on another."""

from __future__ import annotations

from cgaudit.doctor import clone, storage, versions, workspace
from cgaudit.doctor.finding import Finding
from cgaudit.errors import CgauditError, RevisionError
from cgaudit.params import Params
from cgaudit.project import PARAMS, Project
from cgaudit.revisions import Git, Repository
from cgaudit.versions import data_gaps


def examine(project: Project, a: str | None = None, b: str | None = None) -> list[Finding]:
    """Return what would make a diff of two revisions, or a CI run, fail.

    Parameters
    ----------
    project
        Which is to be compared or reproduced.
    a, b
        As ``cgaudit diff`` takes them.
    """
    repository, findings = _opened(project)
    if repository is None:
        return findings
    params, found = workspace.parameters(repository.project)
    findings += found
    dvc = repository.dvc
    if dvc is not None and (damaged := list(storage.configuration(dvc))):
        return [*findings, *damaged]
    findings += clone.shallow(repository)
    if dvc is not None:
        findings += storage.remote(dvc)
    findings += _versions(repository, a, b)
    findings += workspace.torn_lock(repository)
    findings += workspace.unfinished(repository.project)
    gaps = [] if params is None else data_gaps(repository, params.source)
    findings += workspace.presence(gaps)
    findings += workspace.stale(repository, params, gaps)
    if any(it.check == "stale" and it.fails and it.remedy == project.again for it in findings):
        findings += _kept(repository, params)
    findings += workspace.uncommitted(repository, params)
    findings += workspace.results_in_git(repository)
    findings += workspace.featurizer_state(repository, params)
    findings += workspace.workflows(repository)
    findings += workspace.library(params)
    findings += _ridge(repository, params)
    return findings


def _ridge(repository: Repository, params: Params | None) -> list[Finding]:
    """Find a λ that the data has moved away from."""
    project = repository.project
    if params is None or not project.outputs.features.exists():
        return []
    # Here, because it brings torch.
    from cgaudit.pipeline.ridge import better_ridge

    try:
        best = better_ridge(project, params)
    except CgauditError:
        # What cannot be read was found before.
        return []
    if best is None:
        return []
    what = (
        f"score.ridge is {params.score.ridge}, and by now the given labels are clearly more likely "
        f"under {best:g}. Versions scored with another λ are not compared."
    )
    remedy = f"set cgaudit.score.ridge to {best:g} in {PARAMS}, then {project.again}"
    return [Finding("ridge", False, PARAMS, what, remedy)]


def _kept(repository: Repository, params: Params | None) -> list[Finding]:
    """Find that labels alone changed, so that what scoring kept of the features serves."""
    project = repository.project
    if params is None or not project.outputs.features.exists():
        return []
    if not workspace.only_labels_changed(repository, params):
        return []
    # Here, because it brings torch.
    from cgaudit.pipeline.score import Inputs, again_of

    try:
        takes = again_of(project, params, Inputs.read(project.outputs))
    except CgauditError:
        # What cannot be read was found before.
        return []
    what = f"Only labels changed, so that nothing is featurized; scoring: {takes}."
    again = project.again
    return [Finding("kept", False, str(params.source.labels), what, again)] if takes else []


def _opened(project: Project) -> tuple[Repository | None, list[Finding]]:
    remedy = "git init && dvc init"
    try:
        Git.containing(project.root.resolve())
        repository = Repository.around(project)
    except RevisionError as error:
        if (project.root / ".dvc").is_dir():
            remedy = "git restore FILE"
        return None, [Finding("repository", True, str(project.root), str(error), remedy)]
    if (said := repository.home.announced) is None:
        return repository, []
    # Whoever meant to have DVC here learns that nothing of it was looked at.
    what = f"{said[:1].upper()}{said[1:]}"
    return repository, [Finding("repository", False, str(project.root), what, "dvc init")]


def _versions(repository: Repository, a: str | None, b: str | None) -> list[Finding]:
    pair, findings = clone.revisions(repository, a, b)
    read, dvc = [], repository.dvc
    for revision in pair:
        if dvc is not None:
            findings += storage.remote_then(dvc, revision)
        version, found = versions.read(repository, revision)
        findings += found
        if version is not None:
            read.append(version)
            if dvc is not None:
                findings += storage.scores_pushed(dvc, revision)
    if len(read) == 2:
        findings += versions.comparable_pair(repository, *read)
    return findings
