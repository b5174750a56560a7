"""The formats in which training runs tell of their samples, one a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cgaudit.dataset import open_table
from cgaudit.dynamics.formats.aum import AUM_COLUMNS, read_aum
from cgaudit.dynamics.formats.cartography import epoch_files, read_cartography
from cgaudit.dynamics.formats.own import read_own
from cgaudit.dynamics.formats.probabilities import read_probabilities
from cgaudit.dynamics.log import Log
from cgaudit.errors import InputError, TableError
from cgaudit.wording.text import shown


def read_log(path: Path, labels: Mapping[str, str]) -> Log:
    """Read a training log, whatever wrote it.

    Parameters
    ----------
    path
        A table (Parquet, JSON lines, CSV) with a row per sample and epoch, a folder of Dataset
        Cartography's or one of its files, the CSV of AUM, or an ``.npy`` of probabilities.
    labels
        The given label of each labelled sample, by id, sorted by id.

    Raises
    ------
    InputError
        There is nothing there.
    TableError
        It is none of these, or damaged.
    """
    if path.suffix.lower() == ".npy":
        return read_probabilities(path, labels)
    if not path.exists():
        raise InputError(f"There is no {path}. Name the log that the training run wrote.")
    if files := epoch_files(path):
        return read_cartography(files)
    if path.is_dir():
        raise TableError(
            f"{path} holds no dynamics_epoch_N.jsonl, as Dataset Cartography writes them. Name a "
            "file, or that folder."
        )
    table = open_table(path)
    if set(AUM_COLUMNS) <= set(table.columns):
        return read_aum(table)
    if "id" in table.columns:
        return read_own(table, labels)
    raise TableError(
        f"{path} has the columns {shown(table.columns)}: neither id and epoch with p_given or "
        "loss, nor sample_id and aum. docs/dynamics.md shows recorders that write such a log."
    )


__all__ = ["read_log"]
