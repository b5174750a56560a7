"""`cgaudit init`: a DVC repo set up for the audit; what was there stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from cgaudit import installed
from cgaudit.errors import ParamsError, RevisionError
from cgaudit.files import sweep, write_text
from cgaudit.params import Params, SourceParams, Task
from cgaudit.paramsfile import read_params
from cgaudit.pipeline.ridge import measured_ridge
from cgaudit.project import LOCK, PARAMS, PIPELINE, REPORTS, REVIEWED, Project
from cgaudit.revisions import DvcHome, Repository
from cgaudit.scaffold import (
    GIT_ATTRIBUTES,
    GIT_IGNORE,
    GITLAB_ROOT,
    Place,
    Service,
    Setup,
    gitlab_include,
    ignoring,
    is_large,
    paths,
    plan_setup,
    state_is_kept,
    tracked_state,
    upgraded,
    with_more,
    with_ridge,
    with_section,
    with_state,
    workflows,
)
from cgaudit.verbs.fit import fit


class Proposal(NamedTuple):
    """What would be written, and why.

    Attributes
    ----------
    setup
        The parameters and stages.
    fits
        Whether a featurizer state is to be fitted first.
    tracks
        Whether a state that an earlier run left is to be given to DVC.
    """

    setup: Setup
    fits: bool
    tracks: bool

    @property
    def files(self) -> list[str]:
        """What would be written, relative to the project."""
        state = self.setup.params.featurize.state
        fitted = [state] if self.fits else [f"{state}.dvc"] if self.tracks else []
        return [*self.setup.contents, *fitted]


def propose(
    repository: Repository,
    named: SourceParams,
    data: str | None = None,
    task: Task | None = None,
) -> Proposal:
    """Plan the setup of a project as `plan_setup` does, which raises too; nothing is written."""
    project = repository.project
    setup = plan_setup(
        project,
        repository.listed(),
        repository.outputs(),
        named,
        data,
        task,
        in_git=repository.dvc is None,
    )
    state = setup.params.featurize.state
    fits = setup.learns and not (project.root / state).exists()
    tracks = repository.dvc is not None and setup.learns and not fits
    return Proposal(setup, fits, tracks and _is_untracked(repository, state))


def refuse_other_home(repository: Repository, *, without_dvc: bool) -> None:
    """Refuse to set the audit up without DVC where there is DVC, and the other way round.

    Raises
    ------
    RevisionError
        Saying what would do.
    """
    root, dvc = repository.project.root, repository.dvc
    if dvc is not None and without_dvc:
        raise RevisionError(
            f"There is DVC here ({dvc.root / '.dvc'}), which keeps versions better than git alone: "
            "run `cgaudit init` without --without-dvc."
        )
    if dvc is None and not without_dvc:
        raise RevisionError(
            f"{root} is in a git repository without DVC. Run `dvc init`, then `cgaudit init`. To "
            "have git alone keep data and scores (docs/without-dvc.md), run `cgaudit init "
            "--without-dvc`."
        )


def carry_out(repository: Repository, proposal: Proposal) -> list[str]:
    """Fit the state, choose λ, write the files; return what to tell."""
    project, setup = repository.project, proposal.setup
    notes = fit(project, setup.params, hands_on=True) if proposal.fits else []
    contents = dict(setup.contents)
    if PARAMS in contents:
        ridge = measured_ridge(project, setup.params)
        contents[PARAMS] = with_ridge(contents[PARAMS], ridge)
        notes.append(_chosen(ridge, setup.params.score.task))
    # What a killed run left beside files that are there already, and are not written again.
    sweep(project.root)
    for name, content in contents.items():
        write_text(content, project.root / name)
    if proposal.fits or proposal.tracks:
        _track(repository, setup.params.featurize.state)
        notes.append(state_is_kept(project, setup.params.featurize.state))
    return notes


def workflow_files(repository: Repository, service: Service) -> list[str]:
    """Return the files of a CI service that are there, relative to the project."""
    own = paths(service, repository.in_git(".")).values()
    names = [*own, *([GITLAB_ROOT] if service == "gitlab" else [])]
    there = [repository.git.root / name for name in names]
    return [repository.relative(file) for file in there if file.exists()]


def add_workflow(
    repository: Repository, dvc: DvcHome, service: Service, setup: Setup, package: str | None = None
) -> list[str]:
    """Write the workflows of a CI service; return what to tell.

    Parameters
    ----------
    repository
        At whose top they go.
    dvc
        What the workflow fetches the data with.
    service
        Whose.
    setup
        Of the project.
    package
        What installs this package there, as pip reads it; None for where it came from here.
    """
    top, folder = repository.git.root, repository.in_git(".")
    told = []
    came = installed.source() if package is None else installed.Source(package, known=True)
    place = Place(
        folder,
        setup.report_stage,
        dvc.remotes(),
        (dvc.root / ".dvc").relative_to(top).as_posix(),
        _outside(repository, setup.params),
        _libraries(setup.params),
        came.requirement,
    )
    for name, content in workflows(service, place).items():
        sweep((top / name).parent)
        if (top / name).exists():
            told.append(f"{name} is there already: it stays as it is.")
            continue
        write_text(content, top / name)
        told.append(f"Wrote {name}: commit it.")
    if not came.known:
        told.append(
            f"The workflow installs {came.requirement}, which has to be on an index that it sees: "
            "nothing says where this installation came from. Where it is on none, name a git URL "
            "or a wheel: remove the workflow, then `cgaudit init --ci "
            f"{service} --install 'cgaudit @ URL'`."
        )
    told.append(
        "Give the workflow the secrets that the DVC remote needs, and protect its files: "
        "docs/security.md of cgaudit says how far a pull request is trusted."
    )
    if service == "gitlab":
        root = top / GITLAB_ROOT
        if root.exists():
            told.append(f"Add to {GITLAB_ROOT}:\n{gitlab_include(folder)}".rstrip("\n"))
        else:
            write_text(gitlab_include(folder), root)
    return told


def _outside(repository: Repository, params: Params) -> list[str]:
    """Return what a project reads outside of its folder, from the top of the repository."""
    folder = repository.project.root.resolve()
    named = [name for name in (params.source.path, params.source.labels) if name]
    outside = [name for name in named if not (folder / name).resolve().is_relative_to(folder)]
    return [repository.in_git(name) for name in outside]


def _libraries(params: Params) -> list[str]:
    """Return what a featurizer that loads a model needs to be installed."""
    family, colon, _ = params.featurize.name.partition(":")
    return installed.libraries(family) if colon else []


def add_stage(project: Project, name: str) -> list[str]:
    """Add a further stage, which the report then depends on; return what to tell.

    Parameters
    ----------
    project
        Which has the stages of the audit.
    name
        A key of `cgaudit.scaffold.MORE`.

    Raises
    ------
    ParamsError
        dvc.yaml has not the stages of the audit, or cannot be added to.
    """
    content = with_more(_text(project.pipeline), name)
    if content is None:
        return [f"{PIPELINE} has a stage that runs `cgaudit {name}`: it stays as it is."]
    section = with_section(_text(project.params), name)
    write_text(section, project.params)
    write_text(content, project.pipeline)
    return [f"{PIPELINE} has a stage that runs `cgaudit {name}` now; the report depends on it."]


def to_commit(repository: Repository, setup: Setup) -> list[str]:
    """Return what belongs into git once the stages have run."""
    states = (
        [tracked_state(repository.project, setup.params.featurize.state)] if setup.learns else []
    )
    written = [GIT_ATTRIBUTES] if (repository.project.root / GIT_ATTRIBUTES).exists() else []
    ours = [PARAMS, REVIEWED, GIT_IGNORE, *written, *states]
    return [*ours, REPORTS] if repository.dvc is None else [PIPELINE, *ours, LOCK, REPORTS]


class Upgrade(NamedTuple):
    """What a move to this release did.

    Attributes
    ----------
    rescored
        Whether it was one to another recipe: everything is to be scored anew then.
    notes
        What to tell.
    files
        What belongs into git once the stages have run, relative to the project.
    """

    rescored: bool
    notes: list[str]
    files: list[str]


def upgrade(repository: Repository) -> Upgrade | None:
    """Move a project to this release's recipe, fit and choose λ anew; mend what git ignores.

    None where nothing is to be done.

    Raises
    ------
    ParamsError
        There is no section `cgaudit`, or its recipe is newer than this release knows.
    """
    project = repository.project
    # What a killed run left beside a params.yaml that is of this recipe already.
    sweep(project.root)
    content = upgraded(_text(project.params))
    if content is None:
        ignored = _ignored(repository)
        return Upgrade(False, _told(ignored), ignored) if ignored else None
    params = read_params(content.encode(), PARAMS)
    notes, state = fit(project, params, force=True, hands_on=True), params.featurize.state
    files = [PARAMS, REPORTS] if repository.dvc is None else [PIPELINE, PARAMS, LOCK, REPORTS]
    if (project.root / state).exists():
        _track(repository, state)
        notes.append(state_is_kept(project, state))
        notes += _depend(project, state) if repository.dvc is not None else []
        files.insert(files.index(PARAMS) + 1, tracked_state(project, state))
    ridge = measured_ridge(project, params)
    ignored = _ignored(repository)
    # Last: of a run that was cut short, the next begins anew.
    write_text(with_ridge(content, ridge), project.params)
    return Upgrade(
        True, [*notes, *_told(ignored), _chosen(ridge, params.score.task)], [*files, *ignored]
    )


def _ignored(repository: Repository) -> list[str]:
    """Have git ignore what an earlier release did not know; return the file that was written."""
    root = repository.project.root
    content = ignoring(root, in_git=repository.dvc is None)
    if content is None:
        return []
    write_text(content, root / GIT_IGNORE)
    return [GIT_IGNORE]


def _told(ignored: list[str]) -> list[str]:
    return [f"{file} has what git is to ignore of what cgaudit writes." for file in ignored]


def _depend(project: Project, state: str) -> list[str]:
    """Have the features depend on a state, which older recipes had none of; return what to tell."""
    text = _text(project.pipeline)
    try:
        content = with_state(text, state)
    except ParamsError as error:
        # Told, not raised: all else moves, and this is left to the user.
        return [str(error)]
    if content is None:
        return [
            f"No stage of {PIPELINE} depends on {state}: add it to the dependencies of the one "
            "that featurizes, or DVC will not notice when it changes."
        ]
    if content == text:
        return []
    write_text(content, project.pipeline)
    return [f"The features depend on {state} now ({PIPELINE})."]


def _chosen(ridge: float, task: Task) -> str:
    best = "the given labels are most likely under it"
    if task == "regression":
        best = "the given values are predicted best under it"
    return (
        f"score.ridge is {ridge:g}: {best}, each left out. It "
        "stays until you change it, so that versions can be compared."
    )


def _track(repository: Repository, state: str) -> None:
    """Leave a small featurizer state to git, and give a large one to DVC."""
    file, pointer, dvc = (
        repository.project.root / state,
        repository.project.pointer(state),
        repository.dvc,
    )
    if dvc is None:
        return
    if file.exists() and (pointer.exists() or is_large(file)):
        dvc.track(state)


def _is_untracked(repository: Repository, state: str) -> bool:
    """Tell whether a state is too large for git, and neither git nor DVC has it."""
    file = repository.project.root / state
    known = repository.project.pointer(state).exists() or repository.git.is_tracked(file)
    return not known and is_large(file)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""
