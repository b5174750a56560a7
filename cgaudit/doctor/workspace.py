"""Whether the working tree, dvc.lock and git agree."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cgaudit.doctor.finding import Finding
from cgaudit.errors import MissingObjectError, ParamsError, RevisionError
from cgaudit.installed import install, libraries, source, upgrade
from cgaudit.params import RECIPE, Params
from cgaudit.paramsfile import load_params
from cgaudit.project import LOCK, NAMED, PARAMS, PIPELINE, REPORTS, REVIEWED, Project
from cgaudit.reading.files import Damage, bytes_of
from cgaudit.reading.text import json_of, yaml_of
from cgaudit.results.form import scores_name
from cgaudit.revisions import WORKSPACE, Gap, Repository
from cgaudit.scaffold import SERVICES, is_large, paths
from cgaudit.wording.numbers import plural

SUMMARY = NAMED.summary.as_posix()


def parameters(project: Project) -> tuple[Params | None, list[Finding]]:
    """Return the parameters, or None and what is wrong with them."""
    try:
        return load_params(project.params), []
    except ParamsError as error:
        found = [Finding("recipe", True, PARAMS, str(error), _mended(project))]
        return None, found


def _mended(project: Project) -> str:
    content = _yaml(project.params)
    if not content and project.params.exists():
        return f"edit {PARAMS}"
    if "cgaudit" not in content:
        return "cgaudit init" if project.dvc_root is not None else "cgaudit init --without-dvc"
    section = content["cgaudit"]
    recipe = section.get("recipe") if isinstance(section, dict) else None
    if isinstance(recipe, int) and recipe < RECIPE:
        return "cgaudit init --upgrade"
    if isinstance(recipe, int) and recipe > RECIPE:
        return upgrade()
    return f"edit {PARAMS}"


def torn_lock(repository: Repository) -> Iterator[Finding]:
    """Find a list of DVC's locks that a killed command left half written; DVC stops at it."""
    if repository.dvc is None:
        return
    file = repository.dvc.root / ".dvc" / "tmp" / "rwlock"
    try:
        json_of(file.read_bytes())
    except OSError:
        return
    except Damage:
        where = repository.relative(file)
        what = (
            "A dvc command was killed while it wrote its list of locks, and `dvc repro` stops at "
            "that. Where no other dvc runs, remove it: nothing is lost."
        )
        yield Finding("lock", True, where, what, f"rm {shlex.quote(where)}")


def unfinished(project: Project) -> Iterator[Finding]:
    """Find decisions of which a part may be carried out: `cgaudit apply` was cut short."""
    if project.journal.exists():
        yield Finding(
            "apply",
            True,
            str(project.journal),
            "`cgaudit apply` was cut short: some of its decisions may be in the labels and others "
            "not.",
            "the same cgaudit apply again, which finishes it",
        )


def stale(repository: Repository, params: Params | None, gaps: Iterable[Gap]) -> Iterator[Finding]:
    """Find what changed since the last ``dvc repro``, and outputs that are not there.

    Parameters
    ----------
    repository
        Of the project.
    params
        Its parameters, if they can be read.
    gaps
        How data and labels differ from what DVC lists: said by `presence`.
    """
    try:
        changes = repository.changes()
        behind = set(repository.changes_behind(scores_name(repository.project)))
    except RevisionError as error:
        yield Finding("stale", True, PIPELINE, str(error), "dvc status")
        return
    lacking = {gap.path for gap in gaps if gap.is_lack}
    # That data is not what DVC lists because it is not all here is said by itself.
    changes = [it for it in changes if it.path not in lacking and it.stage not in lacking]
    state = params.featurize.state if params else None
    absent = sorted({it.path for it in changes if it.how == "deleted" and it.path != state})
    uncached = sorted({it.path for it in changes if it.how == "not in cache"})
    lost = [path for path in uncached if not _is_on_remote(repository, path)]
    # What no run ever made, nobody can fetch.
    absent = [path for path in absent if _is_recorded(repository, path)]
    absent = sorted({*absent, *uncached} - {*lost})
    moved = sorted({it.path or it.stage for it in changes if it in behind})
    later = sorted({it.path or it.stage for it in changes if it.differs and it not in behind})
    if moved:
        yield Finding(
            "stale",
            True,
            repository.home.lock,
            f"{plural(len(moved), 'thing')} changed since the scores were computed "
            f"({_some(moved)}): they are those of other data, labels or parameters.",
            repository.project.again,
        )
    if later:
        yield Finding(
            "stale",
            False,
            LOCK,
            f"{plural(len(later), 'thing')} changed that the scores are not made from "
            f"({_some(later)}): what is made from them, such as the report, is older.",
            "dvc repro",
        )
    if lost:
        yield Finding(
            "stale",
            True,
            LOCK,
            f"DVC's cache lacks outputs that {LOCK} records ({_some(lost)}): they cannot be "
            "pushed, so nobody else can read them.",
            "dvc commit",
        )
    if absent:
        yield Finding(
            "workspace",
            False,
            str(repository.project.root.name),
            f"Tracked by DVC, but not in the workspace: {_some(absent)}. The diff reads what "
            f"{LOCK} records.",
            "dvc pull",
        )


def only_labels_changed(repository: Repository, params: Params) -> bool:
    """Tell whether nothing but the file of labels changed since the last ``dvc repro``."""
    labels = params.source.labels
    if labels is None:
        return False
    try:
        moved = {
            it.path or it.stage for it in repository.changes_behind(scores_name(repository.project))
        }
    except RevisionError:
        return False  # Found by `stale`.
    return bool(moved) and moved <= {labels, f"{labels}.dvc"}


def presence(gaps: Iterable[Gap]) -> Iterator[Finding]:
    """Find data that is not all here, and files that are in no version."""
    for gap in gaps:
        yield Finding("presence", gap.is_lack, gap.path, gap.what, gap.remedy)


def _is_recorded(repository: Repository, path: str) -> bool:
    """Tell whether DVC knows what a path holds."""
    try:
        return repository.home.recorded(path, None) is not None
    except (RevisionError, MissingObjectError):
        return False


def _is_on_remote(repository: Repository, path: str) -> bool:
    """Tell whether others have an output that this clone's cache lacks, as before `dvc pull`."""
    try:
        dvc = repository.dvc
        return dvc is not None and dvc.is_pushed(path, repository.revision(WORKSPACE)) is True
    except (RevisionError, MissingObjectError):
        return False


def uncommitted(repository: Repository, params: Params | None) -> Iterator[Finding]:
    """Find changes that git does not have: a diff of commits, CI's, does not see them."""
    named = {PARAMS, PIPELINE, LOCK, REVIEWED, SUMMARY, repository.home.lock}
    if repository.dvc is None:
        named.add(scores_name(repository.project))
    if params is not None:
        named |= {name for name in (params.source.labels, params.featurize.state) if name}
    wanted = {repository.in_git(name) for name in named}
    changed = [
        path
        for path in repository.git.changed()
        if path in wanted or path.endswith((".dvc", ".dvc/config"))
    ]
    if changed:
        yield Finding(
            "uncommitted",
            False,
            _some(changed),
            "Not committed: a diff of commits, as in CI, does not see it.",
            f"git add {' '.join(changed)} && git commit",
        )


def results_in_git(repository: Repository) -> Iterator[Finding]:
    """Find what git does not keep and should: without it a version has no scores, no history."""
    if repository.dvc is not None:
        yield from _summary_in_git(repository)
        return
    listed = set(repository.listed())
    for name in (scores_name(repository.project), SUMMARY):
        if (repository.project.root / name).exists() and name not in listed:
            what = "Git ignores it, so that no version has it, and none can be compared."
            yield Finding("ignored", True, name, what, f"git add --force {name} && git commit")


def _summary_in_git(repository: Repository) -> Iterator[Finding]:
    """Find metrics that DVC keeps, so that the history cannot read them from git."""
    # DVC has git ignore what it caches.
    if SUMMARY in repository.listed():
        return
    try:
        recorded = repository.home.recorded(SUMMARY, None)
    except RevisionError:
        return  # Found by `stale`.
    if recorded is not None:
        yield Finding(
            "summary",
            False,
            SUMMARY,
            "It is a cached output, so that `cgaudit history`, which reads git, does not find it.",
            f"in {PIPELINE}, list it under metrics: with cache: false, take it out of "
            f"{REPORTS}/.gitignore, then git add {SUMMARY}",
        )


def featurizer_state(repository: Repository, params: Params | None) -> Iterator[Finding]:
    """Find a featurizer state that is missing, or that nobody else will have."""
    if params is None or not _is_read(repository.project, params.featurize.state):
        return
    state = params.featurize.state
    path = repository.project.root / state
    in_dvc = repository.project.pointer(state).exists()
    in_git = repository.git.is_tracked(path)
    if not path.exists():
        remedy = f"dvc pull {state}" if in_dvc else "cgaudit fit"
        remedy = f"git restore {state}" if in_git else remedy
        what = "The featurizer's state is missing, so featurize cannot run."
        yield Finding("state", True, state, what, remedy)
    elif not in_dvc and not in_git:
        what = "The featurizer's state is neither in git nor in DVC: elsewhere, featurize fails."
        yield Finding("state", True, state, what, _keeping(repository, state))


def _keeping(repository: Repository, state: str) -> str:
    """Return what gives a state to whom `cgaudit init` would have given it."""
    if repository.dvc is not None and is_large(repository.project.root / state):
        return f"dvc add {state} && git add {state}.dvc && git commit && dvc push"
    return f"git add {state} && git commit"


def _is_read(project: Project, state: str) -> bool:
    """Tell whether a stage depends on the state."""
    stages = _yaml(project.pipeline).get("stages")
    listed = stages.values() if isinstance(stages, dict) else ()
    deps = [stage.get("deps") for stage in listed if isinstance(stage, dict)]
    return any(state in each for each in deps if isinstance(each, list))


def _yaml(path: Path) -> dict[str, Any]:
    """Return a YAML file's mapping; empty where it is missing or damaged."""
    try:
        content = yaml_of(bytes_of(path))
    except (FileNotFoundError, Damage):
        return {}
    return content if isinstance(content, dict) else {}


def _some(names: list[str], limit: int = 5) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def workflows(repository: Repository) -> Iterator[Finding]:
    """Find workflows that install this package from an index, where this one came from none."""
    came = source()
    if came.known and "@" not in came.requirement:
        return
    folder = repository.in_git(".")
    for service in SERVICES:
        for name in paths(service, folder).values():
            file = repository.git.root / name
            if file.is_file() and "cgaudit==" in file.read_text("utf-8", errors="replace"):
                wanted = came.requirement if came.known else "a git URL or a wheel"
                yield Finding(
                    "install",
                    False,
                    repository.relative(file),
                    "The workflow installs cgaudit from an index, and this installation came from "
                    "none: where no index has it, every run fails.",
                    f"in {repository.relative(file)}, pip install {wanted}",
                )


def library(params: Params | None) -> Iterator[Finding]:
    """Find a featurizer whose library is not installed here."""
    family, colon, _ = ("", "", "") if params is None else params.featurize.name.partition(":")
    if not colon or find_spec(family.replace("-", "_")) is not None or not libraries(family):
        return
    what = f"featurize.name is {family}:…, and {family} is not installed: `dvc repro` would fail."
    yield Finding("install", True, PARAMS, what, install(family))
