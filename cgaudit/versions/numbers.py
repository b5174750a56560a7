"""Labels that are numbers, in two versions: what was changed by how much, and which is nearer."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cgaudit.results.change import Relabelled, Respelt
from cgaudit.results.columns import are_numbers
from cgaudit.versions.verdict import MANY_OF_A_PAIR, Judgement
from cgaudit.wording.text import visible

#: A first value is weighed against one that is so many standard deviations off.
FIRST = 2.0
#: A value whose label_score is below this is one that the rest of the data contradicts.
DOUBTED = 0.05
#: Digits to which factors and differences are the same.
_DIGITS = 6


def both_numbers(a: pd.DataFrame, b: pd.DataFrame) -> bool:
    """Tell whether the labels of two scores tables are numbers."""
    return are_numbers(a.columns) and are_numbers(b.columns)


def values_of(table: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return the values of a scores table, NaN where there is none: shape (n,)."""
    return table["value"].to_numpy(dtype=np.float64)


class Said(NamedTuple):
    """What the rest of the data says of a value: its leave-one-out prediction, normal around it."""

    predicted: float
    deviation: float


def judge_value(before: float | None, after: float | None, said: Said, band: float) -> Judgement:
    """Judge a change of one sample's value by whether it is nearer to what the others say of it.

    With z = (value − prediction) / deviation, a normal density φ gives the two values the shares
    φ(z_after) and φ(z_before) of their sum; `support` is their difference,
    tanh((z_before² − z_after²) / 4), which is above zero where the new value is nearer.

    Parameters
    ----------
    before, after
        The old and the new value; None for no label. A first value is weighed against one that is
        `FIRST` deviations off. A value that was taken away leaves nothing to judge.
    said
        By version b, in whose prediction the sample's own value has no say.
    band
        Differences up to this are undecided.
    """
    if after is None or not said.deviation > 0:
        return Judgement("undecided", None)
    z_after = (after - said.predicted) / said.deviation
    z_before = FIRST if before is None else (before - said.predicted) / said.deviation
    gap = (z_before - z_after) * (z_before + z_after)
    support = math.tanh(gap / 4) if not math.isnan(gap) else 0.0
    if support > band:
        return Judgement("supported", support)
    return Judgement("contradicted" if support < -band else "undecided", support)


def judged_rows(
    rows: Sequence[Mapping[str, Any]], a: pd.DataFrame, b: pd.DataFrame, band: float
) -> list[tuple[Judgement, float | None]]:
    """Return the judgement on each relabelled sample, and by how much it was changed.

    Parameters
    ----------
    rows
        With ``row_a`` and ``row_b``, the numbers of their rows in the tables.
    a, b
        The scores tables.
    band
        As for `judge_value`.
    """
    earlier, later = values_of(a), values_of(b)
    predicted, deviation = (b[name].to_numpy(np.float64) for name in ("predicted", "deviation"))
    found = []
    for row in rows:
        at = row["row_b"]
        before, after = _known(earlier[row["row_a"]]), _known(later[at])
        said = Said(float(predicted[at]), float(deviation[at]))
        judgement = judge_value(before, after, said, band)
        by = None if before is None or after is None else after - before
        found.append((judgement, by))
    return found


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def alike_warnings(changes: Sequence[tuple[float, float]]) -> list[str]:
    """Warn of values that were changed alike: they teach the data the new ones.

    Parameters
    ----------
    changes
        The old and the new value of each sample that has both.
    """
    factors = Counter(_rounded(after / before) for before, after in changes if before)
    shifts = Counter(_rounded(after - before) for before, after in changes)
    most = [
        (n, f"{sign}{abs(value):g}")
        for counts, sign_of in ((factors, _times), (shifts, _plus))
        for value, n in counts.most_common(1)
        if n >= MANY_OF_A_PAIR
        for sign in [sign_of(value)]
    ]
    if not most:
        return []
    n, how = max(most)
    return [
        f"{n:,} values were changed alike ({how}). So many of one kind support each other: their "
        "verdicts look better than they are. Check a few by eye; where a unit changed, all did."
    ]


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _times(value: float) -> str:
    return "× −" if value < 0 else "× "


def _plus(value: float) -> str:
    return "− " if value < 0 else "+ "


def respelt_numbers(respelt: Sequence[Respelt]) -> list[str]:
    """Say that labels write the same numbers in another way: that is no relabelling."""
    if not respelt:
        return []
    n, first = sum(row["count"] for row in respelt), respelt[0]
    return [
        f"{n:,} {'label is' if n == 1 else 'labels are'} only written otherwise, such as "
        f"{visible(first['from'])!r}, which is {visible(first['to'])!r} now: no relabelling, but "
        "for who reads the labels as text."
    ]


def usual_change(relabelled: Sequence[Relabelled]) -> float | None:
    """Return the median of the sizes by which values were changed; None where none was."""
    sizes = [abs(by) for row in relabelled if (by := row.get("by")) is not None]
    return float(np.median(sizes)) if sizes else None
