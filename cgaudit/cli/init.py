"""Getting started in a DVC repo: init."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

import click

from cgaudit.cli.console import say, tell
from cgaudit.cli.stages import HERE
from cgaudit.project import PARAMS
from cgaudit.wording.terminal import line

if TYPE_CHECKING:
    from cgaudit.params import Task
    from cgaudit.scaffold import Service
    from cgaudit.verbs.init import Proposal, Upgrade


@click.command()
@click.option("--data", metavar="PATH", help="The data; found by what DVC tracks if not given.")
@click.option("--labels", metavar="FILE",
              help="Table of labels, or annotations of boxes; found if not given.")  # fmt: skip
@click.option("--kind", help="images, text, table, features or boxes; found if not given.")
@click.option("--id-column", help="Column of sample ids; guessed if not given.")
@click.option("--label-column", help="Column of labels; guessed if not given.")
@click.option("--label-separator", help="Between several labels in a cell, such as ';'.")
@click.option("--image-column", help="Column of image paths; guessed if not given.")
@click.option("--text-column", help="Column of texts; guessed if not given.")
@click.option("--task", type=click.Choice(["classification", "regression", "multilabel"]),
              help="What labels are: classes, numbers that measure something, or several a "
                   "sample.")  # fmt: skip
@click.option("--ci", "service", type=click.Choice(["github", "gitlab"]),
              help="Also write a workflow that reviews pull requests.")  # fmt: skip
@click.option("--install", "package", metavar="REQUIREMENT",
              help="What the workflow installs as cgaudit: a git URL, a wheel. "
                   "[default: where this one came from]")  # fmt: skip
@click.option("--add", "more", type=click.Choice(["select"]), multiple=True,
              help="Also add the stage of that command.")  # fmt: skip
@click.option("--without-dvc", is_flag=True,
              help="Have git alone keep data and scores; `cgaudit run` scores them.")  # fmt: skip
@click.option("--upgrade", is_flag=True,
              help="Move to this release's recipe, fit anew, mend .gitignore.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Write without asking.")
def init(
    data: str | None, task: Task | None, service: Service | None, package: str | None,
    more: tuple[str, ...], without_dvc: bool, upgrade: bool, yes: bool, **named: str | None,
) -> None:  # fmt: skip
    """Set up the audit in this DVC repo.

    Finds the data and its labels, says what it would write, and asks. Adds stages to dvc.yaml and
    a section to params.yaml; every line that is there stays. Fits the featurizer's state the first
    time. What is set up already is left as it is.

    With --without-dvc only params.yaml and what git ignores are written.
    """
    from cgaudit.paramsfile import parse_params
    from cgaudit.revisions import Repository
    from cgaudit.verbs import init as verb

    repository = Repository.around(HERE)
    if upgrade:
        _upgraded(verb.upgrade(repository), repository.project.again)
        return
    verb.refuse_other_home(repository, without_dvc=without_dvc)
    dvc = repository.dvc
    if dvc is None and (service is not None or more):
        raise click.UsageError("--ci and --add are of DVC's stages: without DVC there are none.")
    columns = {k: v for k, v in named.items() if v is not None}
    asked = {"source": columns, "score": {"task": task} if task else {}}
    given = parse_params(asked, where="init").source
    proposal = verb.propose(repository, given, data, task)
    say(_described(proposal))
    if proposal.files:
        _confirm(yes)
    tell(verb.carry_out(repository, proposal))
    for name in more:
        tell(verb.add_stage(HERE, name))
    if service is not None and dvc is not None:
        for sentence in verb.add_workflow(repository, dvc, service, proposal.setup, package):
            say(sentence)
    workflow = verb.workflow_files(repository, service) if service is not None else []
    files = [*verb.to_commit(repository, proposal.setup), *workflow]
    say(_next(files, repository.project.again))


def _described(proposal: Proposal) -> str:
    lines = [f"- {line(sentence)}" for sentence in proposal.setup.explained]
    files = proposal.files
    lines.append(f"To write: {', '.join(map(line, files))}" if files else "Nothing to do.")
    return "\n".join(lines)


def _confirm(yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("There is nobody to ask: run `cgaudit init --yes` to write this.")
    click.confirm("Write this?", default=True, abort=True)


def _next(files: list[str], again: str) -> str:
    push = "`dvc push`" if again == "dvc repro" else "`git push`"
    return (
        f"Next: `{again}`, then\n"
        f"  git add {_quoted(files)}\n"
        f"  git commit, and {push} where others are to see the scores."
    )


def _quoted(files: list[str]) -> str:
    return " ".join(shlex.quote(line(file)) for file in files)


def _upgraded(done: Upgrade | None, again: str) -> None:
    if done is None:
        say(f"{PARAMS} has this release's recipe. Nothing to do.")
        return
    tell(done.notes)
    if not done.rescored:
        say(f"{PARAMS} has this release's recipe. Next: git add {_quoted(done.files)}")
        return
    say(f"{PARAMS} has this release's recipe now: `{again}` scores anew.")
    say(_next(done.files, again))
