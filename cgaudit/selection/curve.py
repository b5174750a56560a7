"""What a part of the data would cost, without training: kernel ridge judged on rows left out.

The labels of each fold are judged by nothing of their own: the scores that the rule and the flags
rest on are computed anew from the other folds. With scores of the whole data a flag would already
know the answer, and the curve would promise what nothing keeps (`benchmarks/selection.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from cgaudit.progress import Progress
from cgaudit.score import Judging, Scorer, Solving
from cgaudit.selection.candidates import Candidates, Floats, Integers
from cgaudit.selection.choose import Selecting, choose

#: The curve is of at most so many rows, drawn by their content: some seconds of work.
ROWS = 2000
FOLDS = 5
#: Shares that are tried, besides the one that was asked for.
SHARES = (0.05, 0.1, 0.2, 0.33, 0.5, 0.75, 1.0)
#: Draws of the random rule.
DRAWS = 2
#: The judge's λ where the scores have none: rows may repeat.
LEAST_RIDGE = 0.1
#: Standard errors of the mean over the folds from which a loss is clear.
CLEARLY = 2.0
#: With fewer labels a fold says nothing.
LEAST_ROWS = 50


@dataclass(frozen=True)
class Arm:
    """What one way of choosing reaches.

    Attributes
    ----------
    accuracy : ndarray of float64, shape (shares, folds)
        The part of the left-out labels, as they were given, that is predicted.
    """

    accuracy: Floats

    @property
    def mean(self) -> Floats:
        """Over the folds: shape (shares,)."""
        mean: Floats = self.accuracy.mean(axis=1)
        return mean

    @property
    def error(self) -> Floats:
        """Standard error of that mean: shape (shares,)."""
        return _error(self.accuracy)


@dataclass(frozen=True)
class Curve:
    """What each share of the data reaches.

    Attributes
    ----------
    shares : ndarray of float64, shape (shares,)
        Ascending, the last is 1.
    whole, unflagged
        The rule on all samples, and on those whose label does not look wrong.
    random
        Of all samples.
    n_rows
        How many labels it rests on.
    """

    shares: Floats
    whole: Arm
    unflagged: Arm
    random: Arm
    n_rows: int

    def dropping_pays(self, share: float) -> bool:
        """Tell whether leaving out the flagged is not worse, by more than `CLEARLY` errors.

        Fold by fold, so that what makes a fold hard to predict does not count. The labels to judge
        by are wrong as often as those that are left out, which speaks for keeping them: only what
        is clear counts (`benchmarks/selection.py`).
        """
        at = int(np.abs(self.shares - share).argmin())
        gain = (self.unflagged.accuracy - self.whole.accuracy)[[at]]
        return bool(gain.mean() >= -CLEARLY * _error(gain)[0])

    def rule(self, drop_flagged: bool) -> Arm:
        """Return the rule's arm."""
        return self.unflagged if drop_flagged else self.whole


def _error(accuracy: Floats) -> Floats:
    spread: Floats = accuracy.std(axis=1, ddof=1) / np.sqrt(accuracy.shape[1])
    return spread


def curve(
    candidates: Candidates,
    selecting: Selecting,
    judging: Judging,
    ridge: float,
    progress: Progress | None = None,
) -> Curve | None:
    """Return what parts of the data would reach; None where there are too few labels to tell.

    Parameters
    ----------
    candidates
        Samples with labels.
    selecting
        How to choose; the share is one of those that are tried.
    judging
        How the labels are scored.
    ridge
        λ of the scores, and of the judge.
    progress
        Told of the folds that are done.
    """
    rows = np.sort(np.argsort(candidates.draw(selecting.seed), kind="stable")[:ROWS])
    part = candidates.take(rows)
    if len(part) < LEAST_ROWS:
        return None
    part = replace(part, known_kernel=part.kernel)
    shares = _shares(selecting.share)
    folds = []
    for at, (inside, outside) in enumerate(_folds(part, selecting.seed)):
        folds.append(_Fold(part, inside, outside, judging, ridge).arms(selecting, shares))
        if progress is not None:
            progress(at + 1, FOLDS)
    if not folds:
        return None
    whole, unflagged, random = (Arm(np.stack(arm, axis=1)) for arm in zip(*folds, strict=True))
    return Curve(np.array(shares), whole, unflagged, random, len(part))


def _shares(asked: float) -> list[float]:
    """Return the shares to try: the one that was asked for instead of what is near it."""
    others = (share for share in SHARES if share == 1 or abs(share - asked) > 0.2 * asked)
    return sorted({*others, asked})


def _folds(part: Candidates, seed: int) -> Iterator[tuple[Integers, Integers]]:
    """Yield (rows to choose from, rows to judge by); the same content is on one side.

    A fold that leaves fewer than two classes to choose from, or none to judge by, is left out.
    """
    # Another draw than the rules': what is random to one is so to the other.
    fold = np.floor(FOLDS * part.draw(~seed)).astype(np.int64)
    for number in range(FOLDS):
        inside, outside = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        if len(outside) and len(np.unique(part.codes[inside])) > 1:
            yield inside, outside


class _Fold:
    """Rows to choose from, scored without the others, and a judge.

    Parameters
    ----------
    part
        Samples.
    inside, outside
        The rows to choose from, and those to judge by.
    judging
        How the labels are scored.
    ridge
        λ, of the scores and of the judge.
    """

    def __init__(
        self, part: Candidates, inside: Integers, outside: Integers, judging: Judging, ridge: float
    ) -> None:
        kernel = part.kernel
        self._inside = _scored(part.take(inside), judging, ridge)
        self._among = torch.from_numpy(kernel[np.ix_(inside, inside)])
        self._between = torch.from_numpy(kernel[np.ix_(outside, inside)])
        self._truth = torch.from_numpy(part.codes[outside])
        self._classes = torch.arange(int(part.codes.max()) + 1)
        self._ridge = ridge or LEAST_RIDGE
        self._known: dict[bytes, float] = {}

    def arms(self, selecting: Selecting, shares: Sequence[float]) -> tuple[Floats, Floats, Floats]:
        """Return what the rule reaches on all, on the unflagged, and what chance reaches."""
        seeds = range(selecting.seed + 1, selecting.seed + 1 + DRAWS)
        draws = [
            self._reached(replace(selecting, rule="random", seed=seed), shares, drop=False)
            for seed in seeds
        ]
        whole = self._reached(selecting, shares, drop=False)
        return whole, self._reached(selecting, shares, drop=True), np.mean(draws, axis=0)

    def _reached(self, selecting: Selecting, shares: Sequence[float], *, drop: bool) -> Floats:
        asked = (replace(selecting, share=share) for share in shares)
        chosen = (choose(self._inside, it, drop_flagged=drop) for it in asked)
        return np.array([self._accuracy(np.sort(rows)) for rows in chosen])

    def _accuracy(self, chosen: Integers) -> float:
        """Return how many of the left-out labels kernel ridge on some rows predicts."""
        key = chosen.tobytes()
        if key not in self._known:
            self._known[key] = self._judged(torch.from_numpy(chosen))
        return self._known[key]

    def _judged(self, rows: Tensor) -> float:
        system = self._among[rows][:, rows]
        system.diagonal().add_(self._ridge)
        codes = torch.from_numpy(self._inside.codes)[rows]
        targets = (codes[:, None] == self._classes).double() * 2 - 1
        alpha = torch.cholesky_solve(targets, torch.linalg.cholesky(system))
        predicted = (self._between[:, rows] @ alpha).argmax(dim=1)
        return float((predicted == self._truth).double().mean())


def _scored(inside: Candidates, judging: Judging, ridge: float) -> Candidates:
    """Return samples with the scores that they have among themselves."""
    solving = Solving(ridge=ridge, precision="float64", device="cpu")
    found = Scorer(inside.features, solving).score(inside.codes, judging)
    return replace(
        inside,
        cg_score=found.cg_score.astype(np.float64),
        flagged=found.is_label_issue & ~inside.settled,
    )
