"""A training log beside the scores: whether it says anything, the joined score, the corners."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cgaudit.dynamics.log import LEAST, Floats, Log, Measures
from cgaudit.wording.numbers import percent

Bools = npt.NDArray[np.bool_]

#: Where the model agrees with so much of what the rest of the data contradicts, over all epochs, it
#: has learned the labels by heart, and how fast says little: at 0.63 the joined score was worse
#: than `label_score` alone (`benchmarks/dynamics.py`).
MEMORISED = 0.5
#: With fewer contradicted samples nothing can be told.
LEAST_CONTRADICTED = 10

#: Corners of the data by loss and by the leave-one-out suggestion, and what they mean.
CORNERS = {
    "hard, contradicted": "Learned late or never, and contradicted by the rest of the data: look "
    "here first.",
    "hard, supported": "Hard but right, as far as the rest of the data can tell; some are wrong in "
    "a way that the features do not show.",
    "easy, contradicted": "Memorised, or plain to the model where the features are not: it agrees "
    "with a label that the rest of the data contradicts.",
    "easy, supported": "Learned early, and the rest of the data agrees: hardly ever wrong.",
}


@dataclass(frozen=True)
class Verdict:
    """Whether a log may be joined with the scores, and why, in a sentence."""

    joins: bool
    why: str


def worth_joining(log: Log, contradicted: Bools, label_score: Floats) -> Verdict:
    """Tell whether a log says more than that its model learned every label by heart, or none.

    Parameters
    ----------
    log
        Of n samples.
    contradicted : ndarray of bool, shape (n,)
        Whose label all other samples together do not suggest: about as many of these are wrong as
        among any that can be named without the truth.
    label_score : ndarray of float64, shape (n,)
    """
    if not log.p_given.shape[1] or not np.isfinite(log.p_given).any():
        return Verdict(False, "The log holds no probabilities or losses that could be joined.")
    if len(log.epochs) == 1 and log.probabilities is None:
        return Verdict(False, "The log is of one epoch: how fast labels were learned is not in it.")
    if log.probabilities is None and _learned_less(log, label_score):
        return Verdict(
            False,
            "The model, which saw the labels, makes them less likely than the rest of the data "
            "does without seeing them: it has learned too little for its losses to help. Log a "
            "longer training, or a larger model.",
        )
    of_them = log.agrees[contradicted]
    known = of_them[~np.isnan(of_them)]
    if int(contradicted.sum()) < LEAST_CONTRADICTED or not len(known):
        return Verdict(False, "Too few labels are contradicted to tell whether the log helps.")
    share = float(known.mean())
    if share > MEMORISED:
        return Verdict(
            False,
            f"The model agreed with {percent(share)} of the labels that the rest of the data "
            "contradicts, over all epochs: it learned the labels by heart, so its losses say "
            "little and would make the ranking worse. Log earlier epochs, a smaller model, or one "
            "that never saw the sample.",
        )
    return Verdict(
        True,
        f"The model agreed with {percent(share)} of the labels that the rest of the data "
        "contradicts, over all epochs: its losses tell something, and are joined.",
    )


def _learned_less(log: Log, label_score: Floats) -> bool:
    """Tell whether a log makes its labels less likely than leave-one-out does, at its best epoch.

    Of the epochs the last third count, where a model knows most.
    """
    late = log.p_given[:, -max(1, log.p_given.shape[1] // 3) :]
    known = np.isfinite(late).all(axis=1) & np.isfinite(label_score)
    if not known.any():
        return False
    theirs = np.log(np.maximum(late[known], LEAST)).mean(axis=0).max()
    ours = np.log(np.maximum(label_score[known], LEAST)).mean()
    return bool(theirs < ours)


def joined_score(label_score: Floats, found: Measures) -> Floats:
    """Return log label_score − mean loss: float64, shape (n,); **low is suspicious**.

    The logarithm of the product of two probabilities of the given label: that of the rest of the
    data, and the geometric mean of the model's over the epochs.

    Parameters
    ----------
    label_score : ndarray of float64, shape (n,)
    found
        Of the same samples.
    """
    return np.log(np.maximum(label_score, LEAST)) - found.mean_loss


def corners(found: Measures, classes: npt.NDArray[np.object_], contradicted: Bools) -> list[str]:
    """Return the corner of each sample, a key of `CORNERS`; "" where its loss is not known.

    Hard is a mean loss above that of its class: by the last epoch a model may agree with all.

    Parameters
    ----------
    found
        Of n samples.
    classes : ndarray of object, shape (n,)
        The given labels.
    contradicted : ndarray of bool, shape (n,)
    """
    loss = found.mean_loss
    usual = np.full(len(loss), np.nan)
    _, of_class = np.unique(classes.astype(str), return_inverse=True)
    for code in range(of_class.max(initial=-1) + 1):
        own = of_class == code
        if np.isfinite(loss[own]).any():
            usual[own] = np.nanmean(loss[own])
    names = []
    for at, against in enumerate(contradicted.tolist()):
        if np.isnan(loss[at]):
            names.append("")
            continue
        hard = "hard" if loss[at] > usual[at] else "easy"
        names.append(f"{hard}, {'contradicted' if against else 'supported'}")
    return names
