"""The charts of the report: every sample counted once, more is darker."""

from __future__ import annotations

from collections import Counter

import numpy as np

from cgaudit.pages.audit.charts import LEVELS, confusion, histogram


def test_histogram_counts_everything_once():
    rng = np.random.default_rng(1)
    scores, flagged = rng.random(5000), rng.random(5000) < 0.2
    scores[:3] = [0.0, 1.0, np.nan]
    chart = histogram(scores, flagged)
    assert sum(row["flagged"] + row["others"] for row in chart["rows"]) == 4999
    assert sum(panel["total"] for panel in chart["panels"]) == 4999
    heights = [bar["height"] for panel in chart["panels"] for bar in panel["bars"]]
    assert max(heights) == 100
    assert min(heights) >= 2


def test_heat_levels_rise_with_the_count():
    names = [str(i) for i in range(5)]
    pairs = Counter({("0", "1"): 1, ("1", "2"): 30, ("2", "3"): 1000})
    chart = confusion(pairs, dict.fromkeys(names, 2000), {name: i for i, name in enumerate(names)})
    levels = {
        cell["count"]: cell["level"]
        for row in chart["rows"]
        for cell in row["cells"]
        if cell["count"]
    }
    assert levels == {1: 1, 30: 2, 1000: LEVELS}


def test_heat_levels_of_rates_rise_with_the_share_of_the_class():
    pairs = Counter({("rare", "common"): 10, ("common", "rare"): 10})
    chart = confusion(pairs, {"rare": 20, "common": 1000}, {"rare": 0, "common": 1})
    cells = {cell["given"]: cell for row in chart["rows"] for cell in row["cells"] if cell["count"]}
    assert cells["rare"]["rate_level"] == LEVELS > cells["common"]["rate_level"]
    assert cells["rare"]["level"] == cells["common"]["level"]
    assert (cells["rare"]["rate"], cells["common"]["rate"]) == ("50.0 %", "1.0 %")
