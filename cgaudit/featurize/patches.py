"""Whitened random patches of the data as convolution filters; nothing trained or downloaded.

After A. Coates and A. Y. Ng, "The importance of encoding versus training with sparse coding and
vector quantization", ICML 2011 (random patches, ZCA whitening, the two-sided rectifier, pooling),
with four changes that find label errors better: the mean over the picture and its mirror image, two
grids of pooling cells, a square root, and principal components scaled by the square root of their
singular value ("half whitening").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
import torch
from PIL import Image

from cgaudit.dataset.parallel import in_threads
from cgaudit.dataset.source import SourceKind
from cgaudit.featurize.base import Featurizer, FitData, State
from cgaudit.featurize.sizes import all_grey, median_side, squared

#: Added to a patch's variance (of 0 … 255), so that noise in flat patches is not blown up.
_CONTRAST_FLOOR = 10.0
#: Added to the eigenvalues of the normalised patches' covariance, for the same reason.
_WHITENING_FLOOR = 0.1
_PATCHES_TO_WHITEN = 50_000
_OVERSAMPLING = 32
_POWER_ITERATIONS = 3
#: Pictures whose responses are computed at once: their 2 · 729 · 256 numbers stay in cache.
_PICTURES_AT_ONCE = 2


@dataclass(frozen=True)
class PatchesOptions:
    """What the vectors are made of.

    Attributes
    ----------
    filters
        Number of patches that serve as filters.
    patch
        Their side in pixels.
    threshold
        Subtracted from the response before the rectifier.
    cells
        Responses are averaged over grids of c × c cells, for each c.
    mirror
        Average each vector with that of the mirror image.
    components
        Principal components kept; 0 keeps all columns, standardised.
    smallest_side, largest_side
        Pictures are stretched to a square whose side is the data's median, within these limits.
    """

    filters: int = 256
    patch: int = 6
    threshold: float = 0.25
    cells: tuple[int, ...] = (2, 3)
    mirror: bool = True
    components: int = 512
    smallest_side: int = 16
    largest_side: int = 48

    def __post_init__(self) -> None:
        object.__setattr__(self, "cells", tuple(self.cells))
        if min(self.filters, self.patch, *self.cells) < 1 or self.components < 0:
            raise ValueError("filters, patch and cells must be at least 1, components at least 0")
        if not self.patch + max(self.cells) - 1 <= self.smallest_side <= self.largest_side:
            raise ValueError("smallest_side must hold the patches, and not exceed largest_side")


class Patches(Featurizer[Image.Image, np.ndarray]):
    """Responses to whitened patches of the data itself, rectified, pooled and decorrelated.

    The state: ``weights`` (K, F) and ``bias`` (F,), the filters with whitening folded in;
    ``centre`` and ``scale`` (D,), each column's mean and 1 / standard deviation; ``projection``
    (D, k), empty where all columns are kept; ``side`` and ``grey``, what pictures are brought to.
    """

    name: ClassVar[str] = "patches"
    accepts: ClassVar[SourceKind] = "images"
    Options: ClassVar[type] = PatchesOptions
    learns: ClassVar[bool] = True

    def learn(self, data: FitData, rng: np.random.Generator) -> State:
        """Learn size, filters, column scaling and principal components, in this order."""
        options = self.options
        side = median_side(data, options.smallest_side, options.largest_side)
        grey = all_grey(data)
        pictures = np.stack(list(data.map(lambda image: squared(image, side, grey))))
        weights, bias = _filters(pictures, options.patch, options.filters, rng)
        groups = np.array_split(pictures, -(-len(pictures) // self.batch_size))
        encode = partial(self._encode, weights=weights, bias=bias)
        with self.computing():
            columns = np.concatenate(list(in_threads(encode, groups)))
        centre, spread = columns.mean(axis=0), columns.std(axis=0)
        scale = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 1e-6)
        columns -= centre
        columns *= scale
        projection = _half_whitening(columns, options.components, rng)
        return {
            "side": np.array(side),
            "grey": np.array(grey),
            "weights": weights,
            "bias": bias,
            "centre": centre,
            "scale": scale,
            "projection": projection,
        }

    def computing(self) -> AbstractContextManager[None]:
        """Let torch use one thread, because every batch already has one of its own."""
        return _one_torch_thread()

    def prepare(self, payload: Image.Image) -> np.ndarray:
        """Return the picture at the common size: (side, side, channels) uint8."""
        return squared(payload, int(self.state["side"]), bool(self.state["grey"]))

    def transform(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """Return the vectors of prepared pictures: (b, components) float32."""
        state = self.state
        columns = self._encode(np.stack(batch), state["weights"], state["bias"])
        columns = (columns - state["centre"]) * state["scale"]
        if not state["projection"].size:
            return columns
        return (torch.from_numpy(columns) @ torch.from_numpy(state["projection"])).numpy()

    def _encode(self, pictures: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Return pooled responses: (b, Σ cells² · 2 · filters) float32, before any scaling."""
        options = self.options
        side = pictures.shape[1] - options.patch + 1
        filters = torch.from_numpy(weights), torch.from_numpy(bias)
        pool = _pooling(side, options.cells)
        parts = []
        for start in range(0, len(pictures), _PICTURES_AT_ONCE):
            part = torch.from_numpy(pictures[start : start + _PICTURES_AT_ONCE]).float()
            pooled = _responses(part, *filters, pool, options.patch, options.threshold)
            if options.mirror:
                mirrored = _responses(
                    part.flip(2), *filters, pool, options.patch, options.threshold
                )
                pooled = (pooled + mirrored) / 2
            parts.append(pooled.clamp_(min=0).sqrt_().flatten(1))
        return torch.cat(parts).numpy()


def _responses(
    pictures: torch.Tensor,
    weights: torch.Tensor,
    bias: torch.Tensor,
    pool: torch.Tensor,
    patch: int,
    threshold: float,
) -> torch.Tensor:
    """Return the pooled two-sided rectified responses of a few pictures.

    The response of a filter w to a patch p is wᵀ(p − mean p) / σ(p) − b. The filters' weights sum
    to nothing, so the mean drops out and only σ is computed per patch. max(r − t, 0) is
    max(r, t) − t, whose t is subtracted after pooling.

    Parameters
    ----------
    pictures : (b, s, s, C) float32
    weights : (K, F) float32
    bias : (F,) float32
    pool : (cells, (s − patch + 1)²) float32, rows sum to 1

    Returns
    -------
    (b, cells, 2F) float32
    """
    patches = _patch_rows(pictures, patch)
    variance = patches.var(dim=1, correction=0, keepdim=True)
    patches = patches * torch.rsqrt(variance + _CONTRAST_FLOOR)
    response = torch.addmm(bias, patches, weights, beta=-1)
    response = response.view(len(pictures), -1, weights.shape[1])
    above = pool @ response.clamp(min=threshold) - threshold
    below = -(pool @ response.clamp_(max=-threshold)) - threshold
    return torch.cat([above, below], dim=2)


def _patch_rows(pictures: torch.Tensor, patch: int) -> torch.Tensor:
    """Return every patch of (b, s, s, C) pictures as a row: (b · (s − patch + 1)², K)."""
    count, side, _, channels = pictures.shape
    places = side - patch + 1
    pictures = pictures.contiguous()
    by_picture, by_row, by_column, _ = pictures.stride()
    windows = pictures.as_strided(
        (count, places, places, patch, patch * channels),
        (by_picture, by_row, by_column, by_row, 1),
    )
    return windows.reshape(count * places * places, -1)


def _pooling(side: int, cells: Sequence[int]) -> torch.Tensor:
    """Return the matrix that averages a side × side map over grids of c × c cells, for each c."""
    place = torch.arange(side)
    rows = []
    for cell in cells:
        inside = (place * cell // side == torch.arange(cell)[:, None]).float()
        mean = inside / inside.sum(dim=1, keepdim=True)
        rows.append(torch.einsum("ai,bj->abij", mean, mean).reshape(cell * cell, side * side))
    return torch.cat(rows)


def _filters(
    pictures: np.ndarray, patch: int, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw filters from the pictures' patches and fold contrast and whitening into them.

    With q a normalised patch, μ the mean of them and W the ZCA whitening matrix, a filter f (a unit
    whitened patch) responds fᵀW(q − μ) = (Wf)ᵀq − (Wf)ᵀμ.

    Returns
    -------
    weights : (K, F) float32, columns sum to 0
    bias : (F,) float32
    """
    patches = _random_patches(pictures, patch, rng)
    patches -= patches.mean(axis=1, keepdims=True)
    patches /= np.sqrt((patches**2).mean(axis=1, keepdims=True) + _CONTRAST_FLOOR)
    mean = patches.mean(axis=0)
    patches -= mean
    values, vectors = np.linalg.eigh(patches.T @ patches / len(patches))
    whitening = (vectors / np.sqrt(np.maximum(values, 0) + _WHITENING_FLOOR)) @ vectors.T
    drawn = patches[rng.choice(len(patches), count, replace=len(patches) < count)] @ whitening
    norms = np.linalg.norm(drawn, axis=1, keepdims=True)
    drawn = np.divide(drawn, norms, out=np.zeros_like(drawn), where=norms > 0)
    weights = whitening @ drawn.T
    weights -= weights.mean(axis=0)
    return weights.astype(np.float32), (mean @ weights).astype(np.float32)


def _random_patches(pictures: np.ndarray, patch: int, rng: np.random.Generator) -> np.ndarray:
    """Return patches at random places of random pictures: (p, K) float64."""
    windows = np.lib.stride_tricks.sliding_window_view(pictures, (patch, patch), axis=(1, 2))
    places = windows.shape[1]
    which = rng.integers(len(pictures), size=_PATCHES_TO_WHITEN)
    rows, columns = rng.integers(places, size=(2, _PATCHES_TO_WHITEN))
    found: np.ndarray = np.moveaxis(windows[which, rows, columns], 1, -1)
    return found.reshape(len(found), -1).astype(np.float64)


def _half_whitening(columns: np.ndarray, components: int, rng: np.random.Generator) -> np.ndarray:
    """Return principal directions, each over the square root of its standard deviation.

    By randomised subspace iteration (Halko, Martinsson and Tropp, SIAM Review 2011, algorithm 4.4).

    Parameters
    ----------
    columns : (n, D) float32, standardised

    Returns
    -------
    (D, k) float32
        k is `components` at most; (0, 0) where that is 0.
    """
    rank = min(components, len(columns) - 1, columns.shape[1])
    if rank < 1:
        return np.zeros((0, 0), np.float32)
    X = torch.from_numpy(columns)
    start = rng.standard_normal((X.shape[1], rank + _OVERSAMPLING)).astype(np.float32)
    basis = torch.linalg.qr(X @ torch.from_numpy(start)).Q
    for _ in range(_POWER_ITERATIONS):
        basis = torch.linalg.qr(X.T @ basis).Q
        basis = torch.linalg.qr(X @ basis).Q
    _, singular, directions = torch.linalg.svd(basis.T @ X, full_matrices=False)
    spread = (singular[:rank] / len(columns) ** 0.5).clamp(min=1e-6)
    projection: np.ndarray = (directions[:rank] / spread.sqrt()[:, None]).T.contiguous().numpy()
    return projection


@contextmanager
def _one_torch_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
