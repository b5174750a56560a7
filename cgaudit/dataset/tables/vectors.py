"""Rows of numbers: all of one length, and finite."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from cgaudit.dataset.tables.cells import Value
from cgaudit.errors import FeatureError

_SHOWN = 5
#: Brackets around the numbers of a vector that was written as text, and what may stand between.
_BRACKETED = re.compile(r"\s*[\[(][\s\[\](),;0-9eE.+\-naif]*[\])]\s*", re.ASCII)
_BETWEEN = re.compile(r"[\s,;\[\]()]+")
#: Without brackets, so many numbers with a point are a vector; a date or a code has fewer.
_FEWEST_BARE = 4


def vector_in(text: str) -> list[float] | None:
    """Return the numbers that text lists, as ``str`` of a list or an array writes them, else None.

    Of an array of several rows they are one after the other. What NumPy left out (``...``) is no
    number, so the whole is none.
    """
    bracketed = _BRACKETED.fullmatch(text) is not None
    parts = [part for part in _BETWEEN.split(text) if part]
    if not parts or not (bracketed or (len(parts) >= _FEWEST_BARE and all(map(_is_real, parts)))):
        return None
    try:
        return list(map(float, parts))
    except ValueError:
        return None


def _is_real(part: str) -> bool:
    return "." in part and part.strip("+-.eE0123456789") == ""


def flat(value: Value) -> Value:
    """Return nested lists of one shape as one list; what is not nested, or ragged, as it is."""
    while isinstance(value, list) and value and all(isinstance(part, list) for part in value):
        if len({len(part) for part in value}) > 1:
            return value
        value = [number for part in value for number in part]
    return value


def refuse_nonfinite(rows: np.ndarray, first: int, where: object) -> None:
    """Raise FeatureError where a value is NaN or infinite once it is float32."""
    with np.errstate(over="ignore"):
        bad = ~np.isfinite(rows.astype(np.float32))
    if not bad.any():
        return
    at_row, at_column = np.nonzero(bad)
    places = [f"row {first + r} column {c}" for r, c in zip(at_row, at_column, strict=True)]
    several = f" and {len(places) - _SHOWN} more nearby" if len(places) > _SHOWN else ""
    raise FeatureError(
        f"{where}: NaN or infinite (as float32) at {', '.join(places[:_SHOWN])}{several} "
        "(counted from 0). Replace or remove these values."
    )


def stacked(batch: Sequence[Value], start: int, where: str) -> np.ndarray:
    """Return lists of numbers as rows, shape (b, d).

    Parameters
    ----------
    batch
        (b,) cells.
    start
        The number of the first, for messages.
    where
        The table and column, for messages.

    Raises
    ------
    FeatureError
        A cell is no list of numbers, or of another length than the others.
    """
    batch = [vector_in(value) if isinstance(value, str) else flat(value) for value in batch]
    sizes = [len(value) if isinstance(value, list) else -1 for value in batch]
    for row, size in enumerate(sizes):
        if size < 1 or size != sizes[0]:
            raise ragged(where, start + row, size, max(sizes))
    try:
        return np.array(batch).astype(np.float64)
    except (TypeError, ValueError) as error:
        raise FeatureError(
            f"{where}: a row between {start} and {start + len(batch) - 1} (counted from 0) is no "
            f"list of numbers ({error})."
        ) from None


def ragged(where: str, row: int, found: int, expected: int) -> FeatureError:
    """Return the error of a row that holds another number of features than the others."""
    held = f"{found} numbers" if found >= 0 else "nothing"
    return FeatureError(
        f"{where}: row {row} (counted from 0) holds {held} where others hold {expected}. "
        "Every row needs the same number of features."
    )
