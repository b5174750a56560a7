"""Principal components, learned from a sample of rows."""

from __future__ import annotations

import numpy as np
import torch

#: Gram matrices up to this size are decomposed whole.
_WHOLE = 800
_OVERSAMPLING = 32
_ITERATIONS = 3
#: Singular values below this part of the largest are noise of float32.
_NEGLIGIBLE = 1e-4


def principal_components(
    columns: np.ndarray, components: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the first right singular vectors of a matrix and its singular values.

    From the smaller of the two Gram matrices, whole or by randomised subspace iteration (Halko,
    Martinsson and Tropp, SIAM Review 2011, algorithm 4.4), whose cost is that of a few products.

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
    gram = (X @ X.T if wide else X.T @ X).double()
    values, vectors = _top_eigenpairs(gram, rank, rng)
    singular = values.clamp(min=0).sqrt()
    kept = singular > _NEGLIGIBLE * singular[0]
    singular, vectors = singular[kept].float(), vectors[:, kept].float()
    directions = X.T @ (vectors / singular) if wide else vectors
    largest = directions.gather(0, directions.abs().argmax(dim=0, keepdim=True))
    directions = directions * largest.sign()
    return directions.contiguous().numpy(), singular.numpy()


def half_whitening(columns: np.ndarray, components: int, rng: np.random.Generator) -> np.ndarray:
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
    directions, singular = principal_components(columns, rank, rng)
    spread = singular / np.sqrt(len(columns), dtype=np.float32)
    projection: np.ndarray = np.ascontiguousarray(directions / np.sqrt(spread))
    return projection


def _top_eigenpairs(
    gram: torch.Tensor, rank: int, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the largest eigenvalues of a symmetric matrix, descending, and their vectors."""
    size, width = len(gram), rank + _OVERSAMPLING
    if size <= max(_WHOLE, width):
        values, vectors = torch.linalg.eigh(gram)
    else:
        basis = gram @ torch.from_numpy(rng.standard_normal((size, width)))
        for _ in range(_ITERATIONS):
            basis = gram @ torch.linalg.qr(basis).Q
        basis = torch.linalg.qr(basis).Q
        values, vectors = torch.linalg.eigh(basis.T @ gram @ basis)
        vectors = basis @ vectors
    return values.flip(0)[:rank], vectors.flip(1)[:, :rank]
