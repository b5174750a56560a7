"""How many labels are expected to be wrong, in words that say what that rests on."""

from __future__ import annotations

from cgaudit.results.metrics import Metrics
from cgaudit.wording.numbers import count, percent, plural

_SPREAD = (
    "This takes wrong labels to fall on any sample and any other label alike; those that stand out "
    "are spread as if they did."
)
_AT_LEAST = (
    "Only errors are counted that the model's own confusions do not explain. Those between classes "
    "that it confuses too cannot be told from its weakness, so there may be many more."
)


def expected_figure(metrics: Metrics) -> list[dict[str, str]]:
    """Return the figure of the overview; none where nothing can be expected of the features."""
    n, low = metrics.n_expected_errors, metrics.expected_errors_low
    if n is None or low is None:
        return []
    if not low:
        doubt = plural(metrics.n_doubtful or 0, "label")
        means = (
            f"No wrong labels stand out beyond what the model itself is unsure of, about {doubt}. "
            "That does not mean that none is wrong."
        )
        return [{"name": "Expected wrong", "value": "none stands out", "means": means}]
    if metrics.expected_errors_is_lower_bound or metrics.expected_errors_high is None:
        value, means = f"at least {count(low)}", _AT_LEAST
    else:
        value = f"about {count(n)}"
        means = f"95 % interval {count(low)} to {count(metrics.expected_errors_high)}. {_SPREAD}"
    return [{"name": "Expected wrong", "value": value, "means": means}]


def flags_expected(metrics: Metrics) -> str:
    """Return a sentence on how many of the flags are expected to be wrong."""
    precision = metrics.flag_precision
    if precision is None:
        return "How many of them are wrong cannot be told beforehand: decide some, and it is said."
    more = " or more" if metrics.expected_errors_is_lower_bound else ""
    return f"About {percent(precision)}{more} of them are expected to be wrong."


def expected_line(metrics: Metrics) -> str | None:
    """Return both in a line for a terminal; None where nothing can be expected."""
    figures = expected_figure(metrics)
    if not figures:
        return None
    precision, more = metrics.flag_precision, metrics.expected_errors_is_lower_bound
    share = "" if precision is None else f", {percent(precision)}{' or more' if more else ''} of "
    flags = f"{share}the flagged" if share else ""
    return f"expected to be wrong: {figures[0]['value']}{flags}"
