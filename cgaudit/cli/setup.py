"""Getting started in a DVC repo: init."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cgaudit.cli.console import say, tell
from cgaudit.cli.stages import HERE
from cgaudit.files import replacing
from cgaudit.project import LOCK, PARAMS, PIPELINE, REPORTS, REVIEWED

if TYPE_CHECKING:
    from cgaudit.revisions import Repository
    from cgaudit.scaffold import Service, Setup


@click.command()
@click.option("--data", metavar="PATH", help="The data; found by what DVC tracks if not given.")
@click.option("--labels", metavar="FILE", help="Table of labels; found if not given.")
@click.option("--id-column", help="Column of sample ids; guessed if not given.")
@click.option("--label-column", help="Column of labels; guessed if not given.")
@click.option("--image-column", help="Column of image paths; guessed if not given.")
@click.option("--text-column", help="Column of texts; guessed if not given.")
@click.option("--ci", "service", type=click.Choice(["github", "gitlab"]),
              help="Also write a workflow that reviews pull requests.")  # fmt: skip
@click.option("--upgrade", is_flag=True, help="Move to this release's recipe and fit anew.")
@click.option("--yes", is_flag=True, help="Write without asking.")
def init(
    data: str | None, service: Service | None, upgrade: bool, yes: bool, **named: str | None
) -> None:
    """Set up the audit in this DVC repo.

    Finds the data and its labels, says what it would write, and asks. Adds stages to dvc.yaml and
    a section to params.yaml; every line that is there stays. Fits the featurizer's state the first
    time. What is set up already is left as it is.
    """
    from cgaudit.params import SourceParams
    from cgaudit.pipeline import fit
    from cgaudit.revisions import Repository
    from cgaudit.scaffold import plan_setup

    repository = Repository.around(HERE)
    if upgrade:
        _upgrade(repository)
        return
    given = SourceParams.model_validate({k: v for k, v in named.items() if v is not None})
    setup = plan_setup(repository.project, repository.listed(), given, data)
    state = Path(setup.params.featurize.state)
    fits = setup.learns and not state.exists()
    say(_proposal(setup, state if fits else None))
    if setup.contents or fits:
        _confirm(yes)
        if fits:
            tell(fit(HERE, setup.params))
        for name, content in setup.contents.items():
            _write(Path(name), content)
        if fits:
            _track(repository, state)
    if service is not None:
        _write_workflow(repository, service, setup.report_stage)
    say(_next(setup, state))


def _proposal(setup: Setup, state: Path | None) -> str:
    lines = [f"- {sentence}" for sentence in setup.explained]
    changed = [*setup.contents, *([str(state)] if state else [])]
    lines.append(f"To write: {', '.join(changed)}" if changed else "Nothing to do.")
    return "\n".join(lines)


def _confirm(yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("There is nobody to ask: run `cgaudit init --yes` to write this.")
    click.confirm("Write this?", default=True, abort=True)


def _track(repository: Repository, state: Path) -> None:
    """Leave a small featurizer state to git, and give a large one to DVC."""
    from cgaudit.scaffold import LARGEST_IN_GIT

    if state.exists() and (_pointer(state).exists() or state.stat().st_size > LARGEST_IN_GIT):
        repository.track(str(state))


def _pointer(state: Path) -> Path:
    return state.with_name(f"{state.name}.dvc")


def _write(path: Path, content: str) -> None:
    with replacing(path) as partial:
        partial.write_text(content, encoding="utf-8")


def _write_workflow(repository: Repository, service: Service, stage: str) -> None:
    from cgaudit.scaffold import GITLAB_INCLUDE, GITLAB_ROOT, PATHS, workflow

    top = repository.git.root
    path = top / PATHS[service]
    if path.exists():
        say(f"{PATHS[service]} is there already: it stays as it is.")
        return
    _write(path, workflow(service, repository.in_git("."), stage, repository.remotes()))
    say(f"Wrote {PATHS[service]}. Give it the secrets that the DVC remote needs.")
    if service == "gitlab":
        root = top / GITLAB_ROOT
        if root.exists():
            say(f"Add to {GITLAB_ROOT}:\n{GITLAB_INCLUDE}".rstrip("\n"))
        else:
            _write(root, GITLAB_INCLUDE)


def _next(setup: Setup, state: Path) -> str:
    files = [PIPELINE, PARAMS, REVIEWED, ".gitignore"]
    if setup.learns:
        files.append(str(_pointer(state) if _pointer(state).exists() else state))
    return (
        "Next: `dvc repro`, then\n"
        f"  git add {' '.join(files)} {LOCK} {REPORTS}\n"
        "  git commit, and `dvc push` where others are to see the scores."
    )


def _upgrade(repository: Repository) -> None:
    from cgaudit.params import load_params
    from cgaudit.pipeline import fit
    from cgaudit.scaffold import upgraded

    content = upgraded(HERE.params.read_text(encoding="utf-8") if HERE.params.exists() else "")
    if content is None:
        say(f"{PARAMS} has this release's recipe. Nothing to do.")
        return
    _write(HERE.params, content)
    params = load_params(HERE.params)
    tell(fit(HERE, params, force=True))
    _track(repository, Path(params.featurize.state))
    say(f"{PARAMS} has this release's recipe now. Next: `dvc repro`, which scores anew.")
