"""How many labels are expected to be wrong, in the same words wherever it is said.

Two figures, which people take for one another: how many of the *flagged* are really wrong, and how
many are wrong in the *whole data*, flagged or not. The second is "about" so many or "at least".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from cgaudit.wording.numbers import count, percent, plural

#: What the metrics are called where they stand in a table.
TITLES = {
    "n_expected_errors": "wrong in the whole data, estimated",
    "flag_precision": "of the flagged, expected to be wrong",
}
NONE_STANDS_OUT = "none stands out"
_WHY_AT_LEAST = (
    "“at least”: a wrong label that looks like a confusion of the model's own cannot be told from "
    "weak features and is not counted, so there may be many more"
)
_WHY_ABOUT = (
    "“about”: the wrong labels that stand out are spread over the classes as if errors fell at "
    "random, so few can hide among what the model confuses"
)
_WHY_NONE = (
    "nothing stands out beyond what the model itself is unsure of, which does not mean that none "
    "is wrong"
)
#: Where the documentation says more.
MORE = "docs/methods.md, “How many labels are wrong”"


class Expected(NamedTuple):
    """What a version's metrics say of its wrong labels; None for what cannot be told.

    Attributes
    ----------
    flagged, share
        How many labels are flagged, and which share of those is expected to be wrong.
    wrong, low, high
        How many are wrong in the whole data, and the interval.
    is_bound
        Whether there may be more than `low`, and nobody knows how many.
    """

    flagged: int
    share: float | None
    wrong: int | None
    low: int | None
    high: int | None
    is_bound: bool

    @classmethod
    def of(cls, metrics: Mapping[str, Any]) -> Expected:
        """Return what metrics say, by their names in summary.json."""
        low, high = (metrics.get(f"expected_errors_{end}") for end in ("low", "high"))
        bound = bool(metrics.get("expected_errors_is_lower_bound")) or high is None
        flagged, share = metrics.get("n_label_issues") or 0, metrics.get("flag_precision")
        return cls(flagged, share, metrics.get("n_expected_errors"), low, high, bound)

    @property
    def is_known(self) -> bool:
        """Whether anything can be expected of the whole data."""
        return self.wrong is not None and self.low is not None

    @property
    def in_all(self) -> str:
        """How many are wrong in the whole data: ``about 58``, ``at least 52``."""
        if not self.low:
            return NONE_STANDS_OUT
        return f"at least {count(self.low)}" if self.is_bound else f"about {count(self.wrong or 0)}"

    @property
    def interval(self) -> str:
        """The interval, where there is one: ``95 % interval 52 to 66``.

        Of a bound, the estimate that it lies below: else more of the flagged seem to be wrong than
        are in the whole data.
        """
        if not self.low or self.high is None or self.is_bound:
            estimate = f"a 95 % interval around {count(self.wrong or 0)}, the estimate, starts at "
            return f"{estimate}{count(self.low or 0)}" if self.wrong else ""
        return f"95 % interval {count(self.low)} to {count(self.high)}"

    @property
    def why(self) -> str:
        """Why it is "about", "at least" or neither, in a clause."""
        if not self.low:
            return _WHY_NONE
        return _WHY_AT_LEAST if self.is_bound else _WHY_ABOUT

    @property
    def of_flagged(self) -> str:
        """Which share of the flagged is expected to be wrong, in a clause."""
        if self.share is None:
            return "how many of them are really wrong cannot be told before some are decided on"
        more = " or more" if self.is_bound and self.low else ""
        number = f"some {count(round(self.share * self.flagged))}"
        return f"{percent(self.share)}{more} of them ({number}) are expected to be really wrong"

    def sentences(self) -> list[str]:
        """Return what is said of both, the flagged first; none where nothing can be expected."""
        if not self.is_known:
            return []
        said = [f"{plural(self.flagged, 'label')} flagged: {self.of_flagged}."] * bool(self.flagged)
        parts = [self.in_all, "flagged or not" if self.low else "", self.interval]
        return [*said, f"Wrong in the whole data: {', '.join(filter(None, parts))} ({self.why})."]
