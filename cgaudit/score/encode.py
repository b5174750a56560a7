"""Labels as arrays, whatever a user's library calls them; then as class numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cgaudit.errors import LabelsError
from cgaudit.numerics.classes import EncodedLabels
from cgaudit.wording.text import shown

#: With more classes, and fewer than two samples a class, labels are ids, paths or texts.
_MANY_CLASSES = 1_000


def plain_labels(labels: Sequence[object] | np.ndarray) -> np.ndarray:
    """Return labels as an array of Python's own values: object, shape (n,) or what was given.

    A value of NumPy's is its Python twin; what stands for "no value" in pandas, in a nullable
    column or a categorical one, is None.
    """
    given = np.asarray(labels, dtype=object)
    if given.ndim != 1:
        return given
    plain = np.empty(len(given), dtype=object)
    plain[:] = [_plain(label) for label in given]
    return plain


def _plain(label: object) -> object:
    if label is pd.NA or label is pd.NaT:
        return None
    return label.item() if isinstance(label, np.generic) else label


def encode_labels(labels: Sequence[object] | np.ndarray) -> EncodedLabels:
    """Number the classes of a label vector.

    Parameters
    ----------
    labels : sequence, shape (n,)
        Strings, integers or booleans, of Python, NumPy or pandas. None, NaN, NA and the empty
        string mean unlabelled.

    Raises
    ------
    LabelsError
        Not one-dimensional, of mixed types, with fewer than two classes, or nearly one a sample.
    """
    given = plain_labels(labels)
    if given.ndim != 1:
        raise LabelsError(
            f"labels must be one-dimensional, one label a sample; found shape {given.shape}."
        )
    encoded = EncodedLabels.of(given)
    classes = encoded.classes
    if len(classes) < 2:
        found = f"only {str(classes[0])!r}" if len(classes) else "no label at all"
        raise LabelsError(
            f"Judging labels takes at least two classes; found {found} among {len(given)} samples. "
            "Check that the right label column or folder was named."
        )
    if len(classes) > _MANY_CLASSES and 2 * len(classes) >= len(given):
        raise LabelsError(
            f"There are {len(classes):,} different labels among {len(given):,} samples: most have "
            "nobody to compare them with, and a score would take a system for each. Check that the "
            f"right label column was named; its labels are such as {shown(classes[:3])}."
        )
    return encoded
