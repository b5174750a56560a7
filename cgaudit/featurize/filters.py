"""Whitened random patches of pictures as convolution filters, and their pooled responses.

The same bits on every processor: pictures, filters and what is pooled are whole numbers, small
enough for float32 to hold every sum of them exactly, in whatever order it is added up; in between
there are only operations on single numbers, which IEEE 754 defines to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from cgaudit.featurize.base import State
from cgaudit.featurize.states import Shaped

#: Added to a patch's variance (of 0 … 255), so that noise in flat patches is not blown up.
_CONTRAST_FLOOR = 10.0
#: Added to the eigenvalues of the normalised patches' covariance, for the same reason.
_WHITENING_FLOOR = 0.1
_PATCHES_TO_WHITEN = 50_000

#: Whole numbers below this are exact in float32, as are sums of them.
_EXACT = 2.0**24
#: Units of a response, unless so large a sum needs them coarser.
_FINEST = 9
#: Places in work at once: their responses stay in cache.
_ROWS = 512


@dataclass(frozen=True)
class Filters:
    """Filters with contrast and whitening folded in.

    The response of a filter w to a patch p is ``step · wᵀp / σ(p) − bias``: the weights sum to
    nothing, so the patch's mean drops out.

    Attributes
    ----------
    weights : ndarray of int16, shape (K, F)
        K = patch · patch · channels. Columns sum to 0.
    step : ndarray of float32, shape ()
    bias : ndarray of float32, shape (F,)
    """

    weights: np.ndarray
    step: np.ndarray
    bias: np.ndarray

    @classmethod
    def drawn(
        cls, pictures: np.ndarray, patch: int, count: int, rng: np.random.Generator
    ) -> Filters:
        """Draw filters from the patches of pictures, uint8 (n, s, s, C).

        With q a normalised patch, μ the mean of them and W the ZCA whitening matrix, a filter f (a
        unit whitened patch) responds fᵀW(q − μ) = (Wf)ᵀq − (Wf)ᵀμ.
        """
        patches = _random_patches(pictures, patch, rng)
        patches -= patches.mean(axis=1, keepdims=True)
        patches /= np.sqrt((patches**2).mean(axis=1, keepdims=True) + _CONTRAST_FLOOR)
        mean = patches.mean(axis=0)
        patches -= mean
        values, vectors = np.linalg.eigh(patches.T @ patches / len(patches))
        whitening = (vectors / np.sqrt(np.maximum(values, 0) + _WHITENING_FLOOR)) @ vectors.T
        chosen = rng.choice(len(patches), count, replace=len(patches) < count)
        drawn = patches[chosen] @ whitening
        norms = np.linalg.norm(drawn, axis=1, keepdims=True)
        drawn = np.divide(drawn, norms, out=np.zeros_like(drawn), where=norms > 0)
        weights = whitening @ drawn.T
        whole, step = _whole(weights - weights.mean(axis=0))
        return cls(whole, np.array(step, np.float32), (mean @ whole * step).astype(np.float32))

    @staticmethod
    def shapes(size: int | str, count: int) -> dict[str, Shaped]:
        """Return what a state must hold of so many filters, each of so many numbers."""
        return {
            "weights": Shaped("i2", (size, count)),
            "step": Shaped("f4", ()),
            "bias": Shaped("f4", (count,)),
        }

    @classmethod
    def of_state(cls, state: State) -> Filters:
        """Take the filters from a state."""
        return cls(state["weights"], state["step"], state["bias"])

    def as_state(self) -> State:
        """Return the arrays under their names."""
        return {"weights": self.weights, "step": self.step, "bias": self.bias}


class Encoder:
    """Pooled two-sided rectified responses of pictures of one size, all in the same memory.

    The mirror image needs no patches of its own: its responses are those of the mirrored filters,
    at mirrored places.

    Parameters
    ----------
    shape
        Of a picture: (s, s, C).
    filters
    patch
        Their side.
    threshold
        Of the rectifier, in root mean squares of all filters' responses to the patch.
    cells
        Responses are averaged over grids of c × c cells, for each c.
    mirror
        Average with the mirror image.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        filters: Filters,
        *,
        patch: int,
        threshold: float,
        cells: Sequence[int],
        mirror: bool,
    ) -> None:
        side, _, channels = shape
        self._patch, self._channels, self._threshold = patch, channels, threshold
        self._places = side - patch + 1
        inside, self._counts = pooling(self._places, cells)
        units = _units(filters, self._counts)
        self._scale = float(filters.step) * units
        weights = torch.from_numpy(filters.weights).float()
        offsets = (torch.from_numpy(filters.bias).double() * units).float()
        self._pools = [inside]
        if mirror:
            square = weights.view(patch, patch, channels, -1)
            weights = torch.cat([weights, square.flip(1).reshape(weights.shape)], dim=1)
            offsets = torch.cat([offsets, offsets])
            maps = inside.view(-1, self._places, self._places)
            self._pools.append(maps.flip(2).reshape(inside.shape))
        self._weights, self._offsets = weights, offsets
        #: What a sum over a cell is divided by.
        self._divisor = self._counts[:, None] * (units * len(self._pools))
        self._rows = torch.empty(self._places**2, len(weights))
        rows = min(_ROWS, self._places**2)
        self._responses = torch.empty(rows, weights.shape[1])
        self._beyond = torch.empty(rows, filters.weights.shape[1])

    def __call__(self, picture: torch.Tensor) -> torch.Tensor:
        """Return the pooled responses of an (s, s, C) uint8 picture: (cells · 2F,) float32."""
        contrast = self._fill_rows(picture.float())
        sums = torch.zeros(len(self._counts), 2, self._beyond.shape[1])
        for start in range(0, len(self._rows), _ROWS):
            part = slice(start, min(start + _ROWS, len(self._rows)))
            responses = self._responses[: part.stop - start]
            torch.mm(self._rows[part], self._weights, out=responses)
            responses.mul_(contrast[part]).sub_(self._offsets).round_()
            halves = responses.chunk(len(self._pools), dim=1)
            for pool, half in zip(self._pools, halves, strict=True):
                self._add_rectified(sums, pool[:, part], half)
        return sums.flatten(1).div_(self._divisor).sqrt_().flatten()

    def _add_rectified(
        self, sums: torch.Tensor, pool: torch.Tensor, responses: torch.Tensor
    ) -> None:
        """Add to each cell's sums what of the responses is above and below the limits."""
        norms = torch.linalg.vector_norm(responses, dim=1, keepdim=True, dtype=torch.float64)
        limits = norms.mul_(self._threshold / responses.shape[1] ** 0.5).round_().float()
        beyond = self._beyond[: len(responses)]
        sums[:, 0] += pool @ torch.sub(responses, limits, out=beyond).clamp_(min=0)
        sums[:, 1] -= pool @ torch.add(responses, limits, out=beyond).clamp_(max=0)

    def _fill_rows(self, picture: torch.Tensor) -> torch.Tensor:
        """Write every patch as a row; return what its products are multiplied by, (places², 1)."""
        by_row, by_column, _ = picture.stride()
        places, patch = self._places, self._patch
        shape = (places, places, patch, patch * self._channels)
        self._rows.view(shape).copy_(picture.as_strided(shape, (by_row, by_column, by_row, 1)))
        # Sums over patches, in float64: bright flat patches would lose their variance in float32.
        exact = picture.double()
        sums = torch.stack([exact.sum(dim=2), (exact * exact).sum(dim=2)])
        size = self._rows.shape[1]
        means = torch.nn.functional.avg_pool2d(sums, patch, stride=1, divisor_override=size)
        variance = (means[1] - means[0] * means[0]).clamp(min=0)
        return (self._scale / (variance + _CONTRAST_FLOOR).sqrt()).float().view(-1, 1)


def pooling(side: int, cells: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return which places of a side × side map lie in each cell of grids of c × c, for each c.

    Returns
    -------
    inside : Tensor of float32, shape (Σ c², side²)
        1 or 0.
    counts : Tensor of float32, shape (Σ c²,)
    """
    place = torch.arange(side)
    rows = []
    for cell in cells:
        inside = (place * cell // side == torch.arange(cell)[:, None]).float()
        rows.append(torch.einsum("ai,bj->abij", inside, inside).reshape(cell * cell, side * side))
    whole = torch.cat(rows)
    return whole, whole.sum(dim=1)


def _units(filters: Filters, counts: torch.Tensor) -> float:
    """Return the units of a response, a power of two, in which sums over cells stay exact."""
    size = len(filters.weights)
    # |w| ≤ 1 / √floor and |p − mean p| / σ(p) ≤ √K.
    largest = math.sqrt(size / _WHITENING_FLOOR) + float(np.abs(filters.bias).max(initial=0.0))
    room = math.floor(math.log2(_EXACT / (largest * float(counts.max()))))
    return 2.0 ** min(_FINEST, room)


def _whole(weights: np.ndarray) -> tuple[np.ndarray, float]:
    """Return weights as whole numbers of a step, int16, whose columns still sum to 0.

    So large that their product with a picture (0 … 255) is exact in float32: with columns that sum
    to 0 it is at most half of 255 K times the largest.
    """
    levels = min(2**15 - 1, int(_EXACT / (255 * len(weights) / 2)))
    largest = float(np.abs(weights).max())
    step = largest / levels if largest > 0 else 1.0
    exact = weights / step
    whole = np.rint(exact)
    for column, too_much in enumerate(whole.sum(axis=0).astype(int)):
        # Those that were rounded the furthest in the direction of the excess give way.
        furthest = np.argsort((exact - whole)[:, column] * np.sign(too_much), kind="stable")
        whole[furthest[: abs(too_much)], column] -= np.sign(too_much)
    return whole.astype(np.int16), step


def _random_patches(pictures: np.ndarray, patch: int, rng: np.random.Generator) -> np.ndarray:
    """Return patches at random places of random pictures: (p, K) float64."""
    windows = np.lib.stride_tricks.sliding_window_view(pictures, (patch, patch), axis=(1, 2))
    places = windows.shape[1]
    which = rng.integers(len(pictures), size=_PATCHES_TO_WHITEN)
    rows, columns = rng.integers(places, size=(2, _PATCHES_TO_WHITEN))
    found: np.ndarray = np.moveaxis(windows[which, rows, columns], 1, -1)
    return found.reshape(len(found), -1).astype(np.float64)
