"""Fitting a featurizer on a source, and turning the source into a feature store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from cgaudit.dataset import (
    ColumnRows,
    Loader,
    Look,
    OnError,
    Skip,
    Source,
    in_threads,
    refuse_skips,
    skipped_table,
)
from cgaudit.errors import SourceError, UnreadableSample
from cgaudit.executor import chosen
from cgaudit.featurize.base import Featurizer
from cgaudit.featurize.batches import have_looks, transformed
from cgaudit.featurize.guesses import write_guesses
from cgaudit.featurize.shards import Shards, in_shards
from cgaudit.featurize.store import (
    HASHES,
    LOOKS,
    FeatureStore,
    StoreMeta,
    open_store,
    vector_names,
    write_meta,
)
from cgaudit.featurize.vectorfile import VectorFiles
from cgaudit.files import replacing_folder, save_array
from cgaudit.progress import Progress
from cgaudit.results.parts import part_borders
from cgaudit.results.reading import LEFT_OUT, ColumnReading, most_remarkable
from cgaudit.wording.text import most_common

T = TypeVar("T")
R = TypeVar("R")

_COPY_ROWS = 4096


class Featurized(NamedTuple):
    """What featurizing a source gave.

    Attributes
    ----------
    samples
        The samples that have a vector, sorted by path.
    skipped
        Everything else that was seen, and why: ``id``, ``reason``.
    store
        The feature store, opened.
    computed, reused
        How many contents were computed, and how many taken from an earlier store.
    """

    samples: pd.DataFrame
    skipped: pd.DataFrame
    store: FeatureStore
    computed: int
    reused: int


class Subset:
    """Some samples of a source, as `FitData`."""

    def __init__(self, source: Source, paths: Sequence[str]) -> None:
        self._source = source
        self._paths = paths

    def map(self, work: Callable[[Any], R], limit: int | None = None) -> Iterator[R]:
        """Yield ``work(payload)`` for each readable sample, in threads."""
        paths = self._paths[:limit]
        with closing(in_threads(partial(_attempt, work), self._source.loaders(paths))) as results:
            for readable in results:
                yield from readable


def fit_featurizer(
    source: Source, featurizer: Featurizer[Any, Any], samples: pd.DataFrame, seed: int = 0
) -> None:
    """Let a featurizer learn its state from a random part of the source.

    Parameters
    ----------
    source
        The data.
    featurizer
        Gets its state; nothing happens if it learns nothing.
    samples
        The source's samples table. Each content counts once, so the same contents in other folders
        give the same state.
    seed
        Decides which samples, at most the featurizer's `fit_limit`, and its own draws.

    Raises
    ------
    SourceError
        No sample can be read.
    """
    if not featurizer.learns:
        return
    paths = drawn(samples, featurizer.fit_limit, seed)
    _refuse_if_unreadable(source, samples, paths)
    featurizer.fit(Subset(source, paths), seed)


def drawn(samples: pd.DataFrame, limit: int, seed: int) -> list[str]:
    """Return the paths of at most `limit` different contents, chosen at random.

    A smaller limit gives the first of what a larger one gives.
    """
    unique = samples.drop_duplicates("content_hash").sort_values("content_hash")["path"].tolist()
    order = np.random.default_rng(seed).permutation(len(unique))[:limit]
    return [unique[i] for i in order]


def vectors_of(
    source: Source, featurizer: Featurizer[Any, Any], paths: Sequence[str]
) -> tuple[list[str], np.ndarray]:
    """Return the vectors of some samples, in memory.

    Parameters
    ----------
    source
        The data.
    featurizer
        Fitted, if it learns.
    paths
        Of the samples.

    Returns
    -------
    paths, vectors
        Those that can be read, m of them, and their vectors: float32, (m, d).

    Raises
    ------
    SourceError
        None of them can be read.
    """
    read: list[str] = []
    parts: list[np.ndarray] = []
    reasons: list[str] = []
    for batch in transformed(source, featurizer, paths, None):
        reasons += [reason for _, reason in batch.unreadable]
        if batch.vectors is not None:
            read += batch.paths
            parts.append(batch.vectors)
    if not parts:
        raise SourceError(_all_unreadable(source, reasons))
    return read, np.concatenate(parts)


def featurize(
    source: Source,
    featurizer: Featurizer[Any, Any],
    out: Path,
    *,
    recipe: int,
    reuse: FeatureStore | None = None,
    known_hashes: Mapping[str, str] | None = None,
    on_error: OnError = "skip",
    workers: int | None = None,
    shards: Path | None = None,
    progress: Progress | None = None,
) -> Featurized:
    """Write the feature store of a source.

    Each content is read and transformed once, whatever its paths. Batches are decoded and
    transformed in threads, a bounded number ahead; vectors go to disk as they come.

    Parameters
    ----------
    source
        The data.
    featurizer
        Fitted, if it learns.
    out
        The store's folder; replaced when done, untouched on failure.
    recipe
        Recorded in the store, and part of its fingerprint.
    reuse
        An earlier store; vectors are taken from it if its fingerprint is the same.
    known_hashes
        MD5s by path that need no reading.
    on_error
        ``"fail"`` raises where a sample cannot be used.
    workers
        Threads; None for one a core.
    shards
        Where an executor whose work runs elsewhere keeps shards until the store is complete; a run
        that was cut short goes on with them. None to work here.
    progress
        Called with contents done and contents in all.

    Raises
    ------
    SourceError
        No sample is readable; or one is not and `on_error` is ``"fail"``.
    FeaturizerError
        The featurizer has no state.
    """
    fingerprint = featurizer.fingerprint(recipe)
    samples, skipped = source.samples(known_hashes)
    refuse_skips(skipped, on_error)
    contents = samples.drop_duplicates("content_hash").sort_values("content_hash")
    hashes = contents["content_hash"].to_numpy(dtype="S32")
    looking = have_looks(source)
    if reuse is not None and (
        reuse.meta.fingerprint != fingerprint or (looking and reuse.looks is None)
    ):
        reuse = None
    with replacing_folder(out) as folder:
        borders = part_borders(hashes)
        names = vector_names(len(borders) - 1)
        vectors = VectorFiles([folder / name for name in names], borders)
        known = np.full(len(hashes), -1) if reuse is None else reuse.find(hashes)
        reused = known >= 0
        _copy_known(vectors, known, reuse)
        looks = _known_looks(known, reuse)
        row_of = {path: row for row, path in enumerate(contents["path"]) if not reused[row]}
        unreadable: dict[int, str] = {}
        guesses = _known_guesses(set(hashes[reused].tolist()), reuse)
        done = int(reused.sum())
        if shards is not None and (executor := chosen()).elsewhere:
            digests = {path: hashes[row].decode() for path, row in row_of.items()}
            place = Shards(shards, fingerprint, recipe, executor, progress)
            batches = in_shards(source, featurizer, digests, place)
        else:
            batches = transformed(source, featurizer, list(row_of), workers)
        for batch in batches:
            rows = [row_of[path] for path in batch.paths]
            vectors.write(rows, batch.vectors)
            if batch.looks:
                looks[rows] = batch.looks
            unreadable |= {row_of[path]: reason for path, reason in batch.unreadable}
            for path, guess in batch.guesses:
                guesses[guess].add(hashes[row_of[path]].decode())
            done += len(batch.paths) + len(batch.unreadable)
            if progress:
                progress(done, len(hashes))
        if len(unreadable) == len(hashes):
            why = {hashes[row].decode(): reason for row, reason in unreadable.items()}
            raise SourceError(_all_unreadable(source, samples["content_hash"].map(why).tolist()))
        readable = np.delete(np.arange(len(hashes)), list(unreadable))
        dim = vectors.finish(readable)
        save_array(hashes[readable], folder / HASHES)
        write_guesses(folder, guesses)
        if looking:
            save_array(looks[readable], folder / LOOKS)
        readings = tuple(_readings(source, featurizer, samples))
        made = StoreMeta(featurizer.full_name, fingerprint, recipe, dim, readings, len(names))
        write_meta(folder, made)
        reasons = {hashes[row].decode(): reason for row, reason in unreadable.items()}
        samples, skipped = _without(samples, skipped, reasons)
        refuse_skips(skipped, on_error)
    count = len(readable)
    return Featurized(
        samples, skipped, open_store(out), count - int(reused.sum()), int(reused.sum())
    )


def _readings(
    source: Source, featurizer: Featurizer[Any, Any], samples: pd.DataFrame
) -> list[ColumnReading]:
    """Return how the columns of a table were read, those too that are no features."""
    if not isinstance(source, ColumnRows):
        return []
    left_out = [ColumnReading(name, LEFT_OUT, why=why) for name, why in source.left_out.items()]
    read = featurizer.readings(Subset(source, samples["path"].tolist()))
    return most_remarkable([*read, *left_out])


def _refuse_if_unreadable(source: Source, samples: pd.DataFrame, paths: Sequence[str]) -> None:
    """Raise SourceError unless one of the paths can be read; stops at the first that can."""
    # Samples are counted, though each content is tried once.
    hashes = samples.set_index("path")["content_hash"]
    why: dict[str, str] = {}
    for loader in source.loaders(paths):
        try:
            loader.load()
        except UnreadableSample as error:
            why[hashes[loader.path]] = str(error)
        else:
            return
    raise SourceError(_all_unreadable(source, hashes.map(why).dropna().tolist()))


def _attempt(work: Callable[[Any], R], loader: Loader) -> list[R]:
    """Return the one result, or nothing where the sample is unreadable."""
    try:
        return [work(loader.load())]
    except UnreadableSample:
        return []


def _copy_known(vectors: VectorFiles, known: np.ndarray, store: FeatureStore | None) -> None:
    """Copy the vectors that an earlier store has, in its rows `known`; -1 where it has none."""
    if store is None:
        return
    for rows in _groups(np.flatnonzero(known >= 0).tolist(), _COPY_ROWS):
        vectors.write(rows, store.vectors[known[rows]])


def _known_looks(known: np.ndarray, store: FeatureStore | None) -> np.ndarray:
    """Return how pictures of an earlier store look, (m, 5); 0 where that is to come."""
    looks = np.zeros((len(known), len(Look._fields)), dtype=np.float32)
    if store is not None and store.looks is not None:
        looks[known >= 0] = store.looks[known[known >= 0]]
    return looks


def _known_guesses(reused: set[bytes], known: FeatureStore | None) -> dict[str, set[str]]:
    """Return what an earlier store guessed of the contents whose vectors are taken from it."""
    earlier = {} if known is None else known.guesses
    found = defaultdict[str, set[str]](set)
    for guess, hashes in earlier.items():
        found[guess] |= {one for one in hashes if one.encode() in reused}
    return found


def _without(
    samples: pd.DataFrame, skipped: pd.DataFrame, reasons: Mapping[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Move the samples whose content is unreadable to the skipped."""
    bad = samples["content_hash"].isin(reasons)
    moved = [
        Skip(path if own_id is None else own_id, reasons[digest])
        for path, own_id, digest in samples.loc[bad, ["path", "id", "content_hash"]].to_numpy()
    ]
    listed = [Skip(*row) for row in skipped.itertuples(index=False)]
    return samples[~bad].reset_index(drop=True), skipped_table([*listed, *moved])


def _all_unreadable(source: Source, reasons: Sequence[str]) -> str:
    if not reasons:
        return f"{source.root} has no sample that can be read."
    met = most_common(reasons)
    return (
        f"None of the {len(reasons):,} samples of {source.root} that were tried can be read: {met}."
    )


def _groups(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield lists of `size` items, the last one shorter."""
    iterator = iter(items)
    while group := list(islice(iterator, size)):
        yield group
