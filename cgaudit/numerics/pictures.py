"""Which pictures look odd among the others, whatever is on them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

#: A quarter of the range of brightness, 0 to 255.
_QUARTER = 64
#: Between the darkest and the brightest hundredth of the pixels of a picture with something on it.
_SOMETHING = 16
#: By how much a picture must differ from the usual one: half as sharp, four times as wide.
_BLURRED, _SIZE, _ASPECT = 0.5, 4.0, 3.0

#: The kinds, by the names that they have in Datalab's tables, in the order to tell of them.
KINDS = ("dark", "light", "low_information", "blurry", "odd_size", "odd_aspect_ratio")


def picture_issues(looks: np.ndarray) -> dict[str, npt.NDArray[np.bool_]]:
    """Return for each of `KINDS` which pictures have that issue.

    A picture is dark where nothing is brighter than a quarter of the range, light where nothing is
    darker than three quarters, of low information where all of it is about as bright. It is blurry
    where its sharpness is less than half of the median, of odd size or aspect ratio where it is
    four times as large or small, three times as long or narrow as the median. What more than half
    of the pictures are is how they look, and no issue.

    Parameters
    ----------
    looks
        Of n pictures, the values of `cgaudit.dataset.looks.Look`: (n, 5), NaN where unknown.

    Returns
    -------
    dict
        Of arrays of bool, (n,).
    """
    darkest, brightest, sharpness, width, height = np.asarray(looks, dtype=np.float64).T
    found = {
        "dark": brightest < _QUARTER,
        "light": darkest > 255 - _QUARTER,
        "low_information": brightest - darkest < _SOMETHING,
        "blurry": sharpness < _BLURRED * _median(sharpness),
        "odd_size": _far(np.sqrt(width * height), _SIZE),
        "odd_aspect_ratio": _far(width / height, _ASPECT),
    }
    return {kind: flags & (flags.mean() <= 0.5) for kind, flags in found.items()}


def _median(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else float("nan")


def _far(values: np.ndarray, times: float) -> npt.NDArray[np.bool_]:
    usual = _median(values)
    return np.asarray((values > times * usual) | (values < usual / times), dtype=bool)
