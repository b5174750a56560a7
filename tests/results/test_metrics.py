"""Metrics: by hand, as summary.json keeps them, and from a file that somebody damaged."""

from __future__ import annotations

import json

from cgaudit.results.summary import summarise


def test_only_numbers_and_maps(table):
    def check(node):
        assert isinstance(node, (int, float, dict))
        for child in node.values() if isinstance(node, dict) else ():
            check(child)

    check(json.loads(json.dumps(summarise(table, {"cat": 1.0, "dog": 1.0}, 0).as_json())))
