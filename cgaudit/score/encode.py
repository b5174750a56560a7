"""Labels to class numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cgaudit.errors import LabelsError

UNLABELLED = -1


@dataclass(frozen=True)
class EncodedLabels:
    """Class numbers of n samples.

    Attributes
    ----------
    codes : ndarray of int64, shape (n,)
        Index into `classes`; `UNLABELLED` where there is no label.
    classes : ndarray, shape (K,)
        The distinct labels, sorted, of the type that the user gave.
    """

    codes: np.ndarray
    classes: np.ndarray

    @property
    def labelled(self) -> np.ndarray:
        """Which samples have a label: bool, shape (n,)."""
        labelled: np.ndarray = self.codes != UNLABELLED
        return labelled

    @property
    def counts(self) -> np.ndarray:
        """Samples per class: int64, shape (K,)."""
        return np.bincount(self.codes[self.labelled], minlength=len(self.classes))


def encode_labels(labels: Sequence[object] | np.ndarray) -> EncodedLabels:
    """Number the classes of a label vector.

    Parameters
    ----------
    labels : sequence, shape (n,)
        Strings, integers or booleans. None, NaN and the empty string mean unlabelled.

    Raises
    ------
    LabelsError
        Not one-dimensional, of mixed types, or with fewer than two classes.
    """
    given = np.asarray(labels, dtype=object)
    if given.ndim != 1:
        raise LabelsError(
            f"labels must be one-dimensional, one label a sample; found shape {given.shape}."
        )
    missing = np.array([_is_missing(label) for label in given], dtype=bool)
    classes, codes = _unique(given[~missing])
    if len(classes) < 2:
        found = f"only {str(classes[0])!r}" if len(classes) else "no label at all"
        raise LabelsError(
            f"Judging labels takes at least two classes; found {found} among {len(given)} samples. "
            "Check that the right label column or folder was named."
        )
    everywhere = np.full(len(given), UNLABELLED, dtype=np.int64)
    everywhere[~missing] = codes
    return EncodedLabels(everywhere, classes)


def _is_missing(label: object) -> bool:
    return label is None or label == "" or (isinstance(label, float) and np.isnan(label))


def _unique(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    kinds = {type(label).__name__ for label in labels}
    if len(kinds) > 1:
        raise LabelsError(
            f"labels must be of one type; found {', '.join(sorted(kinds))}. "
            "Turn them all into strings."
        )
    classes, codes = np.unique(np.array(labels.tolist()), return_inverse=True)
    return classes, codes
