"""Featurizing elsewhere: shards by the hash of the content, each a file that is written whole.

A shard is named by what it is made from. A run that was cut short finds those that are there, and
does not compute them again.
"""

from __future__ import annotations

import hashlib
import json
import operator
import pickle
import shutil
import socket
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from cgaudit.dataset import Look, Source
from cgaudit.errors import FeaturizerError
from cgaudit.executor import ClusterError, Done, Executor
from cgaudit.featurize.base import Featurizer
from cgaudit.featurize.batches import Batch, transformed
from cgaudit.files import replacing_own
from cgaudit.progress import Progress
from cgaudit.reading.arrays import npz_arrays
from cgaudit.reading.files import Damage
from cgaudit.results.parts import MOST_PARTS, parts_of

#: A shard has about so many samples, as long as there are no more shards than `MOST_PARTS`.
_ROWS = 1 << 10

#: What this process was given, by its name: unpickled once, so that a model is loaded once.
_loaded: dict[str, tuple[Source, Featurizer[Any, Any]]] = {}


class Shards(NamedTuple):
    """Where shards are made, and what of.

    Attributes
    ----------
    folder
        Where they lie while they are needed; the workers must see it, and the data, under the same
        path.
    fingerprint, recipe
        Of the featurizer, and what it was taken at.
    executor
        Where work runs.
    progress
        Called with samples done, as far as whole shards tell, and samples in all.
    """

    folder: Path
    fingerprint: str
    recipe: int
    executor: Executor
    progress: Progress | None = None


def in_shards(
    source: Source,
    featurizer: Featurizer[Any, Any],
    contents: Mapping[str, str],
    place: Shards,
) -> Iterator[Batch]:
    """Yield vectors that were computed wherever an executor runs work; its shards are gone then.

    What no worker could read is tried here once more: a worker may not see what is seen here.

    Parameters
    ----------
    source, featurizer
        The data, and what is fitted if it learns.
    contents
        The content's hash of each sample, by its path.
    place
        Where.

    Raises
    ------
    ClusterError
        A worker does not see what this process sees, or has another model of that name.
    """
    executor = place.executor.with_cards() if featurizer.on_card else place.executor
    paths = _cut(contents)
    names = [_name(place.fingerprint, [contents[path] for path in shard]) for shard in paths]
    if not names:
        return
    place.folder.mkdir(parents=True, exist_ok=True)
    given = pickle.dumps((source, featurizer, place.recipe, place.fingerprint))
    there = (Path.cwd(), place.folder.absolute(), hashlib.sha256(given).hexdigest(), given)
    shared = [executor.share(value) for value in there]
    tick = _telling(place.progress, len(names), len(contents))
    executor.reduce(_written, operator.add, names, paths, shared=shared, done=tick)
    for name in names:
        batch = _read(place.folder / name)
        yield batch._replace(unreadable=[])
        if lost := [path for path, _ in batch.unreadable]:
            yield from transformed(source, featurizer, lost, None)
    shutil.rmtree(place.folder)


def _telling(progress: Progress | None, shards: int, samples: int) -> Done:
    done = count(1)

    def tick() -> None:
        number = next(done)
        if progress is not None:
            progress(number * samples // shards, samples)

    return tick


def _cut(contents: Mapping[str, str]) -> list[list[str]]:
    """Return the samples by the first bits of their hashes, so that others move no border."""
    wanted = max(1, min(MOST_PARTS, len(contents) // _ROWS))
    digests = pa.chunked_array([list(contents.values())], pa.string())
    shards: dict[int, list[str]] = defaultdict(list)
    for path, part in zip(contents, parts_of(digests, 1 << (wanted.bit_length() - 1)), strict=True):
        shards[part].append(path)
    return [shards[part] for part in sorted(shards)]


def _name(fingerprint: str, hashes: Sequence[str]) -> str:
    digest = hashlib.sha256("\n".join([fingerprint, *hashes]).encode())
    return f"{digest.hexdigest()[:32]}.npz"


def _written(
    name: str, paths: Sequence[str], here: Path, folder: Path, key: str, given: bytes
) -> int:
    """Write a shard unless it is there; return how many were computed."""
    try:
        with chdir(here):
            if (folder / name).exists():
                return 0
            source, featurizer = _unpickled(key, given)
            _write(folder / name, list(transformed(source, featurizer, paths, 1)))
            return len(paths)
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise ClusterError(
            f"{error.filename} is not on {socket.gethostname()} as it is here. Keep the project on "
            "storage that all machines of the cluster see under the same path."
        ) from None


def _unpickled(key: str, given: bytes) -> tuple[Source, Featurizer[Any, Any]]:
    if key not in _loaded:
        _loaded.clear()
        # What the process that was started made, not what anybody committed.
        source, featurizer, recipe, fingerprint = pickle.loads(given)
        _check_same(featurizer, recipe, fingerprint)
        _loaded[key] = source, featurizer
    return _loaded[key]


def _check_same(featurizer: Featurizer[Any, Any], recipe: int, fingerprint: str) -> None:
    """Refuse a model that this machine lacks, or has another of by the same name."""
    name, host = featurizer.full_name, socket.gethostname()
    try:
        same = featurizer.fingerprint(recipe) == fingerprint
    except FeaturizerError as error:
        raise ClusterError(f"The worker on {host} cannot run {name}: {error}") from None
    if not same:
        raise ClusterError(
            f"The featurizer {name} on {host} is not what it is here: its weights differ. Bring "
            "the same model to every machine of the cluster."
        )


def _write(path: Path, batches: Sequence[Batch]) -> None:
    vectors = [batch.vectors for batch in batches if batch.vectors is not None]
    told = {
        "paths": [path for batch in batches for path in batch.paths],
        "unreadable": [row for batch in batches for row in batch.unreadable],
        "guesses": [row for batch in batches for row in batch.guesses],
        "looks": [look for batch in batches for look in batch.looks],
    }
    arrays: dict[str, Any] = {"told": np.frombuffer(json.dumps(told).encode(), np.uint8)}
    if vectors:
        arrays["vectors"] = np.concatenate(vectors)
    with replacing_own(path) as partial, partial.open("wb") as file:
        # Without `allow_pickle`, which NumPy before 2.1 takes for the name of an array.
        np.savez(file, **arrays)


def _read(path: Path) -> Batch:
    try:
        arrays = npz_arrays(path)
        told = json.loads(arrays["told"].tobytes())
    except (FileNotFoundError, Damage, KeyError, ValueError) as error:
        raise ClusterError(
            f"{path}, which a worker wrote, cannot be read here ({error}). Remove {path.parent}, "
            "and keep the project on storage that all machines of the cluster see under the same "
            "path."
        ) from None
    unreadable = [(where, reason) for where, reason in told["unreadable"]]
    guesses = [(where, guess) for where, guess in told["guesses"]]
    looks = [Look(*look) for look in told["looks"]]
    return Batch(told["paths"], arrays.get("vectors"), unreadable, guesses, looks)
