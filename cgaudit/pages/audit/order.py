"""What the desk sorts and filters by: the columns of the tables, as far as a page has room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from cgaudit.pages.frame.exact import as_script
from cgaudit.pages.frame.size import Audit, text_bytes
from cgaudit.pages.frame.thumbnails import Budget
from cgaudit.wording.numbers import count, finite, plural
from cgaudit.wording.text import natural, printable

#: What the columns may take of the page's room.
ORDER_SHARE = 0.06
#: A list to choose from has so many columns, and so many splits, at most.
MOST_COLUMNS, MOST_SPLITS = 60, 40
#: So many columns that are left out are named.
NAMED = 6
#: Of these the high values are those to look at first.
HIGH = {"cg_score", "margin", "error_probability"}
#: Numbers of a set say nothing by their size; the others have a filter of their own.
_NOT_OFFERED = {"label_score", "is_label_issue", "near_duplicate_set", "overlap_set"}
#: Digits that a value has on the page: more than float32 holds would only take room.
DIGITS = 6


class Orders(NamedTuple):
    """What the desk can be sorted and filtered by.

    Attributes
    ----------
    data
        For the script: ``columns``, by name their ``values`` in the order of the samples and
        whether the high ones come first, and ``split``, the number of each sample's split.
    numbers, flags, splits
        The names to offer: columns of numbers, those that say yes or no, and splits.
    says
        Which columns are not offered for want of room; empty where all are.
    """

    data: dict[str, Any]
    numbers: list[str]
    flags: list[str]
    splits: list[str]
    says: str


def order_room(scores: pd.DataFrame, beside: pd.DataFrame | None, n: int, room: int) -> int:
    """Return how many bytes the columns of n samples may take: no more than all of them would.

    Parameters
    ----------
    scores
        The scores table, of any of its rows.
    beside
        Columns of other tables; None where there are none.
    n
        How many samples the page holds at most.
    room
        Bytes that the page has for all that it shows.
    """
    each = [2 if is_bool_dtype(values) else DIGITS + 8 for _, values in _offered(scores, beside)]
    splits = 4 if "split" in scores else 0
    names = Audit.COLUMN_OFFER * (len(each) + MOST_SPLITS * bool(splits))
    return min(round(ORDER_SHARE * room), n * (sum(each) + splits) + 2 * names)


def orders_of(
    scores: pd.DataFrame, beside: pd.DataFrame | None, samples: Sequence[str], budget: Budget
) -> Orders:
    """Return what samples can be sorted and filtered by: what they vary in, and there is room for.

    Parameters
    ----------
    scores
        The rows of the scores table that the page holds, at least.
    beside
        Columns of other tables, by the ids of the samples.
    samples
        The ids of those that the page holds, in its order.
    budget
        What it takes its bytes from.
    """
    if not samples:
        return Orders({"columns": {}, "split": []}, [], [], [], "")
    splits, of_split = _splits(scores, samples, budget)
    columns: dict[str, dict[str, Any]] = {}
    left: list[str] = []
    flags: list[str] = []
    for column, series in _offered(scores, beside):
        name, values = printable(column), _values(series, samples)
        if len(set(values)) < 2 or name in columns:
            continue
        flag = is_bool_dtype(series)
        entry = {"values": values, "high": flag or column in HIGH}
        size = Audit.COLUMN_OFFER + 2 * text_bytes(name) + len(as_script(entry).encode())
        if len(columns) == MOST_COLUMNS or not budget.take(size):
            left.append(name)
            continue
        columns[name] = entry
        flags += [name] if flag else []
    return Orders(
        {"columns": columns, "split": of_split},
        [name for name in columns if name not in flags],
        flags,
        splits,
        _left_says(left),
    )


def _offered(
    scores: pd.DataFrame, beside: pd.DataFrame | None
) -> Iterator[tuple[str, pd.Series[Any]]]:
    """Yield the columns by their names: numbers of the scores, of other tables, then yes and no."""
    ours = scores.set_index(scores["id"].astype(str))
    numbers = {str(name): ours[name] for name in ours if is_numeric_dtype(ours[name])}
    yes_or_no = {name: numbers.pop(name) for name in list(numbers) if is_bool_dtype(numbers[name])}
    others = {} if beside is None else {str(name): beside[name] for name in beside}
    for name, values in (numbers | others | yes_or_no).items():
        if name not in _NOT_OFFERED:
            yield name, values


def _values(series: pd.Series[Any], samples: Sequence[str]) -> list[float | int | None]:
    """Return a column's values of the samples, None where one has none."""
    values = series.reindex(list(samples))
    if is_bool_dtype(series):
        return [int(value) for value in values]
    return [None if (it := finite(value)) is None else _short(it) for value in values]


def _short(value: float) -> float | int:
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if short.is_integer() and abs(short) < 10**DIGITS else short


def _splits(
    scores: pd.DataFrame, samples: Sequence[str], budget: Budget
) -> tuple[list[str], list[int]]:
    """Return the names of the splits, and which each sample is in, -1 for none; nothing for one."""
    if "split" not in scores:
        return [], []
    of = scores.set_index(scores["id"].astype(str))["split"].reindex(list(samples))
    exact = sorted({str(name) for name in of.dropna()}, key=natural)
    number = {name: at for at, name in enumerate(exact)}
    of_split = [-1 if pd.isna(name) else number[str(name)] for name in of]
    names = [printable(name) for name in exact]
    size = text_bytes(names) + Audit.COLUMN_OFFER * len(names) + len(as_script(of_split))
    if len(set(of_split)) < 2 or len(names) > MOST_SPLITS or not budget.take(size):
        return [], []
    return names, of_split


def _left_says(left: Sequence[str]) -> str:
    if not left:
        return ""
    named = ", ".join(left[:NAMED])
    more = f" and {count(len(left) - NAMED)} more" if len(left) > NAMED else ""
    return (
        f"To keep this page small, {plural(len(left), 'column')} cannot be sorted by here: "
        f"{named}{more}. The tables have them."
    )
