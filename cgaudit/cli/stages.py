"""The stages that dvc.yaml runs: they read params.yaml in the current folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cgaudit.cli.console import progress_bar, say, tell, tell_one
from cgaudit.cli.place import on
from cgaudit.lock import alone
from cgaudit.project import Project

if TYPE_CHECKING:
    from cgaudit.params import Params
    from cgaudit.revisions import Repository

#: Commands run in the folder of a project.
HERE = Project(Path())


def repository_here() -> Repository:
    """Return the repository around the project here; tell where it is not DVC's."""
    from cgaudit.revisions import Repository

    repository = Repository.around(HERE)
    if repository.home.announced is not None:
        tell_one(repository.home.announced)
    return repository


def load(*, any_recipe: bool = False) -> Params:
    """Read the parameters of the project here, as `load_params` does."""
    from cgaudit.files import refuse_special
    from cgaudit.paramsfile import load_params
    from cgaudit.pipeline.inputs import refuse_pipes

    refuse_special(HERE.params)
    params = load_params(HERE.params, any_recipe=any_recipe)
    refuse_pipes(HERE, params)
    return params


#: Names what `cgaudit audit` wrote, for verbs that otherwise read params.yaml.
audited_option = click.option(
    "--audit",
    "audited",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder that `cgaudit audit` wrote, where there is no params.yaml.",
)


def project_of(
    audited: Path | None, verb: str, *, any_recipe: bool = False
) -> tuple[Project, Params]:
    """Return the project here, or what an audit was asked for.

    Parameters
    ----------
    audited
        The folder of an audit; None for the project.
    verb
        What is wanted of it, for the message where there is neither.
    any_recipe
        Whether the project may be of another recipe than this release's: nothing is computed.
    """
    from cgaudit.errors import ParamsError
    from cgaudit.paramsfile import load_asked
    from cgaudit.pipeline.inputs import refuse_pipes
    from cgaudit.project import AUDIT

    if audited is None:
        if not HERE.params.exists() and Project(Path(), Path(AUDIT)).outputs.asked.exists():
            raise ParamsError(
                f"There is no {HERE.params} here, but an audit: name it, `cgaudit {verb} … "
                f"--audit {AUDIT}`."
            )
        return HERE, load(any_recipe=any_recipe)
    project = Project(Path(), audited)
    params = load_asked(project.outputs.asked)
    refuse_pipes(project, params)
    if not Path(params.source.path).exists():
        raise ParamsError(
            f"{project.outputs.asked} audited {params.source.path}, which is not here. Run this "
            "in the folder where `cgaudit audit` was run."
        )
    return project, params


@click.command()
@click.option("--force", is_flag=True, help="Replace a state that is already there.")
def fit(force: bool) -> None:
    """Fit the featurizer's frozen state on the data (once; scores stay comparable while it stays).

    Writes the file that `featurize.state` in params.yaml names. Keep it in git or DVC.
    """
    from cgaudit.verbs.fit import fit as run

    with alone(HERE, "fit"):
        tell(run(HERE, load(), force=force))


@click.command()
@click.option("--cold", is_flag=True, help="Compute everything, whatever the last version has.")
@on
def featurize(cold: bool) -> None:
    """Turn samples into feature vectors: reports/features and reports/samples.parquet."""
    from cgaudit.verbs.featurize import featurize as run

    with alone(HERE, "featurize"), progress_bar("featurize") as progress:
        tell(run(HERE, load(), progress=progress, cold=cold))


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what it will take, and compute nothing.")
@on
def score(dry_run: bool) -> None:
    """Score the labels: reports/scores.parquet, summary.json, skipped.csv and plots.

    Where dvc.yaml names the folder reports/scores instead, the scores are written there in parts.
    """
    from cgaudit.verbs import score as verb

    if dry_run:
        say(verb.dry_run(HERE, load()))
        return
    with alone(HERE, "score"), progress_bar("score") as progress:
        tell(verb.score(HERE, load(), progress=progress, announce=tell_one))


@click.command()
@click.option("--force", is_flag=True, help="Score although nothing changed.")
@on
def run(force: bool) -> None:
    """Run the three stages where there is no DVC: featurize, score and report.

    With DVC, `dvc repro` does. What the scores were made from is recorded in reports/made.json:
    commit it with them.
    """
    from cgaudit.verbs.run import run as verb

    with (
        alone(HERE, "run"),
        progress_bar("featurize") as features,
        progress_bar("score") as scores,
    ):
        bars = {"featurize": features, "score": scores}
        tell(verb(HERE, load(), bars, announce=tell_one, force=force))


@click.command()
def select() -> None:
    """Choose a part of the data: reports/selection.parquet, and what parts would reach.

    The section `select` of params.yaml says by which rule and how much: to train on, or, of samples
    without a label, to label first. reports/curve.json is the table of a DVC plot.
    """
    from cgaudit.verbs.select import select as run

    with alone(HERE, "select"), progress_bar("select") as progress:
        tell(run(HERE, load(), progress=progress))


@click.command()
@click.option("--md", "as_markdown", is_flag=True, help="Print it in short, as Markdown, instead.")
def report(as_markdown: bool) -> None:
    """Render the audit report: reports/index.html."""
    from cgaudit.verbs import report as verb

    if as_markdown:
        say(verb.markdown(HERE, load()))
        return
    with alone(HERE, "report"):
        tell(verb.report(HERE, load()))
