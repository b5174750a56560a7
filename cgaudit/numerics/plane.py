"""Two dimensions of features, to draw them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

#: Neighbours that t-SNE keeps together, as a rule.
_PERPLEXITY = 30


def principal_plane(features: np.ndarray) -> npt.NDArray[np.float64]:
    """Return the first two principal components of m vectors, (m, 2).

    The larger part of either points to the positive side, so that the same vectors give the same
    plane on every machine, up to rounding.

    Parameters
    ----------
    features
        (m, d).
    """
    centred = np.asarray(features, dtype=np.float64)
    centred = centred - centred.mean(axis=0)
    wide = centred.shape[1] > centred.shape[0]
    _, vectors = np.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
    # Ascending: the last are the largest; there may be one alone.
    axes = vectors[:, ::-1][:, :2]
    plane = centred @ (centred.T @ axes) if wide else centred @ axes
    if wide:
        length = np.linalg.norm(centred.T @ axes, axis=0)
        plane = plane / np.where(length > 0, length, 1)
    plane = plane * np.where((plane**3).sum(axis=0) < 0, -1, 1)
    return np.pad(plane, ((0, 0), (0, 2 - plane.shape[1])))


def neighbour_plane(features: np.ndarray, seed: int) -> npt.NDArray[np.float64]:
    """Return a plane in which near vectors are near: t-SNE of m vectors, (m, 2).

    Other machines give other planes. By scikit-learn, from the principal plane on.

    Raises
    ------
    ImportError
        scikit-learn is not installed.
    """
    from sklearn.manifold import TSNE

    start = principal_plane(features)
    spread = start[:, 0].std()
    perplexity = min(_PERPLEXITY, (len(features) - 1) / 3)
    # As scikit-learn scales the one that it makes itself.
    init = (start / (spread if spread > 0 else 1) * 1e-4).astype(np.float32)
    layout = TSNE(init=init, perplexity=perplexity, random_state=seed)
    return np.asarray(layout.fit_transform(np.asarray(features, dtype=np.float32)), np.float64)
