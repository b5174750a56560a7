"""The paper's features: the picture's own pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from PIL import Image

from cgaudit.dataset import SourceKind
from cgaudit.featurize.base import Featurizer, FitData, State
from cgaudit.featurize.sizes import SIZED, all_grey, is_grey, median_side, side_misfit, squared
from cgaudit.featurize.states import mismatch


@dataclass(frozen=True)
class PixelsOptions:
    """The side of the square that pictures are brought to: the data's median, at most this."""

    largest_side: int = 32

    def __post_init__(self) -> None:
        if self.largest_side < 1:
            raise ValueError("largest_side must be at least 1")


class Pixels(Featurizer[Image.Image, np.ndarray]):
    """Pictures at a common size, flattened, in 0 … 1; one channel where all data is grey."""

    name: ClassVar[str] = "pixels"
    accepts: ClassVar[tuple[SourceKind, ...]] = ("images",)
    Options: ClassVar[type] = PixelsOptions
    learns: ClassVar[bool] = True

    def misfit(self, state: State) -> str | None:
        """Tell a side within the options, and whether the data is grey."""
        return mismatch(state, SIZED) or side_misfit(state, 1, self.options.largest_side)

    def learn(self, data: FitData, rng: np.random.Generator) -> State:
        """Return the common size and whether the data is grey."""
        side = median_side(data, 1, self.options.largest_side)
        return {"side": np.array(side), "grey": np.array(all_grey(data))}

    def prepare(self, payload: Image.Image) -> np.ndarray:
        """Return the picture at the common size: (side, side, channels) uint8."""
        return squared(payload, int(self.state["side"]), bool(self.state["grey"]))

    def covered(self, payload: Image.Image) -> float:
        """Return 0 for a picture in colour where all were grey at the fit, else 1."""
        return float(not self.state["grey"] or is_grey(payload))

    def transform(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """Return the pixels in 0 … 1: (b, side · side · channels) float32."""
        return np.stack(batch).reshape(len(batch), -1).astype(np.float32) / np.float32(255)
