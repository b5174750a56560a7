"""Rows in the order of their content, so that the order in which they came decides nothing.

Sums of floating-point numbers depend on their order. The near-exact methods therefore see the rows
sorted by content; of equal rows with equal labels, which have one score, the first one's is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from cgaudit.numerics.contents import Digests, content_order
from cgaudit.score.result import LabelScores

#: Fields of a result that hold one entry a sample.
_PER_SAMPLE = (
    *("given_label", "predicted_label", "label_score", "cg_score", "margin"),
    *("is_label_issue", "top_labels", "top_scores"),
)
#: The same of what is told of each label of a sample.
_PER_LABEL = ("label_score", "cg_score", "is_label_issue", "predicted", "presence")


@dataclass(frozen=True)
class Arrangement:
    """An order of n rows.

    Attributes
    ----------
    order : ndarray of int64, shape (n,)
        Which of the rows as they came stands at each place.
    place : ndarray of int64, shape (n,)
        At which place each of the rows as they came has its scores.
    """

    order: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]

    @classmethod
    def as_they_came(cls, n: int) -> Arrangement:
        """Leave n rows where they are."""
        return cls(np.arange(n), np.arange(n))

    @classmethod
    def by_content(cls, digests: Digests, ties: np.ndarray) -> Arrangement:
        """Sort rows by their digests (n, 2) and, where these are equal, by `ties` (n,)."""
        order = content_order(digests, ties)
        sorted_digests, sorted_ties = digests[order], ties[order]
        first = np.ones(len(order), dtype=bool)
        first[1:] = (sorted_digests[1:] != sorted_digests[:-1]).any(axis=1)
        first[1:] |= sorted_ties[1:] != sorted_ties[:-1]
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
        return cls(order, place)

    def back(self, result: LabelScores) -> LabelScores:
        """Return scores of arranged rows in the order in which the rows came."""
        moved = {name: getattr(result, name)[self.place] for name in _PER_SAMPLE}
        if result.probabilities is not None:
            moved["probabilities"] = result.probabilities[self.place]
        if (expected := result.expected_errors) is not None:
            probability = expected.error_probability[self.place]
            moved["expected_errors"] = replace(expected, error_probability=probability)
        if result.deviation is not None:
            moved["deviation"] = result.deviation[self.place]
        if (of := result.per_label) is not None:
            values = {name: getattr(of, name)[self.place] for name in _PER_LABEL}
            moved["per_label"] = replace(of, **values)
        return replace(result, **moved)
