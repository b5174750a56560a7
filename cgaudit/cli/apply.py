"""What people decided: apply."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cgaudit.cli.console import say, say_json
from cgaudit.cli.stages import audited_option, project_of
from cgaudit.errors import EXIT_USAGE

if TYPE_CHECKING:
    from cgaudit.params import SourceParams
    from cgaudit.project import Project


@click.command()
@click.argument("fixes", type=click.Path(path_type=Path, dir_okay=False))
@audited_option
@click.option(
    "--labels", metavar="FILE", help="Table of ids and labels to write to, where none is named."
)
@click.option("--id-column", help="Column of sample ids in it; guessed if not given.")
@click.option("--label-column", help="Column of labels in it; guessed if not given.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def apply(
    fixes: Path, audited: Path | None, labels: str | None, id_column: str | None,
    label_column: str | None, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Write the review decisions in FIXES into the labels, and remember what was kept.

    FIXES is a CSV or JSON file with id, action (keep, relabel or drop) and label, as the report
    downloads it. All of it is written or nothing: where a label has changed since it was decided
    on, that is reported, and the command exits with 2.

    The labels are those that params.yaml here names, or those that were audited without it
    (--audit), or any table that has a column of ids (--labels).
    """
    from cgaudit.files import refuse_special
    from cgaudit.pages.apply import apply_text
    from cgaudit.results.columns import BOXES
    from cgaudit.results.overview import open_overview
    from cgaudit.results.table import has_scores
    from cgaudit.review import apply_fixes

    refuse_special(fixes)
    project, source, task = _target(audited, labels, id_column, label_column)
    scores = project.outputs.scores
    known = None
    if has_scores(scores) and (labels is None or audited is not None):
        overview = open_overview(scores)
        places = [name for name in BOXES if name in overview.table]
        known = overview.columns("id", "content_hash", *places)
    result = apply_fixes(
        fixes,
        project=project,
        source=source,
        scores=known,
        task=task,
        dry_run=dry_run,
    )
    if as_json:
        say_json(result)
    else:
        say(apply_text(result, with_diff=dry_run, again=project.again))
    if result["conflicts"]:
        click.get_current_context().exit(EXIT_USAGE)


def _target(
    audited: Path | None, labels: str | None, id_column: str | None, label_column: str | None
) -> tuple[Project, SourceParams, str]:
    """Return where decisions are written, what names the labels there, and what labels are."""
    from cgaudit.params import SourceParams
    from cgaudit.project import AUDIT, Project

    columns = {"id_column": id_column, "label_column": label_column}
    named = {name: value for name, value in {"labels": labels, **columns}.items() if value}
    if labels is not None and audited is None:
        # Whatever else is in this folder has no say in it.
        named_there = SourceParams.model_validate({"path": labels, **named})
        return Project(Path(), Path(AUDIT)), named_there, "classification"
    project, params = project_of(audited, "apply FIXES", any_recipe=True)
    if named and audited is None:
        raise click.UsageError("Columns are named in params.yaml, or with --labels.")
    return project, params.source.model_copy(update=named), params.score.task
