"""Which samples are kept: by one rule, class by class, and what was kept before first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from cgaudit.selection.candidates import Bools, Candidates, Floats, Integers
from cgaudit.selection.quota import filled_evenly, in_proportion
from cgaudit.selection.rules import RULES

#: A rule sees at most so many samples at once, so that the work grows with n and not with n²: of
#: a larger class, parts that the contents decide.
BLOCK = 2048


@dataclass(frozen=True)
class Selecting:
    """How to choose; the fields are parameters of ``cgaudit select``.

    Attributes
    ----------
    rule
        A key of `cgaudit.selection.RULES`.
    share
        Of the samples, in (0, 1].
    balance
        ``"share"``: each class gives the same share of its samples. ``"equal"``: the same number,
        or all it has. ``"none"``: classes do not count.
    seed
        Of what is drawn.
    """

    rule: str = "herding"
    share: float = 0.5
    balance: str = "share"
    seed: int = 0


def choose(
    candidates: Candidates,
    selecting: Selecting,
    *,
    drop_flagged: bool,
    kept: Sequence[int] = (),
) -> Integers:
    """Return the chosen samples in the order in which they were chosen, best first.

    Each beginning of the order has about the same mixture of classes as the whole. What was kept
    before stays, as long as it may be chosen and its class has places.

    Parameters
    ----------
    candidates
        n samples.
    selecting
        How to choose.
    drop_flagged
        Leave out those whose label looks wrong. The share is of all samples all the same.
    kept
        Numbers of samples that were kept before, in their order.

    Returns
    -------
    ndarray of int64, shape (k,)
        k is the share of n, or all that may be chosen where they are fewer.
    """
    draw = candidates.draw(selecting.seed)
    open_to = ~candidates.flagged if drop_flagged else np.ones(len(candidates), dtype=bool)
    total = min(wanted(len(candidates), selecting.share), int(open_to.sum()))
    groups = list(_groups(candidates.codes, open_to, draw, selecting.balance))
    quotas = _quotas(groups, total, selecting.balance)
    before = {row: place for place, row in enumerate(kept)}
    parts = [
        _of_group(candidates, group, quota, selecting.rule, before)
        for group, quota in zip(groups, quotas.tolist(), strict=True)
    ]
    return _interleaved(parts, draw)


def wanted(n: int, share: float) -> int:
    """Return how many samples a share of n is: at least one where there is any."""
    return min(n, max(1, round(share * n)))


@dataclass(frozen=True)
class _Group:
    """Samples that a rule sees at once, in the order that their contents decide."""

    code: int
    rows: Integers


def _groups(codes: Integers, open_to: Bools, draw: Floats, balance: str) -> Iterator[_Group]:
    """Yield the classes, large ones in parts by the number drawn for each sample."""
    if balance == "none":
        codes = np.zeros_like(codes)
    for code in np.unique(codes[open_to]).tolist():
        rows = np.flatnonzero(open_to & (codes == code))
        rows = rows[np.argsort(draw[rows], kind="stable")]
        n_parts = -(-len(rows) // BLOCK)
        bounds = np.searchsorted(draw[rows], np.arange(n_parts + 1) / n_parts)
        for start, stop in pairwise(bounds.tolist()):
            yield _Group(code, rows[start:stop])


def _quotas(groups: Sequence[_Group], total: int, balance: str) -> Integers:
    """Return how many samples each group gives: a class first, then its parts."""
    sizes = np.array([len(group.rows) for group in groups], dtype=np.int64)
    _, of_class = np.unique([group.code for group in groups], return_inverse=True)
    by_class = np.bincount(of_class, weights=sizes).astype(np.int64)
    shared = (filled_evenly if balance == "equal" else in_proportion)(by_class, total)
    quotas = np.empty_like(sizes)
    for code, quota in enumerate(shared.tolist()):
        parts = of_class == code
        quotas[parts] = in_proportion(sizes[parts], quota)
    return quotas


def _of_group(
    candidates: Candidates, group: _Group, quota: int, rule: str, before: dict[int, int]
) -> Integers:
    stay = [at for at, row in enumerate(group.rows.tolist()) if row in before]
    stay = sorted(stay, key=lambda at: before[int(group.rows[at])])[:quota]
    more = RULES[rule].choose(candidates.take(group.rows), quota - len(stay), stay)
    chosen: Integers = group.rows[np.concatenate([np.array(stay, dtype=np.int64), more])]
    return chosen


def _interleaved(parts: Sequence[Integers], draw: Floats) -> Integers:
    """Return the samples of all groups, the first of each before the second of any."""
    rows = np.concatenate(parts)
    place = np.concatenate([(np.arange(len(part)) + 0.5) / max(1, len(part)) for part in parts])
    return rows[np.lexsort((draw[rows], place))]
