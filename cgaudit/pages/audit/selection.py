"""Which part of the data was chosen, and what parts would reach: the section of the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cgaudit.pages.audit.graph import Series, graph
from cgaudit.selection import RULES, CurvePoint, Made, Selection
from cgaudit.wording.numbers import count, percent, plural

_NAMES = {
    "herding": "herding",
    "k_centre": "greedy k-centre",
    "random": "drawn by content",
    "cg_high": "highest cg_score",
    "cg_low": "lowest cg_score",
    "coverage": "coverage of cg_score",
}
_BALANCE = {
    "share": "each class by itself",
    "equal": "as many of each class",
    "none": "all classes together",
}
_HONEST = (
    "Nothing was trained: kernel ridge regression on the chosen rows predicts the labels of rows "
    "left out, with all scores computed anew inside each fold. Labels count as they were given, "
    "so wrong ones count against every line: compare the lines, and do not take them for what a "
    "trained model would reach. A band is one standard error over the folds; where bands overlap, "
    "no line is ahead."
)
_NONE = (
    "There is no curve of what parts of the data would reach: it was not asked for, there are too "
    "few labels, or none at all."
)


def selection_section(selection: Selection, points: Sequence[CurvePoint]) -> dict[str, Any]:
    """Return what the report says of a selection, as plain data.

    Parameters
    ----------
    selection
        What was chosen.
    points
        What parts of the data would reach, by ascending share; none where that is not known.
    """
    made = selection.made
    table = selection.table
    n_kept = int(table["keep"].sum())
    n_among = int(table["label"].notna().sum())
    if made.among == "unlabelled":
        n_among = len(table) - n_among
    return {
        "says": f"{count(n_kept)} of {plural(n_among, f'{made.among} sample')} are chosen, "
        f"{percent(n_kept / n_among)}: {RULES[made.rule].says}, {_BALANCE[made.balance]}. "
        f"{made.why}",
        "costs": _costs(made, points) if points else _NONE,
        "honest": f"{_HONEST} It rests on {plural(made.n_rows, 'label')}." if points else "",
        "chart": _chart(made, points) if points else None,
        "rows": [
            {
                "share": percent(point.share),
                "rule": _with_error(point.rule, point.rule_error),
                "other": _with_error(point.rule_other, point.rule_other_error),
                "random": _with_error(point.random, point.random_error),
            }
            for point in points
        ],
        "rule": _NAMES[made.rule].capitalize(),
        "other": "With the flagged" if made.dropped_flagged else "Without the flagged",
    }


def _costs(made: Made, points: Sequence[CurvePoint]) -> str:
    """Return what the share that was asked for costs, in a sentence."""
    here = min(points, key=lambda point: abs(point.share - made.share))
    # The random arm is all samples at the share 1, whatever is left out.
    whole = points[-1].random
    return (
        f"{percent(here.share)} of the data reaches {percent(here.rule)} "
        f"(± {percent(here.rule_error)}) where all of it reaches {percent(whole)}; as much drawn "
        f"at random reaches {percent(here.random)} (± {percent(here.random_error)})."
    )


def _chart(made: Made, points: Sequence[CurvePoint]) -> dict[str, Any]:
    rule = Series(
        "chosen",
        _NAMES[made.rule],
        [point.rule for point in points],
        [point.rule_error for point in points],
    )
    chance = Series(
        "chance",
        "drawn at random",
        [point.random for point in points],
        [point.random_error for point in points],
    )
    return graph(
        [point.share for point in points],
        [rule, chance],
        x_form="share",
        y_form="share",
        says="Accuracy on rows left out, over the share of the data. The figures are in the table "
        "below.",
    )


def _with_error(value: float, error: float) -> str:
    return f"{percent(value)} ± {percent(error)}"
