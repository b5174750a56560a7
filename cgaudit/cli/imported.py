"""Scores of other tools: import."""

from __future__ import annotations

from pathlib import Path

import click

from cgaudit.cli.console import tell
from cgaudit.cli.stages import HERE
from cgaudit.lock import alone


@click.command("import")
@click.argument("tables", nargs=-1, required=True, metavar="[NAME=]TABLE...")
@click.option("--id-column", help="Column of the samples' ids; guessed where not given.")
def import_(tables: tuple[str, ...], id_column: str | None) -> None:
    """Put scores of other tools beside ours: reports/imported.parquet.

    TABLE (CSV, TSV, Parquet, JSON lines) has the samples' ids and columns of numbers, such as
    pyDVL, kronfluence or TRAK give. Each is called imported_COLUMN, or imported_NAME_COLUMN. Name
    all tables at once: the file is written anew.
    """
    from cgaudit.verbs.imported import import_scores

    with alone(HERE, "import"):
        tell(import_scores(HERE, [_called(text) for text in tables], id_column))


def _called(text: str) -> tuple[str, Path]:
    name, mark, path = text.partition("=")
    if not mark or Path(text).exists():
        return "", Path(text)
    return name, Path(path)
