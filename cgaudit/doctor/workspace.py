"""Whether the working tree, dvc.lock and git agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from cgaudit.doctor.finding import Finding
from cgaudit.errors import MissingObjectError, ParamsError, RevisionError
from cgaudit.params import RECIPE, Params, load_params
from cgaudit.project import LOCK, NAMED, PARAMS, PIPELINE, REPORTS, REVIEWED, Project
from cgaudit.revisions import WORKSPACE, Repository
from cgaudit.wording.numbers import plural

SUMMARY = NAMED.summary.as_posix()


def parameters(project: Project) -> tuple[Params | None, list[Finding]]:
    """Return the parameters, or None and what is wrong with them."""
    try:
        return load_params(project.params), []
    except ParamsError as error:
        found = [Finding("recipe", True, PARAMS, str(error), _mended(project.params))]
        return None, found


def _mended(path: Path) -> str:
    content = _yaml(path)
    if "cgaudit" not in content:
        return "cgaudit init"
    recipe = (content["cgaudit"] or {}).get("recipe")
    if isinstance(recipe, int) and recipe < RECIPE:
        return "cgaudit init --upgrade"
    if isinstance(recipe, int) and recipe > RECIPE:
        return "pip install --upgrade cgaudit"
    return f"edit {PARAMS}"


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


def stale(repository: Repository, params: Params | None) -> Iterator[Finding]:
    """Find what changed since the last ``dvc repro``, and outputs that are not there."""
    try:
        changes = repository.changes()
    except RevisionError as error:
        yield Finding("stale", True, PIPELINE, str(error), "dvc status")
        return
    state = params.featurize.state if params else None
    absent = sorted({it.path for it in changes if it.how == "deleted" and it.path != state})
    uncached = sorted({it.path for it in changes if it.how == "not in cache"})
    lost = [path for path in uncached if not _is_on_remote(repository, path)]
    absent = sorted({*absent, *uncached} - {*lost})
    moved = sorted({it.path or it.stage for it in changes if it.how in _CHANGED})
    if moved:
        yield Finding(
            "stale",
            True,
            LOCK,
            f"{plural(len(moved), 'thing')} changed since the scores were computed "
            f"({_some(moved)}): they are those of other data, labels or parameters.",
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


def _is_on_remote(repository: Repository, path: str) -> bool:
    """Tell whether others have an output that this clone's cache lacks, as before `dvc pull`."""
    try:
        return repository.is_pushed(path, repository.revision(WORKSPACE)) is True
    except (RevisionError, MissingObjectError):
        return False


#: DVC's words for a difference from what dvc.lock records.
_CHANGED = frozenset({"modified", "new", "added", "changed command", "changed checksum"})


def uncommitted(repository: Repository, params: Params | None) -> Iterator[Finding]:
    """Find changes that git does not have: a diff of commits, CI's, does not see them."""
    named = {PARAMS, PIPELINE, LOCK, REVIEWED, SUMMARY}
    if params is not None:
        named |= {name for name in (params.source.labels, params.featurize.state) if name}
    wanted = {repository.in_git(name) for name in named}
    config = (repository.dvc_root / ".dvc" / "config").relative_to(repository.git.root).as_posix()
    changed = [
        path
        for path in repository.git.changed()
        if path in wanted or path == config or path.endswith(".dvc")
    ]
    if changed:
        yield Finding(
            "uncommitted",
            False,
            _some(changed),
            "Not committed: a diff of commits, as in CI, does not see it.",
            f"git add {' '.join(changed)} && git commit",
        )


def summary_in_git(repository: Repository) -> Iterator[Finding]:
    """Find metrics that DVC keeps, so that the history cannot read them from git."""
    # DVC has git ignore what it caches.
    ignored = SUMMARY not in repository.listed()
    if ignored and repository.recorded_md5(SUMMARY, repository.revision(WORKSPACE)) is not None:
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
        yield Finding("state", True, state, what, f"git add {state} && git commit")


def _is_read(project: Project, state: str) -> bool:
    """Tell whether a stage depends on the state."""
    stages = _yaml(project.pipeline).get("stages") or {}
    return any(state in (stage.get("deps") or []) for stage in stages.values())


def _yaml(path: Path) -> dict[str, Any]:
    """Return a YAML file's mapping; empty where it is missing or damaged."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return content if isinstance(content, dict) else {}


def _some(names: list[str], limit: int = 5) -> str:
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more
