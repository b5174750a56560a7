"""Results for other tools: export."""

from __future__ import annotations

from pathlib import Path

import click

from cgaudit.cli.console import progress_bar, tell, tell_one
from cgaudit.cli.place import on
from cgaudit.cli.stages import audited_option, load, project_of, repository_here

#: The keys of `cgaudit.export.FORMATS`, known without importing it.
NAMES = ("csv", "jsonl", "label-studio", "cleanlab", "fiftyone", "cvat", "datalab", "spotlight")


@click.command()
@click.argument("revision", required=False)
@click.option("--to", "name", type=click.Choice(NAMES), required=True, help="For which tool.")
@click.option("--out", type=click.Path(path_type=Path), required=True,
              help="The file to write (csv, jsonl), or the folder.")  # fmt: skip
@click.option("--picture-prefix", metavar="URL",
              help="Label Studio: what its pictures are found under, such as s3://bucket/photos/. "
                   "[default: its local files, served from this folder]")  # fmt: skip
@audited_option
@on
def export(
    revision: str | None, name: str, out: Path, picture_prefix: str | None, audited: Path | None
) -> None:
    """Write the scores of the workspace, of REVISION or of an audit, in the format of another tool.

    csv and jsonl are the scores table, datalab the table of issues that cleanlab's Datalab gives:
    these can be had of any commit, through git and DVC. In CSV, text that a spreadsheet would take
    for a formula has an apostrophe in front, which `cgaudit apply` takes off again; jsonl has it as
    it is. cleanlab gets the leave-one-out probabilities of all classes, computed anew from the
    features. The others get each sample with its label and the suggested one; pictures are referred
    to, not copied.
    """
    from cgaudit.verbs.export import export as write
    from cgaudit.verbs.export import export_revision

    if revision is not None:
        if audited is not None:
            raise click.UsageError("An audit has no revisions: leave out REVISION, or --audit.")
        tell(export_revision(repository_here(), load(any_recipe=True), revision, name, out))
        return
    project, params = project_of(audited, "export")
    with progress_bar("score") as progress:
        notes = write(
            project,
            params,
            name,
            out,
            picture_prefix=picture_prefix,
            progress=progress,
            announce=tell_one,
        )
    tell(notes)
