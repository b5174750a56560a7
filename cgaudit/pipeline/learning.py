"""Whether labels that were changed are learned faster, where both versions have a training log."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cgaudit.dynamics import Dynamics, read_dynamics
from cgaudit.errors import MissingObjectError, StaleError
from cgaudit.numerics.rounding import number
from cgaudit.pipeline.both import read_both
from cgaudit.project import NAMED
from cgaudit.results.change import Diff
from cgaudit.results.learning import Learned, Learning, LearningOf
from cgaudit.results.metrics import DIGITS
from cgaudit.revisions import Repository, Revision


def with_learning(repository: Repository, a: Revision, b: Revision, diff: Diff) -> Diff:
    """Return a comparison with what became of the learning, where both versions have a log.

    Parameters
    ----------
    repository, a, b
        Where the logs are read.
    diff
        The comparison of the two.
    """
    try:
        both = read_both(repository, a, b, NAMED.dynamics, read_dynamics)
    except (MissingObjectError, StaleError) as error:
        return {**diff, "warnings": [*diff["warnings"], f"No learning is compared: {error}"]}
    return diff if both is None else {**diff, "learning": compare_learning(*both, diff)}


def compare_learning(a: Dynamics, b: Dynamics, diff: Diff) -> Learning:
    """Compare how fast labels were learned.

    Untouched samples, of the same id, content and label, stand beside the relabelled ones: two
    training runs differ whatever was relabelled.

    Parameters
    ----------
    a, b
        The logs of both versions.
    diff
        Says which samples were relabelled.
    """
    id_a = {row["id"]: row["id_a"] or row["id"] for row in diff["relabelled"]}
    of_b = b.table[b.table["id"].isin(id_a.keys())]
    of_b = of_b.assign(was=[id_a[name] for name in of_b["id"]])
    changed = _known(of_b.merge(a.table, left_on="was", right_on="id", suffixes=("_b", "_a")))
    same = ["id", "content_hash", "given_label"]
    untouched = _known(b.table.merge(a.table, on=same, suffixes=("_b", "_a")))
    return {
        "relabelled": _summed(changed),
        "untouched": _summed(untouched),
        "samples": [_learned(row) for _, row in changed.sort_values("id_b").iterrows()],
    }


def _known(rows: pd.DataFrame) -> pd.DataFrame:
    losses = ["dynamics_mean_loss_a", "dynamics_mean_loss_b"]
    return rows[rows[losses].notna().all(axis=1)]


def _summed(rows: pd.DataFrame) -> LearningOf:
    before, after = (
        rows[f"dynamics_mean_loss_{side}"].to_numpy(dtype=np.float64) for side in ("a", "b")
    )
    return {
        "n": len(rows),
        "faster": int((after < before).sum()),
        "mean_loss_a": number(float(before.mean()), DIGITS) if len(rows) else None,
        "mean_loss_b": number(float(after.mean()), DIGITS) if len(rows) else None,
    }


def _learned(row: pd.Series) -> Learned:
    return {
        "id": str(row["id_b"]),
        "id_a": None if row["id_a"] == row["id_b"] else str(row["id_a"]),
        "mean_loss_a": number(float(row["dynamics_mean_loss_a"]), DIGITS),
        "mean_loss_b": number(float(row["dynamics_mean_loss_b"]), DIGITS),
        "learned_a": _epoch(row["dynamics_learned_a"]),
        "learned_b": _epoch(row["dynamics_learned_b"]),
    }


def _epoch(value: float) -> int | None:
    return None if np.isnan(value) else int(value)
