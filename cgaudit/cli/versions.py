"""What changes to the data did: diff, check, history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cgaudit.cli.console import progress_bar, say, say_commands, say_json, tell, tell_one
from cgaudit.cli.place import on
from cgaudit.cli.stages import HERE, load, repository_here
from cgaudit.errors import EXIT_GATE, MissingObjectError, NoScoresError

if TYPE_CHECKING:
    from cgaudit.params import Params
    from cgaudit.wording.markdown import Markdown

as_json = click.option("--json", "form", flag_value="json", help="Print JSON.")
as_markdown = click.option("--md", "form", flag_value="md", help="Print Markdown for a comment.")
missing_ok = click.option(
    "--missing-ok",
    is_flag=True,
    help="Skip, and say so, what cannot be read (a fork without secrets).",
)
recomputed = click.option(
    "--recompute",
    is_flag=True,
    help="Score B's data anew, as A was scored, instead of believing the scores it came with.",
)
revision_a = click.argument("a", required=False)
revision_b = click.argument("b", required=False)


#: What a verb found, as plain data.
Found = TypeVar("Found", bound=Mapping[str, Any])


def _refuse_ours(params: Params | None, output: Path | None) -> None:
    """Refuse to write over data or a file of the project, before anything is computed."""
    from cgaudit.files import refuse_inputs
    from cgaudit.pipeline.inputs import owned

    if output is not None:
        refuse_inputs([output], owned(HERE, params))


def _print(
    data: Found,
    form: str | None,
    text: Callable[[Found], str],
    markdown: Callable[[Found], Markdown],
) -> None:
    if form == "json":
        say_json(data)
    else:
        say((markdown if form == "md" else text)(data))


def _say_nothing_to_compare(reason: str, form: str | None) -> None:
    from cgaudit.wording.markdown import prose
    from cgaudit.wording.terminal import line

    if form == "json":
        say_json({"neutral": reason})
    else:
        said = f"Nothing to compare: {reason}"
        say(prose(said) if form == "md" else line(said))


@click.command()
@revision_a
@revision_b
@click.option("--compute", is_flag=True,
              help="Score a version that has no scores, in a temporary place.")  # fmt: skip
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False),
              help="Also write a page with the pictures or texts of what changed.")  # fmt: skip
@recomputed
@missing_ok
@as_json
@as_markdown
@on
def diff(
    a: str | None, b: str | None, compute: bool, html: Path | None, recompute: bool,
    missing_ok: bool, form: str | None,
) -> None:  # fmt: skip
    """Say what changed in the data from A to B, and what it did to label quality.

    A and B are branches, tags or commits; by default HEAD and the workspace. A...B compares the
    merge base of both with B, as a pull request does. Nothing is checked out.
    """
    from cgaudit.pages.change import diff_markdown, diff_text
    from cgaudit.verbs import diff as verb
    from cgaudit.verbs.report import write_page

    params, repository = load(), repository_here()
    _refuse_ours(params, html)
    try:
        with progress_bar("featurize") as features, progress_bar("score") as scores:
            compared = verb.diff(
                repository,
                *repository.pair(a, b),
                params,
                compute=compute,
                recompute=recompute,
                progress={"featurize": features, "score": scores},
                announce=tell_one,
            )
    except (MissingObjectError, NoScoresError) as reason:
        if not missing_ok:
            raise
        _say_nothing_to_compare(str(reason), form)
        return
    tell(compared.notes)
    if html is not None:
        tell_one(write_page(verb.diff_page(repository, compared, params), html))
    _print(compared.diff, form, diff_text, diff_markdown)


@click.command()
@revision_a
@revision_b
@click.option("--junit", type=click.Path(path_type=Path, dir_okay=False),
              help="Also write a JUnit report to this file.")  # fmt: skip
@click.option("--github", is_flag=True, help="Also print annotations for GitHub Actions.")
@click.option("--limits-from", metavar="REV",
              help="Take the limits from params.yaml there; loosening them fails.")  # fmt: skip
@recomputed
@missing_ok
@as_json
@as_markdown
@on
def check(
    a: str | None, b: str | None, junit: Path | None, github: bool, limits_from: str | None,
    recompute: bool, missing_ok: bool, form: str | None,
) -> None:  # fmt: skip
    """Hold the data to the limits in params.yaml; exit 1 when one is broken.

    A and B as for `cgaudit diff`. In a pull request, take the limits from the branch that it goes
    to, and score anew what you have no reason to believe.
    """
    from cgaudit.files import write_text
    from cgaudit.pages.check import check_markdown, check_text, github_annotations, junit_xml
    from cgaudit.verbs.check import check_revisions, guard

    params, repository = load(), repository_here()
    _refuse_ours(params, junit)
    first, second = repository.pair(a, b)
    guarded = None
    if limits_from is not None:
        guarded = guard(repository, limits_from, second)
        if guarded is None:
            tell_one(f"{limits_from} has no params.yaml: the limits are the change's own.")
    with progress_bar("featurize") as features, progress_bar("score") as scores:
        result = check_revisions(
            repository,
            first,
            second,
            limits=params.check,
            source=params.source,
            settings=params.diff,
            missing_is_neutral=missing_ok,
            recompute=recompute,
            guarded=guarded,
            progress={"featurize": features, "score": scores},
            announce=tell_one,
        )
    if junit is not None:
        write_text(junit_xml(result), junit)
    _print(result, form, check_text, partial(check_markdown, title=params.report.title))
    if github:
        say_commands(github_annotations(result))
    if not result["ok"]:
        click.get_current_context().exit(EXIT_GATE)


@click.command()
@click.argument("revision", default="HEAD")
@click.option("--all-tags", is_flag=True, help="Show the tagged versions instead.")
@click.option("--since", metavar="DATE", help="Only versions since then, as git reads dates.")
@click.option("-n", "most", type=click.IntRange(min=1), help="At most so many, the newest.")
@click.option("--moves", is_flag=True,
              help="Open the scores, and count relabelled, added and removed samples.")  # fmt: skip
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False),
              help="Also write a page with a line for each figure.")  # fmt: skip
@as_json
@click.option("--csv", "form", flag_value="csv", help="Print CSV.")
def history(
    revision: str, all_tags: bool, since: str | None, most: int | None, moves: bool,
    html: Path | None, form: str | None,
) -> None:  # fmt: skip
    """Show label quality over the commits that changed it, up to REVISION.

    Reads what git holds (reports/summary.json); scores are opened for --moves only.
    """
    from cgaudit.files import write_text
    from cgaudit.pages.history import history_csv, history_page, history_text
    from cgaudit.verbs.history import history

    params = load() if moves else None
    _refuse_ours(params, html)
    found = history(
        repository_here(),
        start=revision,
        all_tags=all_tags,
        since=since,
        most=most,
        source=params.source if params else None,
    )
    if html is not None:
        write_text(history_page(found), html)
    if form == "json":
        say_json(found)
    else:
        say((history_csv if form == "csv" else history_text)(found))
