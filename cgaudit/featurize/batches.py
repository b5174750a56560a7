"""Samples to vectors, a batch at a time: decoded and transformed in threads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from cgaudit.dataset import BoxSource, Loader, Look, Source, guesses_of, in_threads, look_of
from cgaudit.errors import UnreadableSample
from cgaudit.featurize.base import Featurizer

#: What the samples of a batch may hold on to before they are decoded.
_BATCH_BYTES = 32 << 20
#: Batches that wait for each thread; more would only take memory.
_BATCHES_AHEAD = 2


class Batch(NamedTuple):
    """What became of some samples.

    Attributes
    ----------
    paths
        Of those that could be read, b of them.
    vectors
        Theirs: float32, (b, d); None where there are none.
    unreadable
        Path and reason of the others.
    guesses
        Path and what was guessed of it.
    looks
        Where samples are whole pictures, how each of `paths` looks; else nothing.
    """

    paths: list[str]
    vectors: np.ndarray | None
    unreadable: list[tuple[str, str]]
    guesses: list[tuple[str, str]]
    looks: list[Look]


def transformed(
    source: Source, featurizer: Featurizer[Any, Any], paths: Sequence[str], workers: int | None
) -> Iterator[Batch]:
    """Yield vectors batch by batch; each batch is decoded and transformed in one thread.

    Parameters
    ----------
    source, featurizer
        The data, and what is fitted if it learns.
    paths
        Of the samples.
    workers
        Threads; None for one a core.
    """
    batches = _batches(source.loaders(paths), featurizer.batch_size)
    with featurizer.computing():
        work = partial(_transform_batch, featurizer, have_looks(source))
        yield from in_threads(work, batches, workers, _BATCHES_AHEAD)


def have_looks(source: Source) -> bool:
    """Tell whether samples are whole pictures."""
    return source.kind == "images" and not isinstance(source, BoxSource)


def _transform_batch(
    featurizer: Featurizer[Any, Any], looking: bool, loaders: Sequence[Loader]
) -> Batch:
    paths, prepared, unreadable, guesses, looks = [], [], [], [], []
    for loader in loaders:
        try:
            payload = loader.load()
            prepared.append(featurizer.prepare(payload))
            paths.append(loader.path)
            guesses += [(loader.path, guess) for guess in guesses_of(payload)]
            looks += [look_of(payload)] if looking else []
        except UnreadableSample as error:
            unreadable.append((loader.path, str(error)))
    vectors = featurizer.transform(prepared) if prepared else None
    return Batch(paths, vectors, unreadable, guesses, looks)


def _batches(loaders: Iterable[Loader], size: int) -> Iterator[list[Loader]]:
    """Yield groups of `size` loaders; fewer where they hold on to much."""
    batch: list[Loader] = []
    held = 0
    for loader in loaders:
        batch.append(loader)
        held += loader.size
        if len(batch) == size or held >= _BATCH_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch
