"""Words and character n-grams, hashed, weighted by rarity and reduced: text without a model.

Latent semantic analysis (Deerwester et al., "Indexing by latent semantic analysis", JASIS 1990) of
hashed n-grams (Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009).
"""

from __future__ import annotations

import math
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from cgaudit.dataset import SourceKind
from cgaudit.featurize.base import Featurizer, FitData, State
from cgaudit.featurize.components import principal_components
from cgaudit.featurize.states import Shaped, mismatch
from cgaudit.featurize.threads import one_torch_thread

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class TextOptions:
    """What the vectors are made of.

    Attributes
    ----------
    columns
        Number of hashed columns; n-grams that meet in one count as one.
    components
        Principal directions kept.
    words, characters
        Lengths of the n-grams; those of characters stay within a word and its two ends.
    longest
        Characters of a text that are looked at.
    """

    columns: int = 8192
    components: int = 256
    words: tuple[int, ...] = (1, 2)
    characters: tuple[int, ...] = (2, 3, 4)
    longest: int = 20_000

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", tuple(self.words))
        object.__setattr__(self, "characters", tuple(self.characters))
        if min(self.columns, self.components, self.longest, *self.words, *self.characters) < 1:
            raise ValueError("columns, components, longest and all lengths must be at least 1")
        if not (self.words or self.characters):
            raise ValueError("one of words and characters must name a length")


class Grams(NamedTuple):
    """The n-grams of a text.

    Attributes
    ----------
    columns : (g,) int64
        Ascending.
    weights : (g,) float32
        1 + ln(count).
    """

    columns: np.ndarray
    weights: np.ndarray


class Text(Featurizer[str, Grams]):
    """Hashed word and character n-grams, tf-idf, projected on principal directions.

    The state: ``idf`` (C,) float32, ln((1 + n) / (1 + texts with the column)) + 1, and
    ``directions`` (C, k) float16, half of whose bits would be noise in float32.
    """

    name: ClassVar[str] = "text"
    accepts: ClassVar[tuple[SourceKind, ...]] = ("text",)
    Options: ClassVar[type] = TextOptions
    learns: ClassVar[bool] = True
    fit_limit: ClassVar[int] = 3_000
    batch_size: ClassVar[int] = 256

    def misfit(self, state: State) -> str | None:
        """Tell weights and directions of as many columns as the options say."""
        columns = self.options.columns
        return mismatch(
            state,
            {"idf": Shaped("f4", (columns,)), "directions": Shaped("f2", (columns, "components"))},
        )

    def learn(self, data: FitData, rng: np.random.Generator) -> State:
        """Learn the weights of the columns, then the directions."""
        texts = list(data.map(self.prepare))
        seen = np.bincount(
            np.concatenate([grams.columns for grams in texts]), minlength=self.options.columns
        )
        idf = (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32)
        rows = np.zeros((len(texts), self.options.columns), np.float32)
        for row, grams in zip(rows, texts, strict=True):
            row[grams.columns] = _weighted(grams, idf)
        with self.computing():
            directions, _ = principal_components(rows, self.options.components, rng)
        return {"idf": idf, "directions": directions.astype(np.float16)}

    def computing(self) -> AbstractContextManager[None]:
        """Let torch use one thread: the decompositions are small."""
        return one_torch_thread()

    def prepare(self, payload: str) -> Grams:
        """Return the hashed n-grams of a text."""
        counts = Counter(
            zlib.crc32(gram.encode()) % self.options.columns for gram in self._grams(payload)
        )
        columns = np.array(sorted(counts), dtype=np.int64)
        return Grams(columns, np.array([1 + math.log(counts[c]) for c in columns], np.float32))

    def transform(self, batch: Sequence[Grams]) -> np.ndarray:
        """Return the vectors of prepared texts: (b, components) float32."""
        idf, directions = self.state["idf"], self.state["directions"]
        vectors = np.empty((len(batch), directions.shape[1]), np.float32)
        for vector, grams in zip(vectors, batch, strict=True):
            weights = _weighted(grams, idf)
            vector[:] = (directions[grams.columns].astype(np.float32) * weights[:, None]).sum(0)
        return vectors

    def covered(self, payload: str) -> float:
        """Return |VVᵀw|² for a text's weights w, whose length is 1, and the directions V."""
        [vector] = self.transform([self.prepare(payload)])
        return float(vector @ vector)

    def _grams(self, text: str) -> Iterator[str]:
        text = unicodedata.normalize("NFKC", text[: self.options.longest]).casefold()
        # Without a single letter or digit the signs themselves have to do.
        words = _WORD.findall(text) or text.split()
        for length in self.options.words:
            for start in range(len(words) - length + 1):
                yield " ".join(words[start : start + length])
        for word in words:
            framed = f"\x02{word}\x03"
            for length in self.options.characters:
                for start in range(len(framed) - length + 1):
                    yield f"\x01{framed[start : start + length]}"


def _weighted(grams: Grams, idf: np.ndarray) -> np.ndarray:
    """Return the tf-idf weights of a text's columns, of length 1 together."""
    weights = grams.weights * idf[grams.columns]
    # Squares of float32 are exact in float64 and their exact sum is rounded once: the same bits on
    # every processor.
    length = math.sqrt(math.fsum(weights.astype(np.float64) ** 2))
    scaled: np.ndarray = weights / np.float32(max(length, 1e-12))
    return scaled
