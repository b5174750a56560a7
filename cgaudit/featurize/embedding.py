"""Vectors that somebody computed, each column brought to one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cgaudit.dataset import SourceKind
from cgaudit.errors import FeaturizerError
from cgaudit.featurize.base import Featurizer, FitData, State
from cgaudit.featurize.states import Shaped, mismatch

#: A column whose deviation is smaller than this part of its largest value is rounding noise.
_CONSTANT = 1e-6


@dataclass(frozen=True)
class EmbeddingOptions:
    """What the vectors are made of.

    Attributes
    ----------
    standardise
        False leaves the vectors as they are.
    clip
        Numbers further than this from their column's mean, in standard deviations, are moved there.
    """

    standardise: bool = True
    clip: float = 5.0

    def __post_init__(self) -> None:
        if self.clip <= 0:
            raise ValueError("clip must be above 0")


class Embedding(Featurizer[np.ndarray, np.ndarray]):
    """Given features, each column with the mean 0 and the variance 1, in float32.

    The kernel sees a row's direction from the origin alone: where all rows lie on one side of it,
    or one column is measured in thousands, there is little to see. Measured on five sets of given
    features: much better where columns have units of their own, better for sentence vectors, and
    next to nothing lost where they were fine (`benchmarks/given.py`).

    The state: ``mean`` and ``scale``, float32 (d,); scale is 1 / standard deviation, 0 where all
    values are equal.
    """

    name: ClassVar[str] = "embedding"
    accepts: ClassVar[tuple[SourceKind, ...]] = ("features",)
    Options: ClassVar[type] = EmbeddingOptions
    learns: ClassVar[bool] = True
    batch_size: ClassVar[int] = 1024

    def misfit(self, state: State) -> str | None:
        """Tell a mean and a scale for each of some columns."""
        return mismatch(state, dict.fromkeys(("mean", "scale"), Shaped("f4", ("columns",))))

    def learn(self, data: FitData, rng: np.random.Generator) -> State:
        """Learn each column's mean and scale."""
        rows = np.stack(list(data.map(np.asarray, self.fit_limit))).astype(np.float32)
        if not self.options.standardise:
            return {
                "mean": np.zeros(rows.shape[1], np.float32),
                "scale": np.ones(rows.shape[1], np.float32),
            }
        spread = rows.std(axis=0, dtype=np.float64)
        varies = spread > _CONSTANT * np.abs(rows).max(axis=0)
        scale = np.divide(1, spread, out=np.zeros_like(spread), where=varies)
        mean = rows.mean(axis=0, dtype=np.float64)
        return {"mean": mean.astype(np.float32), "scale": scale.astype(np.float32)}

    def prepare(self, payload: np.ndarray) -> np.ndarray:
        """Return the row.

        Raises
        ------
        FeaturizerError
            It has another number of columns than the state was fitted with.
        """
        columns = len(self.state["mean"])
        if len(payload) != columns:
            raise FeaturizerError(
                f"The featurizer was fitted on vectors of {columns} numbers, and there is one of "
                f"{len(payload)}. Run `cgaudit fit --force` if the data has other features now."
            )
        return payload

    def transform(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """Return the scaled rows as float32, (b, d)."""
        scaled = (np.stack(batch).astype(np.float32) - self.state["mean"]) * self.state["scale"]
        if self.options.standardise:
            np.clip(scaled, -self.options.clip, self.options.clip, out=scaled)
        return scaled

    def covered(self, payload: np.ndarray) -> float:
        """Return the share of a row's numbers that are not clipped."""
        if not self.options.standardise:
            return 1.0
        scaled = (payload.astype(np.float32) - self.state["mean"]) * self.state["scale"]
        return float(np.mean(np.abs(scaled) <= self.options.clip))
