"""Our own small format: a row per sample and epoch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cgaudit.dataset import Table
from cgaudit.dynamics.formats.numbers import numbers
from cgaudit.dynamics.log import Floats, Log
from cgaudit.errors import ColumnError, TableError

#: Most cells of (samples × epochs) that a log may have.
MOST_CELLS = 200_000_000


def read_own(table: Table, labels: Mapping[str, str]) -> Log:
    """Read columns ``id``, ``epoch``, and ``p_given`` or ``loss``; ``margin`` and ``predicted``.

    What the model agrees with is told by ``predicted``, else by the sign of ``margin``, else by
    ``p_given`` above one half.

    Parameters
    ----------
    table
        With a row per sample and epoch.
    labels
        The given label of each sample, by id.

    Raises
    ------
    ColumnError
        A column is missing.
    TableError
        A cell is no number, a probability is none, or a sample has an epoch twice.
    """
    has = set(table.columns)
    source = next((name for name in ("p_given", "loss") if name in has), None)
    if "epoch" not in has or source is None:
        missing = "epoch" if "epoch" not in has else "p_given"
        raise ColumnError(table.file, "feature", missing, table.columns)
    extra = [name for name in ("margin", "predicted") if name in has]
    ids, epoch_cells, source_cells, *rest = table.texts("id", "epoch", source, *extra)
    more = dict(zip(extra, rest, strict=True))
    epochs = numbers(table, "epoch", epoch_cells)
    values = numbers(table, source, source_cells)
    p = np.exp(-values) if source == "loss" else values
    if ((p < 0) | (p > 1 + 1e-6)).any():
        raise TableError(f"{table.file}: {source} holds what is no {_KINDS[source]}.")
    names, row = _numbered([name or "" for name in ids])
    steps, column = np.unique(epochs, return_inverse=True)
    if np.isnan(steps).any() or (steps != np.round(steps)).any():
        raise TableError(f"{table.file}: epoch holds what is no whole number.")
    if len(names) * len(steps) > MOST_CELLS:
        raise TableError(f"{table.file}: {len(names):,} ids × {len(steps):,} epochs are too many.")
    place = row * len(steps) + column
    if len(np.unique(place)) < len(place):
        raise TableError(
            f"{table.file}: a sample has an epoch twice. Write each once, or log each run to a "
            "file of its own."
        )

    def laid_out(values: Floats) -> Floats:
        whole = np.full(len(names) * len(steps), np.nan)
        whole[place] = values
        return whole.reshape(len(names), len(steps))

    margin = (
        numbers(table, "margin", more["margin"]) if "margin" in more else np.full(len(p), np.nan)
    )
    agrees = _agrees(p, margin, more.get("predicted"), [labels.get(name or "") for name in ids])
    return Log(
        "a log of epochs",
        names,
        [int(step) for step in steps],
        laid_out(np.minimum(p, 1.0)),
        laid_out(agrees),
        laid_out(margin),
    )


_KINDS = {"p_given": "probability", "loss": "loss of at least 0"}


def _numbered(ids: list[str]) -> tuple[list[str], np.ndarray]:
    number: dict[str, int] = {}
    rows = [number.setdefault(name, len(number)) for name in ids]
    return list(number), np.array(rows, dtype=np.int64)


def _agrees(
    p: Floats, margin: Floats, predicted: list[str | None] | None, given: list[str | None]
) -> Floats:
    by_p = np.where(np.isnan(p), np.nan, (p > 0.5).astype(np.float64))
    found = np.where(np.isnan(margin), by_p, (margin > 0).astype(np.float64))
    if predicted is None:
        return found
    said = [
        np.nan if one is None or other is None else float(one == other)
        for one, other in zip(predicted, given, strict=True)
    ]
    return np.where(np.isnan(said), found, said)
