"""Vectors that somebody computed, as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cgaudit.dataset import SourceKind
from cgaudit.featurize.base import Featurizer


@dataclass(frozen=True)
class EmbeddingOptions:
    """Nothing to choose."""


class Embedding(Featurizer[np.ndarray, np.ndarray]):
    """Given features, in float32."""

    name: ClassVar[str] = "embedding"
    accepts: ClassVar[tuple[SourceKind, ...]] = ("features",)
    Options: ClassVar[type] = EmbeddingOptions
    batch_size: ClassVar[int] = 1024

    def prepare(self, payload: np.ndarray) -> np.ndarray:
        """Return the row."""
        return payload

    def transform(self, batch: Sequence[np.ndarray]) -> np.ndarray:
        """Return the rows as float32, (b, d)."""
        return np.stack(batch).astype(np.float32)
