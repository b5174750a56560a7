"""Two judgements of all classes made one, each trusted as far as the given labels say."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cgaudit.dynamics.log import LEAST, Floats

_STEPS = 50
#: Newton stops where nothing moves by more.
_STILL = 1e-6


def pooled(ours: Floats, theirs: Floats, codes: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the log of the pooled probability of the given label, and the two exponents.

    p ∝ ours^a · theirs^b (a logarithmic opinion pool: Genest and Zidek, "Combining probability
    distributions", 1986), with a, b ≥ 0 under which the given labels are most likely: convex in
    both. Neither may have seen the label that it judges.

    Parameters
    ----------
    ours, theirs : ndarray of float64, shape (n, K)
        Rows that sum to 1.
    codes : ndarray of int64, shape (n,)
        The given classes.

    Returns
    -------
    log_p : ndarray of float64, shape (n,)
    exponents : ndarray of float64, shape (2,)
        a and b.
    """
    logs = np.stack([np.log(np.maximum(part, LEAST)) for part in (ours, theirs)])
    rows = np.arange(len(codes))
    given = logs[:, rows, codes]
    exponents = np.array([0.5, 0.5])
    for _ in range(_STEPS):
        p = np.exp(_log_softmax(np.tensordot(exponents, logs, 1)))
        mean = (logs * p).sum(axis=2)
        gradient = (mean - given).mean(axis=1)
        centred = logs - mean[:, :, None]
        curvature = np.einsum("ank,bnk,nk->ab", centred, centred, p) / len(codes)
        free = (exponents > 0) | (gradient < 0)
        step = np.zeros(2)
        inner = curvature[np.ix_(free, free)] + 1e-9 * np.eye(int(free.sum()))
        step[free] = np.linalg.solve(inner, gradient[free])
        after = np.maximum(exponents - np.clip(step, -1, 1), 0)
        moved = np.abs(after - exponents).max()
        exponents = after
        if moved < _STILL:
            break
    return _log_softmax(np.tensordot(exponents, logs, 1))[rows, codes], exponents


def _log_softmax(values: Floats) -> Floats:
    top = values.max(axis=1, keepdims=True)
    found: Floats = values - top - np.log(np.exp(values - top).sum(axis=1, keepdims=True))
    return found
