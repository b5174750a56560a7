"""Limits, and a comparison that some of them do not let through."""

from __future__ import annotations

import numpy as np
from datarepo import make_scores

from cgaudit.params import CheckParams
from cgaudit.paramsfile import parse_params
from cgaudit.versions import compare

GOOD = (0.8, 0.1, 0.1)
BAD = (0.1, 0.8, 0.1)


def limits(**section: object) -> CheckParams:
    return parse_params({"check": section}, "params.yaml: cgaudit").check


def contradicted_change() -> dict:
    """Of four cats and one fox, one cat is relabelled fox, which the data contradicts."""
    ids = list("12345")
    p = np.array([GOOD, GOOD, GOOD, BAD, (0.1, 0.1, 0.8)])
    a = make_scores(ids, ["cat", "cat", "cat", "cat", "fox"], probabilities=p)
    b = make_scores(ids, ["fox", "cat", "cat", "cat", "fox"], probabilities=p)
    return compare(a, b, ids_are_paths=False)
