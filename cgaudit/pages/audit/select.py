"""Which samples the page shows: the most suspicious ones, and some drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cgaudit.pages.audit.several import Several, several_of
from cgaudit.pages.audit.values import Numeric, numeric_of
from cgaudit.results.columns import are_numbers
from cgaudit.wording.numbers import finite

#: More than this many are not laid out one by one: no page has room for them.
MOST_BEYOND = 20_000


class Shown(NamedTuple):
    """One shown sample, its names as they are in the data.

    Attributes
    ----------
    rank
        Its place among all labelled samples, from 1 for the most suspicious.
    top
        The most probable labels and their probabilities, best first.
    reviewed
        Whether a person looked before and let the label stand.
    path
        Where its file lies in the source; None where it is no file.
    numeric
        What there is to say of a number; None where labels are classes.
    several
        The labels of a sample that may have several; None where it has one.
    """

    rank: int
    id: str
    given: str
    suggested: str
    flagged: bool
    label_score: float | None
    cg_score: float | None
    top: list[tuple[str, float]]
    content_hash: str | None
    reviewed: bool
    path: str | None = None
    numeric: Numeric | None = None
    several: Several | None = None

    def probability(self, label: str | None) -> float | None:
        """Return the probability of a label, where it is among the few that the table keeps."""
        return next((p for name, p in self.top if name == label), None)

    @property
    def rival(self) -> str | None:
        """The most probable label other than the given one."""
        others = [self.suggested, *(name for name, _ in self.top)]
        return next((name for name in others if name != self.given), None)


class Selection(NamedTuple):
    """What is shown.

    Attributes
    ----------
    samples
        First the most suspicious, from the worst; then the drawn ones that are not among them.
    n_worst
        How many of them are there for being suspicious.
    drawn
        Where in `samples` each drawn one is, in the order of the draw.
    """

    samples: list[Shown]
    n_worst: int
    drawn: list[int]

    def cut(self, n: int) -> Selection:
        """Return the first n samples.

        The draw ends before its first sample that is cut off: the start of a random order is
        itself a random sample, what is left after picking from it is not.
        """
        kept = next((i for i, place in enumerate(self.drawn) if place >= n), len(self.drawn))
        return Selection(self.samples[:n], min(self.n_worst, n), self.drawn[:kept])


class Rest(NamedTuple):
    """Samples without a card.

    Attributes
    ----------
    samples
        In the order of their ranks.
    sights
        Of each, ``excerpt`` and ``thumbnail``; None where it has none.
    wanted
        How many there are, with those that there was no room for.
    """

    samples: list[Shown]
    sights: list[dict[str, Any]]
    wanted: int


class Ranking:
    """Samples that have a label, the most suspicious first.

    The flagged come first, then the lowest label_score, or of numbers what is farthest off.

    Parameters
    ----------
    labelled
        What is counted of them (`cgaudit.results.overview.Overview.table`), sorted by id.
    rows
        Gives all columns of some of them, by their numbers in the index of `labelled`.
    """

    def __init__(
        self, labelled: pd.DataFrame, rows: Callable[[npt.NDArray[np.int64]], pd.DataFrame]
    ) -> None:
        # Of numbers that are far off, the scores are all 0.
        worst = -labelled["margin"] if are_numbers(labelled.columns) else labelled["label_score"]
        flagged = labelled["is_label_issue"].to_numpy(dtype=bool)
        #: Where in `labelled` each is, by its rank from 0: int64 (n,). Of equals the lower id.
        self.order = np.lexsort((worst.to_numpy(), ~flagged))
        self._numbers = labelled.index.to_numpy()
        self._rows = rows

    def __len__(self) -> int:
        return len(self.order)

    def shown(self, ranks: Sequence[int] | npt.NDArray[np.int64]) -> list[Shown]:
        """Return samples to show, by their ranks from 0."""
        at = np.asarray(ranks, dtype=np.int64)
        rows = self._rows(self._numbers[self.order[at]])
        return [_shown(int(rank) + 1, rows.iloc[place]) for place, rank in enumerate(at)]


def select(ranking: Ranking, n_worst: int, n_drawn: int, seed: int) -> Selection:
    """Choose the samples to show.

    Parameters
    ----------
    ranking
        All that there are.
    n_worst
        How many of the most suspicious.
    n_drawn
        How many to draw at random, without replacement, from all of them.
    seed
        Of the draw. It depends on nothing else but how many rows there are.
    """
    ranks = np.empty_like(ranking.order)
    ranks[ranking.order] = np.arange(len(ranking))
    drawn = ranks[np.random.default_rng(seed).permutation(len(ranking))[:n_drawn]]
    n_worst = min(n_worst, len(ranking))
    shown = [*range(n_worst), *(int(rank) for rank in drawn if rank >= n_worst)]
    place = {rank: i for i, rank in enumerate(shown)}
    return Selection(ranking.shown(shown), n_worst, [place[int(rank)] for rank in drawn])


def beyond(ranking: Ranking, wanted: npt.NDArray[np.bool_], chosen: Selection) -> list[Shown]:
    """Return the wanted samples that are not chosen, by their ranks, at most `MOST_BEYOND`.

    Parameters
    ----------
    ranking
        As `select` takes it.
    wanted
        (n,): which of the labelled samples that it was made of.
    chosen
        What `select` returned.
    """
    ranks = np.flatnonzero(wanted[ranking.order])
    left = np.setdiff1d(ranks, [shown.rank - 1 for shown in chosen.samples])
    return ranking.shown(left[:MOST_BEYOND])


def _shown(rank: int, row: pd.Series[Any]) -> Shown:
    top = zip(row["top_labels"], row["top_scores"], strict=True)
    return Shown(
        rank=rank,
        id=str(row["id"]),
        given=str(row["given_label"]),
        suggested=str(row["predicted_label"]),
        flagged=bool(row["is_label_issue"]),
        label_score=finite(row["label_score"]),
        cg_score=finite(row["cg_score"]),
        top=[(str(label), float(p)) for label, p in top if finite(p) is not None],
        content_hash=None if pd.isna(row["content_hash"]) else str(row["content_hash"]),
        reviewed=bool(row.get("is_reviewed", False)),
        path=None if pd.isna(row.get("path")) else str(row["path"]),
        numeric=numeric_of(row),
        several=several_of(row),
    )
