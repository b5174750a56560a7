"""Whitened random patches of the data as convolution filters; nothing trained or downloaded.

After A. Coates and A. Y. Ng, "The importance of encoding versus training with sparse coding and
vector quantization", ICML 2011 (random patches, ZCA whitening, the two-sided rectifier, pooling),
with changes that find label errors better: a threshold relative to each patch's own responses, so
that it is described by the filters nearest to it (compare L. Thiry, M. Arbel, E. Belilovsky,
E. Oyallon, "The unreasonable effectiveness of patches in deep convolutional kernels methods", ICLR
2021); the mean over the picture and its mirror image; two grids of pooling cells; a square root;
and principal components scaled by the square root of their singular value ("half whitening").

Patches see what a thing is made of. Beside them stand histograms of gradients (`gradients`), which
see its outline, reduced in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from PIL import Image

from cgaudit.dataset import SourceKind, in_threads
from cgaudit.featurize.base import Featurizer, FitData, State
from cgaudit.featurize.components import Components, participation_ratio
from cgaudit.featurize.filters import Encoder, Filters
from cgaudit.featurize.gradients import SIDES, gradient_histograms
from cgaudit.featurize.sizes import SIZED, all_grey, is_grey, median_side, side_misfit, squared
from cgaudit.featurize.states import mismatch
from cgaudit.featurize.threads import one_torch_thread

_GRADIENTS = "gradient_"

#: Outlines of photographs, drawings and digits vary along 9 to 15 directions, those of noise along
#: 25 to 110 (`benchmarks/noise.py`).
DIRECTIONS_OF_OUTLINES = 16


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
        Principal components kept, of patches and of gradients; 0 keeps all columns, standardised.
    gradients
        How much the gradients count, beside 1 for the patches, where they show outlines; they count
        less the more they vary like noise. 0 leaves them out.
    smallest_side, largest_side
        Pictures are stretched to a square whose side is the data's median, within these limits.
    """

    filters: int = 256
    patch: int = 6
    threshold: float = 1.6
    cells: tuple[int, ...] = (2, 3)
    mirror: bool = True
    components: int = 512
    gradients: float = 1.0
    smallest_side: int = 16
    largest_side: int = 48

    def __post_init__(self) -> None:
        object.__setattr__(self, "cells", tuple(self.cells))
        if min(self.filters, self.patch, *self.cells) < 1:
            raise ValueError("filters, patch and cells must be at least 1")
        if min(self.components, self.gradients) < 0:
            raise ValueError("components and gradients must be at least 0")
        if not self.patch + max(self.cells) - 1 <= self.smallest_side <= self.largest_side:
            raise ValueError("smallest_side must hold the patches, and not exceed largest_side")


class Prepared(NamedTuple):
    """A picture at the common size, uint8 (side, side, C), and its gradients, float32."""

    picture: np.ndarray
    gradients: np.ndarray


class Patches(Featurizer[Image.Image, Prepared]):
    """Responses to whitened patches of the data itself, pooled, and gradients; decorrelated.

    The state: ``weights`` (K, F), ``step`` and ``bias`` (F,), the filters with whitening folded in;
    ``centre`` and ``scale`` (D,), each column's mean and 1 / standard deviation; ``projection``
    (D, k), empty where all columns are kept; the same three of the gradients, their names beginning
    with ``gradient_``; ``side`` and ``grey``, what pictures are brought to.
    """

    name: ClassVar[str] = "patches"
    accepts: ClassVar[tuple[SourceKind, ...]] = ("images",)
    Options: ClassVar[type] = PatchesOptions
    learns: ClassVar[bool] = True
    #: Components learned from 2,000 pictures find label errors as well as those from 10,000.
    fit_limit: ClassVar[int] = 2_000

    def __init__(self, options: Mapping[str, Any] | None = None) -> None:
        super().__init__(options)
        self._made: dict[str, tuple[Components, State]] = {}

    def misfit(self, state: State) -> str | None:
        """Tell filters and reductions of the sizes that the options give."""
        options = self.options
        if not {"grey", "projection"} <= state.keys():
            return f"it holds the arrays {sorted(state)} alone"
        # What is no truth value is refused below; NumPy before 2 cannot reduce text.
        grey = state["grey"].dtype == np.bool_ and bool(state["grey"].all())
        channels = 1 if grey else 3
        columns = 2 * options.filters * sum(cells**2 for cells in options.cells)
        wanted = {**SIZED, **Filters.shapes(channels * options.patch**2, options.filters)}
        wanted |= Components.shapes(columns, not state["projection"].size)
        if options.gradients:
            whole = not state.get(f"{_GRADIENTS}projection", np.zeros(0)).size
            wanted |= Components.shapes("gradients", whole, _GRADIENTS)
        return mismatch(state, wanted) or side_misfit(
            state, options.smallest_side, options.largest_side
        )

    def learn(self, data: FitData, rng: np.random.Generator) -> State:
        """Learn size, filters, column scaling and principal components, in this order."""
        options = self.options
        side = median_side(data, options.smallest_side, options.largest_side)
        grey = all_grey(data)
        prepared = list(data.map(lambda image: self._prepared(image, side, grey)))
        pictures = np.stack([one.picture for one in prepared])
        filters = Filters.drawn(pictures, options.patch, options.filters, rng)
        groups = np.array_split(pictures, -(-len(pictures) // self.batch_size))
        with self.computing():
            encoded = in_threads(lambda group: self._encode(group, filters), groups)
            columns = np.concatenate([rows.numpy() for rows in encoded])
            reduced = Components.learned(columns, options.components, rng)
        state = {"side": np.array(side), "grey": np.array(grey)}
        state |= {**filters.as_state(), **reduced.as_state()}
        if options.gradients:
            gradients = np.stack([one.gradients for one in prepared])
            weight = options.gradients * _typical_length(reduced, columns)
            state |= _weighted(gradients, options.components, weight, rng).as_state(_GRADIENTS)
        return state

    def computing(self) -> AbstractContextManager[None]:
        """Let torch use one thread, because every batch already has one of its own."""
        return one_torch_thread()

    def prepare(self, payload: Image.Image) -> Prepared:
        """Return the picture at the common size, and its gradients."""
        return self._prepared(payload, int(self.state["side"]), bool(self.state["grey"]))

    def transform(self, batch: Sequence[Prepared]) -> np.ndarray:
        """Return the vectors of prepared pictures: (b, components of both) float32.

        A vector's bits do not depend on the batch it is in, nor on the processor.
        """
        blocks = [part.of(columns) for part, columns in self._blocks(batch)]
        return torch.cat(blocks, dim=1).numpy()

    def covered(self, payload: Image.Image) -> float:
        """Return 1 − |z − VVᵀz|² / D for the standardised columns z and the directions V.

        D is the mean of |z|² at the fit, so pictures whose columns reach further than those of the
        fit count as less covered, though V may point their way. 0 for a picture in colour where all
        were grey at the fit.
        """
        if bool(self.state["grey"]) and not is_grey(payload):
            return 0.0
        blocks = list(self._blocks([self.prepare(payload)]))
        expected = sum(part.expected for part, _ in blocks)
        lost = sum(part.lost(columns[0]) for part, columns in blocks)
        return 1 - lost / expected if expected else 1.0

    def _prepared(self, image: Image.Image, side: int, grey: bool) -> Prepared:
        picture = squared(image, side, grey)
        if not self.options.gradients:
            return Prepared(picture, np.zeros(0, np.float32))
        parts = []
        for at in SIDES:
            sized = picture if at == side else squared(image, at, grey)
            parts.append(gradient_histograms(sized, mirror=self.options.mirror))
        return Prepared(picture, np.concatenate(parts))

    def _blocks(self, batch: Sequence[Prepared]) -> Iterator[tuple[Components, torch.Tensor]]:
        """Yield what reduces each kind of columns, and those of the batch: (b, D) float32."""
        pictures = np.stack([one.picture for one in batch])
        yield self._reduction(""), self._encode(pictures, Filters.of_state(self.state))
        if self.options.gradients:
            gradients = np.stack([one.gradients for one in batch])
            yield self._reduction(_GRADIENTS), torch.from_numpy(gradients)

    def _reduction(self, prefix: str) -> Components:
        """Return what reduces columns, made once for each state."""
        if prefix not in self._made or self._made[prefix][1] is not self.state:
            self._made[prefix] = Components.of_state(self.state, prefix), self.state
        return self._made[prefix][0]

    def _encode(self, pictures: np.ndarray, filters: Filters) -> torch.Tensor:
        """Return pooled responses, before any scaling: (b, Σ cells² · 2 · filters) float32."""
        options = self.options
        encoder = Encoder(
            pictures.shape[1:],
            filters,
            patch=options.patch,
            threshold=options.threshold,
            cells=options.cells,
            mirror=options.mirror,
        )
        return torch.stack([encoder(picture) for picture in torch.from_numpy(pictures)])


def _typical_length(reduced: Components, standardised: np.ndarray) -> float:
    """Return the root mean square length of reduced rows, of columns already standardised."""
    rows = standardised @ reduced.projection if reduced.projection.size else standardised
    return float(np.sqrt((rows.astype(np.float64) ** 2).sum(axis=1).mean()))


def _weighted(
    columns: np.ndarray, components: int, length: float, rng: np.random.Generator
) -> Components:
    """Learn a reduction whose rows are typically so long, or shorter where columns are noisy.

    Half whitening spreads noise over all components, where it drowns what the patches, which
    average it away, still see.
    """
    reduced = Components.learned(columns, components, rng)
    typical = _typical_length(reduced, columns)
    if not typical:
        return reduced
    ordered = min(1.0, DIRECTIONS_OF_OUTLINES / participation_ratio(columns)) ** 2
    return reduced.scaled(ordered * length / typical)
