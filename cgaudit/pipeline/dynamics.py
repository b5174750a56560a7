"""From a training log and scores to a table beside the scores."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pandas as pd

from cgaudit.dynamics import (
    Dynamics,
    Log,
    LogFacts,
    Measures,
    corners,
    joined_score,
    measures,
    pooled,
    worth_joining,
)
from cgaudit.errors import LabelsError
from cgaudit.numerics.rounding import significant
from cgaudit.wording.text import shown

#: Significant digits of what is written.
_DIGITS = 5


def log_beside_scores(
    log: Log, scores: pd.DataFrame, made_from: str, ours: np.ndarray | None = None
) -> Dynamics:
    """Join a log with the scores of the same samples.

    Parameters
    ----------
    log
        Of some of the samples, and perhaps of others.
    scores
        The scores table.
    made_from
        MD5 of its file.
    ours : ndarray of float, shape (n, K), optional
        Leave-one-out probabilities of all classes, of a log that has such ones too.

    Raises
    ------
    LabelsError
        No labelled sample of the scores is in the log.
    """
    labelled = scores[scores["given_label"].notna()]
    place = {name: row for row, name in enumerate(log.ids)}
    known = labelled[labelled["id"].isin(place.keys())].reset_index(drop=True)
    if not len(known):
        raise LabelsError(
            f"No id of the log is one of the labelled samples: it has {shown(log.ids[:3])}, the "
            f"scores have {shown(labelled['id'].head(3))}. Log the ids that the scores have."
        )
    log = _rows(log, [place[name] for name in known["id"]])
    found = measures(log)
    contradicted = (known["predicted_label"] != known["given_label"]).to_numpy(dtype=bool)
    label_score = known["label_score"].to_numpy(dtype=np.float64)
    verdict = worth_joining(log, contradicted, label_score)
    score = np.full(len(known), np.nan)
    why = verdict.why
    if verdict.joins and log.probabilities is not None and ours is not None:
        codes = np.unique(known["given_label"].to_numpy(dtype=str), return_inverse=True)[1]
        score, (own, other) = pooled(np.asarray(ours, dtype=np.float64), log.probabilities, codes)
        why = f"{why} Pooled with the exponents {own:.2f} (ours) and {other:.2f} (theirs)."
    elif verdict.joins:
        score = joined_score(label_score, found)
    columns = {f"dynamics_{it.name}": _written(getattr(found, it.name)) for it in fields(Measures)}
    table = known[["id", "content_hash", "given_label"]].assign(
        **columns,
        dynamics_joined_score=_written(score),
        dynamics_corner=corners(found, known["given_label"].to_numpy(dtype=object), contradicted),
    )
    facts = LogFacts(
        kind=log.kind,
        n_epochs=len(log.epochs),
        n_unknown=len(place) - int(scores["id"].isin(place.keys()).sum()),
        n_without=len(labelled) - len(known),
        joins=verdict.joins,
        why=why,
        scores=made_from,
    )
    return Dynamics(table, facts)


def _written(values: np.ndarray) -> np.ndarray:
    return significant(values, _DIGITS).astype(np.float32)


def _rows(log: Log, rows: list[int]) -> Log:
    return Log(
        log.kind,
        [log.ids[row] for row in rows],
        log.epochs,
        log.p_given[rows],
        log.agrees[rows],
        log.margin[rows],
        None if log.aum is None else log.aum[rows],
        None if log.probabilities is None else log.probabilities[rows],
    )
