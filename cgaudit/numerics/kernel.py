"""Rows to tiles of the arc-cosine kernel.

The kernel is the one that an infinitely wide two-layer ReLU network learns with when only its
first layer is trained (Arora et al. 2019, arXiv 1901.08584, eq. 12)::

    H_ij = G_ij (π − arccos G_ij) / 2π,    G = X Xᵀ,    rows of X of unit length,    H_ii = 1/2

A Gram entry near 1 does not tell how far apart two rows are: in float32 rounding alone moves
arccos by 3e-4 there. Entries above :data:`NEAR` are therefore computed again from a distance
taken in float64, so that near-duplicates keep their true kernel values in either precision.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

#: H_ii, and the kernel of two equal rows.
DIAGONAL = 0.5

#: Gram entries above 1 − NEAR[dtype] are computed again from the distance of the rows. Below it
#: the rounding of the Gram entry moves H by less than about ten units in its last place.
NEAR = {torch.float32: 1e-3, torch.float64: 1e-8}

_CHUNK_ELEMENTS = 1 << 21


@dataclass(frozen=True)
class NearPairs:
    """Pairs of rows of one tile that nearly coincide.

    Attributes
    ----------
    rows, columns
        int64 (p,), positions within the tile.
    distance
        float64 (p,), Euclidean distance of the two unit rows.
    """

    rows: Tensor
    columns: Tensor
    distance: Tensor


def unit_rows(
    features: Tensor, dtype: torch.dtype | None = None, device: torch.device | None = None
) -> Tensor:
    """Return the rows scaled to unit length; rows of zeros stay zero.

    A zero row is isolated: its kernel with every other row is 0 and with itself 1/2.

    Parameters
    ----------
    features
        (n, d), floating, finite.
    dtype, device
        Of the result; those of `features` where None.

    Returns
    -------
    Tensor
        (n, d), a new tensor.
    """
    dtype = dtype or features.dtype
    out = torch.empty(features.shape, dtype=dtype, device=device or features.device)
    step = max(1, _CHUNK_ELEMENTS // max(1, features.shape[1]))
    for start in range(0, features.shape[0], step):
        rows = features[start : start + step].to(device=out.device, dtype=torch.float64)
        # Dividing by the largest entry first keeps the squares of tiny and huge rows in range.
        largest = rows.abs().amax(dim=1, keepdim=True)
        rows = rows / largest.masked_fill(largest == 0, 1.0)
        length = torch.linalg.vector_norm(rows, dim=1, keepdim=True)
        out[start : start + step] = rows / length.masked_fill(length == 0, 1.0)
    return out


def arccos_kernel_(gram: Tensor) -> Tensor:
    """Turn cosines G into kernel values H = G (π − arccos G) / 2π, in place.

    Values that rounding pushed outside [−1, 1] are clamped.

    Parameters
    ----------
    gram
        Any shape, float32 or float64. Overwritten.

    Returns
    -------
    Tensor
        `gram` itself.
    """
    gram.clamp_(-1.0, 1.0)
    # π − arccos G = π/2 + arcsin G
    angle = torch.asin(gram).mul_(1 / (2 * math.pi)).add_(0.25)
    return gram.mul_(angle)


def kernel_tile(a: Tensor, b: Tensor, out: Tensor | None = None) -> Tensor:
    """Return the kernel of every row of `a` with every row of `b`.

    Parameters
    ----------
    a, b
        (n_a, d) and (n_b, d), unit or zero rows of one dtype on one device.
    out
        (n_a, n_b), written to and returned where given; inner stride 1.

    Returns
    -------
    Tensor
        (n_a, n_b).
    """
    if out is None:
        out = a.new_empty((a.shape[0], b.shape[0]))
    for start in range(0, b.shape[0], _columns_per_chunk(a.shape[0])):
        stop = start + _columns_per_chunk(a.shape[0])
        write_kernel_(out[:, start:stop], a, b[start:stop])
    return out


def self_kernel_tile(rows: Tensor, out: Tensor | None = None) -> Tensor:
    """Return the (n, n) kernel of the rows with themselves; its diagonal is exactly 1/2."""
    if out is None:
        out = rows.new_empty((rows.shape[0], rows.shape[0]))
    write_self_kernel_(out, rows)
    return out


def write_kernel_(out: Tensor, a: Tensor, b: Tensor) -> NearPairs | None:
    """Write the kernel of `a` with `b` into `out` and return the pairs that nearly coincide.

    Parameters
    ----------
    out
        (n_a, n_b), inner stride 1. Overwritten.
    a, b
        (n_a, d) and (n_b, d), unit or zero rows.

    Returns
    -------
    NearPairs or None
        None where no Gram entry is above 1 − NEAR.
    """
    torch.mm(a, b.T, out=out)
    return _finish_tile_(out, a, b)


def write_self_kernel_(out: Tensor, rows: Tensor) -> NearPairs | None:
    """Write the kernel of the rows with themselves into `out`, diagonal exactly 1/2.

    Parameters
    ----------
    out
        (n, n), inner stride 1. Overwritten.
    rows
        (n, d), unit or zero rows.

    Returns
    -------
    NearPairs or None
        Pairs off the diagonal, each in both orders; None where there is none.
    """
    torch.mm(rows, rows.T, out=out)
    out.diagonal().zero_()
    near = _finish_tile_(out, rows, rows)
    out.diagonal().fill_(DIAGONAL)
    return near


def _columns_per_chunk(n_rows: int) -> int:
    return max(1, _CHUNK_ELEMENTS // max(1, n_rows))


def _finish_tile_(gram: Tensor, a: Tensor, b: Tensor) -> NearPairs | None:
    near = _near_pairs(gram, a, b)
    arccos_kernel_(gram)
    if near is not None:
        value = _kernel_of_distance(near.distance).to(gram.dtype)
        gram[near.rows, near.columns] = value
    return near


def _near_pairs(gram: Tensor, a: Tensor, b: Tensor) -> NearPairs | None:
    limit = 1.0 - NEAR[gram.dtype]
    if gram.numel() == 0 or not bool(gram.amax() > limit):
        return None
    rows, columns = torch.nonzero(gram > limit, as_tuple=True)
    measure = _distance_by_gram if gram.dtype == torch.float32 else _distance_by_difference
    return NearPairs(rows, columns, measure(a, b, rows, columns))


def _distance_by_gram(a: Tensor, b: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Return distances from a float64 Gram block: right to 3e-8, one matrix product."""
    row_set, row_at = torch.unique(rows, return_inverse=True)
    column_set, column_at = torch.unique(columns, return_inverse=True)
    left = torch.nn.functional.normalize(a[row_set].double(), dim=1)
    right = torch.nn.functional.normalize(b[column_set].double(), dim=1)
    cosine = (left @ right.T)[row_at, column_at]
    return (2 - 2 * cosine).clamp_(min=0).sqrt_()


def _distance_by_difference(a: Tensor, b: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Return distances from the differences of the rows: right to the last place of float64."""
    out = torch.empty(rows.shape[0], dtype=torch.float64, device=a.device)
    step = max(1, _CHUNK_ELEMENTS // max(1, a.shape[1]))
    for start in range(0, rows.shape[0], step):
        part = slice(start, start + step)
        out[part] = torch.linalg.vector_norm(a[rows[part]] - b[columns[part]], dim=1)
    return out


def _kernel_of_distance(distance: Tensor) -> Tensor:
    """Return H for unit rows at the given distance r: cos θ = 1 − r²/2, θ = 2 arcsin(r/2)."""
    angle = 2 * torch.asin(distance / 2)
    return (1 - distance**2 / 2) * (math.pi - angle) / (2 * math.pi)
