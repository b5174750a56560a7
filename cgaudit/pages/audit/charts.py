"""The numbers behind the charts, as plain data that the template draws."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from cgaudit.wording.numbers import count, percent
from cgaudit.wording.text import printable

BINS = 20

#: Classes on one side of the heat map: more would be too small to read or to touch.
HEAT_CLASSES = 25

#: Pairs in the ranked list beside it.
PAIRS = 12

#: Steps of colour in the heat map.
LEVELS = 6

Pairs = Counter[tuple[str, str]]


def histogram(
    scores: npt.NDArray[np.float64], flagged: npt.NDArray[np.bool_], bins: int = BINS
) -> dict[str, Any]:
    """Count label scores in equal bins, the flagged apart from the others.

    Parameters
    ----------
    scores
        Label scores in [0, 1], shape (n,), float64. Values that are not finite are left out.
    flagged
        Which of them are label issues, shape (n,), bool.
    bins
        How many bins [0, 1] is cut into; the last includes 1.

    Returns
    -------
    dict
        ``panels``: one for the flagged and one for the others, each with ``name``, ``total``,
        ``peak`` and ``bars`` (``x`` from 0 to bins, ``height`` from 0 to 100, ``says``);
        ``rows``: the same counts as a table.
    """
    known = np.isfinite(scores)
    edges = np.linspace(0, 1, bins + 1)
    apart = [
        ("Flagged", "flagged", np.histogram(scores[known & flagged], edges)[0]),
        ("Not flagged", "others", np.histogram(scores[known & ~flagged], edges)[0]),
    ]
    return {
        "bins": bins,
        "panels": [_panel(name, key, counts, edges) for name, key, counts in apart],
        "rows": [
            {"low": float(low), "high": float(high), "flagged": int(bad), "others": int(fine)}
            for low, high, bad, fine in zip(
                edges[:-1], edges[1:], apart[0][2], apart[1][2], strict=True
            )
        ],
    }


def _panel(
    name: str, key: str, counts: npt.NDArray[np.int64], edges: npt.NDArray[np.float64]
) -> dict[str, Any]:
    peak = int(counts.max())
    bars = [
        {
            "x": i,
            # A bin that holds anything stays visible beside one that holds a million.
            "height": round(max(2.0, 100 * int(value) / peak), 2),
            "says": f"{edges[i]:.2f} to {edges[i + 1]:.2f}: {count(value)}",
        }
        for i, value in enumerate(counts)
        if value
    ]
    return {"name": name, "key": key, "total": int(counts.sum()), "peak": peak, "bars": bars}


def confusion(pairs: Pairs, sizes: Mapping[str, int], codes: Mapping[str, int]) -> dict[str, Any]:
    """Lay out how often each given label is suggested to be another one.

    Parameters
    ----------
    pairs
        Flagged samples by (given label, suggested label).
    sizes
        How many samples are given each class, in the order of the axes.
    codes
        The number of each class, by which the page finds its samples.

    Returns
    -------
    dict
        ``columns`` and ``rows`` of the heat map (at most ``HEAT_CLASSES`` a side: the classes
        of the most frequent pairs), ``pairs`` (the most frequent ones), each with its ``count``
        and its ``rate``, the share of the samples given that label; ``n_classes`` of how many the
        map was cut, ``n_shown`` of ``n_flagged`` samples that it holds.
    """
    shown = _busiest(pairs, list(sizes))
    inside = {pair: n for pair, n in pairs.items() if pair[0] in shown and pair[1] in shown}
    rates = {pair: n / sizes[pair[0]] for pair, n in pairs.items()}
    # A pair that was met once or twice is never the deepest colour.
    peak = max(LEVELS, *inside.values(), 0)
    highest = max((rates[pair] for pair in inside), default=0.0)
    described = {
        pair: _pair(pair, n, rates[pair], codes)
        | {"level": _level(n / peak), "rate_level": _level(rates[pair] / highest)}
        for pair, n in inside.items()
    }
    return {
        "columns": [printable(name) for name in shown],
        "rows": [
            {
                "name": printable(given),
                "cells": [
                    {"diagonal": given == other} | described.get((given, other), {"count": 0})
                    for other in shown
                ],
            }
            for given in shown
        ],
        "pairs": [_pair(pair, n, rates[pair], codes) for pair, n in _most_frequent(pairs)[:PAIRS]],
        "n_pairs": len(pairs),
        "n_classes": len(sizes),
        "n_shown": sum(inside.values()),
        "n_flagged": pairs.total(),
    }


def _busiest(pairs: Pairs, names: list[str]) -> list[str]:
    """Return at most ``HEAT_CLASSES`` of the names, in their order."""
    if len(names) <= HEAT_CLASSES:
        return names
    chosen: set[str] = set()
    # By pairs, so that those that are confused with each other come together.
    for pair, _ in _most_frequent(pairs):
        if len(chosen.union(pair)) <= HEAT_CLASSES:
            chosen.update(pair)
    return [name for name in names if name in chosen]


def _most_frequent(pairs: Pairs) -> list[tuple[tuple[str, str], int]]:
    return sorted(pairs.items(), key=lambda item: (-item[1], item[0]))


def _pair(pair: tuple[str, str], n: int, rate: float, codes: Mapping[str, int]) -> dict[str, Any]:
    given, other = pair
    return {
        "given": printable(given),
        "suggested": printable(other),
        "given_code": codes[given],
        "suggested_code": codes[other],
        "count": n,
        "rate": percent(rate),
        "rate_number": _whole_percent(rate),
    }


def _whole_percent(rate: float) -> str:
    """Return a share in whole percent, for a cell: ``"4"``, ``"<1"``."""
    return f"{100 * rate:.0f}" if rate >= 0.01 else "<1"


def _level(share: float) -> int:
    # The square root keeps pairs that were met once apart from those met never.
    return math.ceil(LEVELS * math.sqrt(share))
