"""What a training run logged: dynamics."""

from __future__ import annotations

from pathlib import Path

import click

from cgaudit.cli.console import tell
from cgaudit.cli.stages import HERE
from cgaudit.lock import alone


@click.command()
@click.argument("log", type=click.Path(path_type=Path))
def dynamics(log: Path) -> None:
    """Join a training LOG with the scores: reports/dynamics.parquet.

    LOG is a table (Parquet, JSON lines, CSV) of id, epoch, and p_given or loss, and if you have
    them margin and predicted; the folder of Dataset Cartography; the CSV of AUM; or an .npy of
    out-of-sample probabilities, rows and columns as `cgaudit export --to cleanlab` has them. Where
    the model learned every label by heart, its log is shown and not joined with the scores.
    """
    from cgaudit.verbs.dynamics import dynamics as run

    with alone(HERE, "dynamics"):
        tell(run(HERE, log))
