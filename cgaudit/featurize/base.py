"""What a featurizer is: it may learn a frozen state from data, and turns samples into vectors."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np

from cgaudit.dataset import SourceKind
from cgaudit.errors import FeaturizerError, StaleError
from cgaudit.files import replacing
from cgaudit.reading.arrays import npz_arrays
from cgaudit.reading.files import Damage
from cgaudit.reading.text import text_of
from cgaudit.results.reading import ColumnReading
from cgaudit.wording.text import nearest, shown, visible

#: What a featurizer learned: named arrays, saved without pickle.
State = dict[str, np.ndarray]
Payload = TypeVar("Payload")
Prepared = TypeVar("Prepared")
R = TypeVar("R")

_META = "meta"
_COVERED = "meta_covered"
#: So much of what a state was fitted for is said.
_SHOWN = 1000


class FitData(Protocol):
    """The samples to learn from; may be gone through more than once, never held whole."""

    def map(self, work: Callable[[Any], R], limit: int | None = None) -> Iterator[R]:
        """Yield ``work(payload)`` for each readable sample, in a fixed order, in threads.

        `limit` stops after so many samples.
        """
        ...


class Featurizer(ABC, Generic[Payload, Prepared]):
    """Base of all featurizers.

    A subclass is a file of its own, registered under its `name` (see `registry`). It sets the class
    attributes, `Options`, and the methods `prepare` and `transform`; one that learns from the data
    also sets `learns` and `learn`. `transform` must depend on nothing but options, state and batch,
    so that a vector may be reused wherever the same content comes up again.

    Parameters
    ----------
    options
        Overrides of the defaults in `Options`.

    Raises
    ------
    FeaturizerError
        An option is unknown or has an impossible value.
    """

    #: The name in ``params.yaml``.
    name: ClassVar[str]
    #: The kinds of source it reads.
    accepts: ClassVar[tuple[SourceKind, ...]]
    #: A frozen dataclass of options with their defaults.
    Options: ClassVar[type]
    #: Whether a state must be fitted before `transform`.
    learns: ClassVar[bool] = False
    #: How many samples at most the state is learned from.
    fit_limit: ClassVar[int] = 10_000
    #: Samples to transform at once, in each thread.
    batch_size: ClassVar[int] = 64
    #: Whether a graphics card computes it where there is one.
    on_card: ClassVar[bool] = False

    def __init__(self, options: Mapping[str, Any] | None = None) -> None:
        self.options = _make_options(self.name, self.Options, options or {})
        self._state: State | None = None
        #: The share of the data that the state covered when it was fitted; None where not measured.
        #: Kept with the state, and no part of the fingerprint: no vector depends on it.
        self.covered_at_fit: float | None = None
        #: How many bits deep grey was said to have: it decides what pictures look like.
        self.grey_bits: int | None = None

    @property
    def full_name(self) -> str:
        """The name as the parameters say it, with the model where it has one."""
        return self.name

    @property
    def state(self) -> State:
        """The fitted arrays, empty for a featurizer that does not learn.

        Raises
        ------
        FeaturizerError
            Nothing was fitted or loaded.
        """
        if self._state is None:
            if self.learns:
                raise FeaturizerError(
                    f"The featurizer {self.name!r} learns from the data and has not been fitted. "
                    "Run `cgaudit fit` once; it writes the state that featurizing uses."
                )
            return {}
        return self._state

    @state.setter
    def state(self, state: State) -> None:
        self._state = state

    def fit(self, data: FitData, seed: int = 0) -> None:
        """Learn the state from samples; does nothing where there is nothing to learn."""
        if self.learns:
            self.state = self.learn(data, np.random.default_rng(seed))

    def learn(self, data: FitData, rng: np.random.Generator) -> State:
        """Return the state learned from samples."""
        raise NotImplementedError

    def computing(self) -> AbstractContextManager[None]:
        """Return a context that is entered around all of a run's `transform` calls."""
        return nullcontext()

    @abstractmethod
    def prepare(self, payload: Payload) -> Prepared:
        """Make one payload small and uniform; runs in the thread that decoded it."""

    @abstractmethod
    def transform(self, batch: Sequence[Prepared]) -> np.ndarray:
        """Return one vector per prepared sample: float32, (b, d). Called from several threads."""

    def misfit(self, state: State) -> str | None:
        """Return why arrays from a file are no state of this featurizer, None where they may be.

        Whoever commits the file chooses names, types, shapes and values; `transform` relies on
        them (see `cgaudit.featurize.states`).
        """
        return None

    def covered(self, payload: Payload) -> float | None:
        """Return the share of one sample that the fitted state covers, at most 1.

        What it does not cover is lost to the vectors, until a new state is fitted. None where the
        featurizer cannot tell.
        """
        return None

    def readings(self, data: FitData) -> list[ColumnReading]:
        """Return how each column of a table was read; nothing where there are no columns."""
        return []

    def fingerprint(self, recipe: int) -> str:
        """Return a hash of all that decides the vectors: name, options, recipe and state."""
        digest = hashlib.sha256(self.described(recipe).encode())
        for name, array in sorted(self.state.items()):
            digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()[:32]

    def described(self, recipe: int) -> str:
        """Return name, options, recipe and what decides the payloads as canonical JSON."""
        facts = {"featurizer": self.name, "options": asdict(self.options), "recipe": recipe}
        if self.grey_bits is not None:
            facts["grey_bits"] = self.grey_bits
        return json.dumps(facts, sort_keys=True)


def save_state(featurizer: Featurizer[Any, Any], path: Path, recipe: int) -> None:
    """Write the fitted state; the same state gives the same bytes."""
    arrays: dict[str, Any] = dict(sorted(featurizer.state.items()))
    described = np.frombuffer(featurizer.described(recipe).encode(), np.uint8)
    if featurizer.covered_at_fit is not None:
        arrays = {_COVERED: np.array(featurizer.covered_at_fit), **arrays}
    with replacing(path) as partial, partial.open("wb") as file:
        # Without `allow_pickle`, which NumPy before 2.1 takes for the name of an array.
        np.savez_compressed(file, **{_META: described, **arrays})


def load_state(featurizer: Featurizer[Any, Any], path: Path, recipe: int) -> None:
    """Give a featurizer the state that `save_state` wrote; nothing to do where it learns nothing.

    Raises
    ------
    FeaturizerError
        The file is missing or damaged.
    StaleError
        It was fitted for another featurizer, other options or another recipe.
    """
    if not featurizer.learns:
        return
    try:
        arrays = npz_arrays(path)
        described = _text(arrays.pop(_META, None))
        share = _share(arrays.pop(_COVERED, None))
    except FileNotFoundError:
        raise FeaturizerError(
            f"{path} does not exist: the featurizer {featurizer.name!r} learns from the data. "
            "Run `cgaudit fit` once; it writes this file."
        ) from None
    except Damage as damage:
        raise FeaturizerError(_no_state(path, str(damage))) from None
    wanted = featurizer.described(recipe)
    if described != wanted:
        raise StaleError(
            f"{path} was fitted for {visible(described, _SHOWN)}, but the parameters say "
            f"{visible(wanted, _SHOWN)}. Run `cgaudit fit --force`, or restore the parameters."
        )
    if problem := featurizer.misfit(arrays):
        raise FeaturizerError(_no_state(path, problem))
    featurizer.state = arrays
    featurizer.covered_at_fit = share


def _no_state(path: Path, problem: str) -> str:
    return (
        f"{path} cannot be read as a featurizer's state: {problem}. Restore it, or run "
        "`cgaudit fit --force`: scores made with another state cannot be compared with those made "
        "so far."
    )


def _text(array: np.ndarray | None) -> str:
    if array is None or array.dtype != np.uint8 or array.ndim != 1:
        raise Damage(f"it does not say what it was fitted for ({_META})")
    return text_of(array.tobytes())


def _share(array: np.ndarray | None) -> float | None:
    if array is None:
        return None
    if array.shape != () or array.dtype != np.float64 or not np.isfinite(array):
        raise Damage(f"its {_COVERED} is no number")
    return float(array)


def _make_options(name: str, model: type, options: Mapping[str, Any]) -> Any:  # noqa: ANN401
    if not is_dataclass(model):
        raise TypeError(f"{name}: Options must be a dataclass")
    known = [field.name for field in fields(model)]
    for key in options:
        if key not in known:
            raise FeaturizerError(
                f"The featurizer {name!r} has no option {key!r}.{nearest(key, known)} "
                f"Its options are: {shown(known)}."
            )
    try:
        return model(**options)
    except (TypeError, ValueError) as error:
        raise FeaturizerError(
            f"The featurizer {name!r} cannot use these options: {error}."
        ) from None
