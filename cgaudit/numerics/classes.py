"""Labels as class numbers, and the numbers that stand for no class."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from cgaudit.errors import LabelsError

#: As a sample's class: it has no label.
UNLABELLED = -1

#: As a row's class: the row is no sample.
ABSENT = -2

#: As a wanted class: any, so long as the sample has one.
ANY = -3

#: As a wanted class: one that nobody has.
NOBODY = -4


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

    codes: npt.NDArray[np.int64]
    classes: np.ndarray

    @classmethod
    def of(cls, labels: np.ndarray) -> EncodedLabels:
        """Number the classes of a label vector.

        Parameters
        ----------
        labels : ndarray of object, shape (n,)
            Python's own values, of one type. None, NaN and the empty string mean unlabelled.

        Raises
        ------
        LabelsError
            Labels of mixed types.
        """
        missing = np.array([_is_missing(label) for label in labels], dtype=bool)
        codes = np.full(len(labels), UNLABELLED, dtype=np.int64)
        classes, codes[~missing] = _unique(labels[~missing])
        return cls(codes, classes)

    @property
    def labelled(self) -> npt.NDArray[np.bool_]:
        """Which samples have a label: bool, shape (n,)."""
        labelled: npt.NDArray[np.bool_] = self.codes != UNLABELLED
        return labelled

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """Samples per class: int64, shape (K,)."""
        return np.bincount(self.codes[self.labelled], minlength=len(self.classes))

    def code(self, label: object) -> int:
        """Return the number of a class, `NOBODY` where no sample has that label."""
        return self._code.get(label, NOBODY)

    @cached_property
    def _code(self) -> dict[object, int]:
        return {label: code for code, label in enumerate(self.classes.tolist())}


def _is_missing(label: object) -> bool:
    return label is None or label == "" or (isinstance(label, float) and np.isnan(label))


def _unique(labels: np.ndarray) -> tuple[np.ndarray, npt.NDArray[np.int64]]:
    """Return the distinct labels, sorted, and the number of each label.

    Text is not made one array of NumPy's: each row would take as much as the longest label, and a
    NUL at its end would be lost.
    """
    kinds = {type(label).__name__ for label in labels}
    if len(kinds) > 1:
        raise LabelsError(
            f"labels must be of one type; found {', '.join(sorted(kinds))}. "
            "Turn them all into strings."
        )
    distinct = sorted(set(labels.tolist()))
    number = {label: code for code, label in enumerate(distinct)}
    codes = np.fromiter(map(number.__getitem__, labels), dtype=np.int64, count=len(labels))
    return np.array(distinct, dtype=object if kinds == {"str"} else None), codes
