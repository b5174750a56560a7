"""Principal components, learned from a sample of rows."""

from __future__ import annotations

import numpy as np
import torch


def principal_components(columns: np.ndarray, components: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first right singular vectors of a matrix and its singular values.

    From the eigenvectors of the smaller of the two Gram matrices.

    Parameters
    ----------
    columns : (n, D) float32
    components
        How many at most; fewer where the matrix has fewer.

    Returns
    -------
    directions : (D, k) float32
        Orthonormal columns, each with its largest entry positive.
    singular : (k,) float32
        Descending.
    """
    rank = min(components, *columns.shape)
    X = torch.from_numpy(columns)
    wide = X.shape[0] < X.shape[1]
    values, vectors = torch.linalg.eigh(X @ X.T if wide else X.T @ X)
    singular = values.clamp(min=0).sqrt().flip(0)[:rank]
    kept = singular > 1e-4 * singular[0]
    singular, vectors = singular[kept], vectors.flip(1)[:, :rank][:, kept]
    directions = X.T @ (vectors / singular) if wide else vectors
    largest = directions.gather(0, directions.abs().argmax(dim=0, keepdim=True))
    directions = directions * largest.sign()
    return directions.contiguous().numpy(), singular.contiguous().numpy()


def half_whitening(columns: np.ndarray, components: int) -> np.ndarray:
    """Return principal directions, each over the square root of its standard deviation.

    Parameters
    ----------
    columns : (n, D) float32, standardised
    components
        How many to keep; 0 for none at all.

    Returns
    -------
    (D, k) float32
        (0, 0) where nothing is to be kept.
    """
    rank = min(components, len(columns) - 1)
    if rank < 1 or not columns.any():
        return np.zeros((0, 0), np.float32)
    directions, singular = principal_components(columns, rank)
    spread = singular / np.sqrt(len(columns), dtype=np.float32)
    projection: np.ndarray = np.ascontiguousarray(directions / np.sqrt(spread))
    return projection
