"""Whitened random patches of the data as convolution filters; nothing trained or downloaded.

After A. Coates and A. Y. Ng, "The importance of encoding versus training with sparse coding and
vector quantization", ICML 2011 (random patches, ZCA whitening, the two-sided rectifier, pooling),
with changes that find label errors better: a threshold relative to each patch's own responses, so
that it is described by the filters nearest to it (compare L. Thiry, M. Arbel, E. Belilovsky,
E. Oyallon, "The unreasonable effectiveness of patches in deep convolutional kernels methods", ICLR
2021); the mean over the picture and its mirror image; two grids of pooling cells; a square root;
and principal components scaled by the square root of their singular value ("half whitening").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
import torch
from PIL import Image

from cgaudit.dataset import SourceKind, in_threads
from cgaudit.featurize.base import Featurizer, FitData, State
from cgaudit.featurize.components import half_whitening
from cgaudit.featurize.sizes import all_grey, is_grey, median_side, squared
from cgaudit.featurize.threads import one_torch_thread

#: Added to a patch's variance (of 0 … 255), so that noise in flat patches is not blown up.
_CONTRAST_FLOOR = 10.0
#: Added to the eigenvalues of the normalised patches' covariance, for the same reason.
_WHITENING_FLOOR = 0.1
_PATCHES_TO_WHITEN = 50_000


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
        Of the rectifier, in root mean squares of all filters' responses to the patch: what stays
        are the few filters that the patch is most like, whatever its contrast.
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
    threshold: float = 1.6
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
    accepts: ClassVar[tuple[SourceKind, ...]] = ("images",)
    Options: ClassVar[type] = PatchesOptions
    learns: ClassVar[bool] = True
    #: Components learned from 2,000 pictures find label errors as well as those from 10,000.
    fit_limit: ClassVar[int] = 2_000

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
            columns = np.concatenate([torch.stack(rows) for rows in in_threads(encode, groups)])
            centre, spread = columns.mean(axis=0), columns.std(axis=0)
            scale = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 1e-6)
            columns -= centre
            columns *= scale
            projection = half_whitening(columns, options.components, rng)
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
        return one_torch_thread()

    def prepare(self, payload: Image.Image) -> np.ndarray:
        """Return the picture at the common size: (side, side, channels) uint8."""
        return squared(payload, int(self.state["side"]), bool(self.state["grey"]))

    def transform(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """Return the vectors of prepared pictures: (b, components) float32.

        A vector's bits do not depend on the batch it is in: everything is computed picture by
        picture, in arrays of the same shape. (A product of matrices may round a row differently
        at another place.)
        """
        directions = torch.from_numpy(self.state["projection"]).T.contiguous()
        return torch.stack(
            [
                torch.mv(directions, columns) if directions.numel() else columns
                for columns in self._standardised(np.stack(batch))
            ]
        ).numpy()

    def covered(self, payload: Image.Image) -> float:
        """Return 1 − |z − VVᵀz|² / D for the standardised columns z and the directions V.

        D is the mean of |z|² at the fit, so pictures whose columns reach further than those of the
        fit count as less covered, though V may point their way. 0 for a picture in colour where all
        were grey at the fit.
        """
        if bool(self.state["grey"]) and not is_grey(payload):
            return 0.0
        projection, expected = self.state["projection"], np.count_nonzero(self.state["scale"])
        if not projection.size or not expected:
            return 1.0
        [columns] = self._standardised(np.stack([self.prepare(payload)]))
        z = columns.numpy()
        # The projection's columns are those of V, over the square root of their deviation.
        kept = (z @ projection) / np.linalg.norm(projection, axis=0)
        return float(1 - (z @ z - kept @ kept) / expected)

    def _standardised(self, pictures: np.ndarray) -> Iterator[torch.Tensor]:
        """Yield each picture's columns, centred and scaled: (D,) float32."""
        state = self.state
        centre, scale = torch.from_numpy(state["centre"]), torch.from_numpy(state["scale"])
        for columns in self._encode(pictures, state["weights"], state["bias"]):
            yield columns.sub_(centre).mul_(scale)

    def _encode(
        self, pictures: np.ndarray, weights: np.ndarray, bias: np.ndarray
    ) -> list[torch.Tensor]:
        """Return each picture's pooled responses: (Σ cells² · 2 · filters,), before any scaling."""
        encoder = _Encoder(pictures.shape[1:], weights, bias, self.options)
        return [encoder(picture) for picture in torch.from_numpy(pictures)]


class _Encoder:
    """Pooled two-sided rectified responses of pictures of one size, all in the same memory.

    The response of a filter w to a patch p is wᵀ(p − mean p) / σ(p) − b. The filters' weights sum
    to nothing, so the mean drops out and only σ is computed per patch. The mirror image needs no
    patches of its own: its responses are those of the mirrored filters, at mirrored places.

    Parameters
    ----------
    shape
        Of a picture: (s, s, C).
    weights : (K, F) float32
        K = patch · patch · C.
    bias : (F,) float32
    options
        Of the featurizer.
    """

    def __init__(
        self, shape: tuple[int, ...], weights: np.ndarray, bias: np.ndarray, options: PatchesOptions
    ) -> None:
        side, _, channels = shape
        self._patch, self._channels, self._threshold = options.patch, channels, options.threshold
        self._places = side - options.patch + 1
        filters, offsets = torch.from_numpy(weights), torch.from_numpy(bias)
        pool = _pooling(self._places, options.cells)
        self._pools = [pool]
        if options.mirror:
            square = filters.view(options.patch, options.patch, channels, -1)
            filters = torch.cat([filters, square.flip(1).reshape(filters.shape)], dim=1)
            offsets = torch.cat([offsets, offsets])
            maps = pool.view(-1, self._places, self._places)
            self._pools.append(maps.flip(2).reshape(pool.shape))
        self._filters, self._offsets = filters, offsets
        self._rows = torch.empty(self._places**2, len(weights))
        self._responses = torch.empty(self._places**2, filters.shape[1])
        self._beyond = torch.empty(self._places**2, weights.shape[1])

    def __call__(self, picture: torch.Tensor) -> torch.Tensor:
        """Return the pooled responses of an (s, s, C) uint8 picture: (cells · 2F,) float32."""
        self._fill_rows(picture.float())
        torch.addmm(self._offsets, self._rows, self._filters, beta=-1, out=self._responses)
        halves = self._responses.chunk(len(self._pools), dim=1)
        parts = [self._rectified(*part) for part in zip(self._pools, halves, strict=True)]
        mean = sum(parts[1:], parts[0]) / len(parts)
        return mean.sqrt_().flatten()

    def _rectified(self, pool: torch.Tensor, responses: torch.Tensor) -> torch.Tensor:
        """Return what of the responses is above and below the limits, pooled: (cells, 2F)."""
        norms = torch.linalg.vector_norm(responses, dim=1, keepdim=True)
        limits = norms.mul_(self._threshold / responses.shape[1] ** 0.5)
        above = pool @ torch.sub(responses, limits, out=self._beyond).clamp_(min=0)
        below = pool @ torch.add(responses, limits, out=self._beyond).clamp_(max=0)
        return torch.cat([above, -below], dim=1)

    def _fill_rows(self, picture: torch.Tensor) -> None:
        """Write every patch as a row, over its standard deviation."""
        by_row, by_column, _ = picture.stride()
        places, patch = self._places, self._patch
        shape = (places, places, patch, patch * self._channels)
        windows = picture.as_strided(shape, (by_row, by_column, by_row, 1))
        self._rows.view(shape).copy_(windows)
        # Sums over patches, in float64: bright flat patches would lose their variance in float32.
        exact = picture.double()
        sums = torch.stack([exact.sum(dim=2), (exact * exact).sum(dim=2)])
        size = self._rows.shape[1]
        means = torch.nn.functional.avg_pool2d(sums, patch, stride=1, divisor_override=size)
        variance = (means[1] - means[0] ** 2).clamp(min=0)
        self._rows *= torch.rsqrt(variance + _CONTRAST_FLOOR).float().view(-1, 1)


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
