"""Dataset Cartography's training dynamics: a file of JSON lines an epoch."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np

from cgaudit.dynamics.log import Log
from cgaudit.errors import TableError
from cgaudit.reading.files import Damage
from cgaudit.reading.text import json_of

_NAME = re.compile(r"dynamics_epoch_(\d+)\.jsonl")


def epoch_files(path: Path) -> dict[int, Path]:
    """Return the files of a log by epoch, ascending; none where it is none of Cartography's.

    Parameters
    ----------
    path
        Its folder, the folder above (``training_dynamics`` inside), or one of its files.
    """
    folders = (path, path / "training_dynamics") if path.is_dir() else (path.parent,)
    if not path.is_dir() and _NAME.fullmatch(path.name) is None:
        return {}
    for folder in folders:
        names = sorted(folder.iterdir()) if folder.is_dir() else []
        found = {int(m[1]): file for file in names if (m := _NAME.fullmatch(file.name))}
        if found:
            return dict(sorted(found.items()))
    return {}


def read_cartography(files: dict[int, Path]) -> Log:
    """Read ``dynamics_epoch_N.jsonl`` with ``guid``, ``logits_epoch_N`` and ``gold`` a line.

    As github.com/allenai/cartography writes them. ``gold`` is the number of the class that was
    trained on.

    Raises
    ------
    TableError
        A line is something else.
    """
    number: dict[str, int] = {}
    cells: dict[tuple[int, int], tuple[float, float, float]] = {}
    for column, (epoch, file) in enumerate(files.items()):
        with file.open("rb") as opened:
            for at, line in enumerate(opened, start=1):
                if line.strip():
                    name, told = _line(line, epoch, f"{file}, line {at:,}")
                    cells[number.setdefault(name, len(number)), column] = told
    shape = (len(number), len(files))
    p, agrees, margin = (np.full(shape, np.nan) for _ in range(3))
    for place, (probability, hit, gap) in cells.items():
        p[place], agrees[place], margin[place] = probability, hit, gap
    return Log("Dataset Cartography's log", list(number), list(files), p, agrees, margin)


def _line(line: bytes, epoch: int, where: str) -> tuple[str, tuple[float, float, float]]:
    try:
        row: Any = json_of(line)
    except Damage as damage:
        raise TableError(f"{where}: {damage}.") from None
    row = row if isinstance(row, dict) else {}
    key = f"logits_epoch_{epoch}"
    logits, gold = row.get(key), row.get("gold")
    if not _are_numbers(logits) or not isinstance(gold, int) or not 0 <= gold < len(logits):
        raise TableError(f"{where} has not guid, {key} (a list of numbers) and gold (its place).")
    values = np.array(logits, dtype=np.float64)
    gap = float(values[gold] - np.delete(values, gold).max())
    normaliser = float(np.logaddexp.reduce(values))
    return str(row.get("guid")), (math.exp(values[gold] - normaliser), float(gap > 0), gap)


def _are_numbers(values: Any) -> bool:  # noqa: ANN401 - of JSON
    return (
        isinstance(values, list)
        and len(values) > 1
        and all(isinstance(value, int | float) and math.isfinite(value) for value in values)
    )
