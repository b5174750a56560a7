"""The feature store: content hash → vector. No paths and no labels, so neither can move it.

Of many contents the vectors lie in parts, as scores do (`cgaudit.results.parts`): a version then
differs from the one before in the parts that hold what came or went.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cgaudit.dataset import Look
from cgaudit.errors import StaleError
from cgaudit.featurize.guesses import Guesses, read_guesses
from cgaudit.numerics.contents import Gathered
from cgaudit.reading.arrays import mapped_npy, npy_array
from cgaudit.reading.files import Damage, bytes_of
from cgaudit.reading.stacked import StackedRows
from cgaudit.reading.text import json_of
from cgaudit.results.parts import MOST_PARTS
from cgaudit.results.reading import ColumnReading

HASHES = "content_hash.npy"
META = "meta.json"
LOOKS = "looks.npy"

#: Contents that are looked for at a time.
_AT_ONCE = 1 << 20

#: What ``meta.json`` need not say.
_OPTIONAL = frozenset({"columns", "parts"})


class StoreMeta(NamedTuple):
    """What made the vectors, and how the columns of a table were read."""

    featurizer: str
    fingerprint: str
    recipe: int
    dim: int
    columns: tuple[ColumnReading, ...] = ()
    parts: int = 1


class FeatureStore:
    """A feature store on disk, opened and validated.

    Attributes
    ----------
    vectors : (m, d) float32
        One row per content, memory-mapped, from one file or from parts.
    hashes : (m,) bytes
        MD5 in hex, ascending.
    meta
        What made the vectors.
    guesses
        What was guessed to read the contents.
    looks : (m, 5) float32, or None
        How each looks where they are whole pictures (`cgaudit.dataset.looks.Look`).
    """

    def __init__(
        self,
        vectors: np.ndarray | StackedRows,
        hashes: np.ndarray,
        meta: StoreMeta,
        guesses: Guesses,
        looks: np.ndarray | None = None,
    ) -> None:
        self.vectors = vectors
        self.hashes = hashes
        self.meta = meta
        self.guesses = guesses
        self.looks = looks

    def find(self, content_hashes: Sequence[str] | np.ndarray) -> np.ndarray:
        """Return the row of each content hash, −1 where it has none: (n,) int64."""
        wanted = np.asarray(content_hashes, dtype="S32")
        rows = np.full(len(wanted), -1)
        for start in range(0, len(wanted) if len(self.hashes) else 0, _AT_ONCE):
            asked = wanted[start : start + _AT_ONCE]
            found = np.searchsorted(self.hashes, asked)
            found[found == len(self.hashes)] = 0
            rows[start : start + _AT_ONCE] = np.where(self.hashes[found] == asked, found, -1)
        return rows

    def rows(self, content_hashes: Sequence[str] | np.ndarray) -> np.ndarray:
        """Return the row of each content hash: (n,) int64.

        Raises
        ------
        StaleError
            A hash has no vector: samples and features were not made together.
        """
        rows = self.find(content_hashes)
        missing = np.flatnonzero(rows < 0)
        if missing.size:
            asked = np.asarray(content_hashes, dtype="S32")[missing[0]]
            first = asked.decode("utf-8", "replace") or "that is empty"
            raise StaleError(
                f"{missing.size} of {rows.size} samples have no features (the first has the "
                f"content hash {first}): samples and features were not "
                "made together. Run `cgaudit featurize` again."
            )
        return rows

    def reading(self, content_hashes: Sequence[str] | np.ndarray) -> Gathered:
        """Return the vector of each content hash, (n, d) float32, read when it is asked for.

        Raises
        ------
        StaleError
            As for `rows`.
        """
        return Gathered(self.vectors, self.rows(content_hashes))

    def take(self, content_hashes: Sequence[str] | np.ndarray) -> np.ndarray:
        """Return the vector of each content hash: (n, d) float32, in memory.

        Raises
        ------
        StaleError
            As for `rows`.
        """
        return np.asarray(self.vectors[self.rows(content_hashes)])


def open_store(folder: Path) -> FeatureStore:
    """Open a feature store, whoever committed it; the vectors stay on disk until they are used.

    Raises
    ------
    StaleError
        The folder is missing or its files are damaged or do not fit together.
    """
    try:
        meta = _meta(folder / META)
        hashes = npy_array(bytes_of(folder / HASHES))
        vectors = _vectors(folder, meta.parts)
        looks = _looks(folder / LOOKS)
        if problem := _problem(vectors, hashes, meta) or _wrong_looks(looks, len(hashes)):
            raise Damage(problem)
    except FileNotFoundError as error:
        raise StaleError(
            f"{folder} is no feature store: there is no {Path(error.filename or folder).name}. "
            "Run `cgaudit featurize`."
        ) from None
    except Damage as damage:
        raise StaleError(
            f"{folder} cannot be read as a feature store: {damage}. Run `cgaudit featurize` again."
        ) from None
    return FeatureStore(vectors, hashes, meta, read_guesses(folder), looks)


def _meta(path: Path) -> StoreMeta:
    facts = json_of(bytes_of(path))
    needed = set(StoreMeta._fields) - _OPTIONAL
    if not isinstance(facts, dict) or facts.keys() - _OPTIONAL != needed:
        raise Damage(f"{META} has not the keys {', '.join(sorted(needed))}")
    meta = StoreMeta(**facts | {"columns": _columns(facts.get("columns", []))})
    if not isinstance(meta.featurizer, str) or not isinstance(meta.fingerprint, str):
        raise Damage(f"{META} names no featurizer")
    if type(meta.recipe) is not int or type(meta.dim) is not int:
        raise Damage(f"{META} has no recipe or no dim")
    if type(meta.parts) is not int or not 1 <= meta.parts <= MOST_PARTS:
        raise Damage(f"{META} says that the vectors are in {str(meta.parts)[:20]} parts")
    return meta


def _columns(listed: object) -> tuple[ColumnReading, ...]:
    if not isinstance(listed, list) or not all(isinstance(it, dict) for it in listed):
        raise Damage(f"{META} does not list columns")
    read = (ColumnReading.of(str(facts.get("name")), facts) for facts in listed)
    return tuple(it for it in read if it is not None)


def write_meta(folder: Path, meta: StoreMeta) -> None:
    """Write the store's ``meta.json``."""
    facts = meta._asdict()
    columns = [{"name": it.name, **it.facts()} for it in facts.pop("columns")]
    if facts["parts"] == 1:
        del facts["parts"]
    text = json.dumps(facts | ({"columns": columns} if columns else {}), indent=2) + "\n"
    (folder / META).write_text(text, encoding="utf-8")


def vector_names(parts: int) -> list[str]:
    """Return the names of the files that hold the vectors, in the order of their rows."""
    if parts == 1:
        return ["vectors.npy"]
    return [f"vectors-{part:04}.npy" for part in range(parts)]


def _vectors(folder: Path, parts: int) -> np.ndarray | StackedRows:
    mapped = [mapped_npy(folder / name) for name in vector_names(parts)]
    if parts == 1:
        return mapped[0]
    try:
        return StackedRows(mapped)
    except ValueError as error:
        raise Damage(f"of the parts of the vectors, {error}") from None


def _problem(vectors: np.ndarray | StackedRows, hashes: np.ndarray, meta: StoreMeta) -> str | None:
    if vectors.dtype != np.float32 or vectors.ndim != 2:
        return f"its vectors are {vectors.dtype} of shape {vectors.shape}, not float32 (m, d)"
    if hashes.dtype != np.dtype("S32") or hashes.shape != (len(vectors),):
        return f"{HASHES} does not hold one hash for each of {len(vectors)} vectors"
    if vectors.shape[1] != meta.dim:
        return f"its vectors have {vectors.shape[1]} columns where {META} says {meta.dim}"
    if not bool((hashes[:-1] < hashes[1:]).all()):
        return f"{HASHES} is not sorted"
    return None


def _looks(path: Path) -> np.ndarray | None:
    try:
        return npy_array(bytes_of(path))
    except FileNotFoundError:
        return None


def _wrong_looks(looks: np.ndarray | None, count: int) -> str | None:
    if looks is None:
        return None
    if looks.dtype != np.float32 or looks.shape != (count, len(Look._fields)):
        return f"{LOOKS} does not hold five numbers for each of {count} contents"
    bright, sharpness = looks[:, :2], looks[:, 2]
    if not ((bright >= 0) & (bright <= 255)).all() or (sharpness < 0).any():
        return f"{LOOKS} holds brightness or sharpness that no picture has"
    if not (np.isfinite(looks[:, 3:]) & (looks[:, 3:] >= 1)).all() or np.isinf(sharpness).any():
        return f"{LOOKS} holds sizes that no picture has"
    return None
