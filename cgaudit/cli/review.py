"""Several reviewers: review split, review merge."""

from __future__ import annotations

from pathlib import Path

import click

from cgaudit.cli.console import say, say_json
from cgaudit.cli.stages import HERE, audited_option, project_of
from cgaudit.project import FIXES, SHARED


@click.group()
def review() -> None:
    """Share a review out among several people, and join what they decided."""


@review.command()
@click.option("--reviewers", required=True, metavar="A,B,…", help="Their names.")
@click.option("--overlap", type=click.FloatRange(0, 1), default=0.1, show_default=True,
              help="Share of samples that all look at: it tells how they agree.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=SHARED,
              show_default=True, help="Folder of the pages.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True, help="Of the draw.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@audited_option
def split(
    reviewers: str, overlap: float, out: Path, seed: int, as_json: bool, audited: Path | None
) -> None:
    """Write a page for each reviewer: a part of what is flagged, and a part that all look at.

    Pages show the data: give them to nobody who may not see it. Each reviewer downloads a file of
    decisions that says who decided what, when, and on which label and content.
    """
    from cgaudit.pages.merged import shared_text
    from cgaudit.verbs.review import share_out

    project, params = project_of(audited, "review split")
    pages = share_out(project, params, reviewers, overlap, out, seed)
    if as_json:
        say_json([{**page._asdict(), "path": str(page.path)} for page in pages])
    else:
        say(shared_text(pages))


@review.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--settle", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Decisions that stand: conflicts that were looked at.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=FIXES,
              show_default=True, help="File to write, for `cgaudit apply`.")  # fmt: skip
@click.option("--page", type=click.Path(path_type=Path, dir_okay=False),
              help="Also write a page on which the conflicts are decided.")  # fmt: skip
@click.option("--as", "arbiter", default="together", show_default=True, metavar="NAME",
              help="Who decides the conflicts.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@audited_option
def merge(
    files: tuple[Path, ...], settle: Path | None, out: Path, page: Path | None, arbiter: str,
    as_json: bool, audited: Path | None,
) -> None:  # fmt: skip
    """Join the decisions in FILES, and say how far their reviewers agree.

    What all who looked at a sample decided alike is written to one file. Where they differ, that is
    listed and left out; so is what was decided on another label or content than there is now.
    """
    from cgaudit.pages.merged import merged_text
    from cgaudit.verbs.review import merge as verb

    # Decisions can be joined anywhere; only a page takes the data.
    needed = audited is not None or page is not None or HERE.params.exists()
    project, params = project_of(audited, "review merge FILE…") if needed else (HERE, None)
    result = verb(project, params, files, settle=settle, out=out, page=page, arbiter=arbiter)
    if as_json:
        say_json(result)
        return
    option = [] if audited is None else ["--audit", str(audited)]
    say(merged_text(result, [*map(str, files), *option]))
