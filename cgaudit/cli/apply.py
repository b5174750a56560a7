"""What people decided: apply."""

from __future__ import annotations

from pathlib import Path

import click

from cgaudit.cli.console import say, say_json
from cgaudit.cli.stages import HERE, load
from cgaudit.errors import EXIT_USAGE


@click.command()
@click.argument("fixes", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def apply(fixes: Path, dry_run: bool, as_json: bool) -> None:
    """Write the review decisions in FIXES into the labels, and remember what was kept.

    FIXES is a CSV or JSON file with id, action (keep, relabel or drop) and label, as the report
    downloads it. All of it is written or nothing: where a label has changed since it was decided
    on, that is reported, and the command exits with 2.
    """
    from cgaudit.files import refuse_special
    from cgaudit.pages.apply import apply_text
    from cgaudit.results.table import read_scores
    from cgaudit.review import apply_fixes

    refuse_special(fixes)
    scores = HERE.outputs.scores
    result = apply_fixes(
        fixes,
        project=HERE,
        source=load().source,
        scores=read_scores(scores).table if scores.exists() else None,
        dry_run=dry_run,
    )
    if as_json:
        say_json(result)
    else:
        say(apply_text(result, with_diff=dry_run))
    if result["conflicts"]:
        click.get_current_context().exit(EXIT_USAGE)
