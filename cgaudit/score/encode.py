"""Labels to class numbers, checked at the public door."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cgaudit.errors import LabelsError
from cgaudit.numerics.classes import EncodedLabels


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
    encoded = EncodedLabels.of(given)
    classes = encoded.classes
    if len(classes) < 2:
        found = f"only {str(classes[0])!r}" if len(classes) else "no label at all"
        raise LabelsError(
            f"Judging labels takes at least two classes; found {found} among {len(given)} samples. "
            "Check that the right label column or folder was named."
        )
    return encoded
