"""Rows known by what they hold: digests, and an order that content and a seed alone decide.

A sample that is "the rows with the smallest keyed hashes" (bottom-k: Cohen and Kaplan, "Summarizing
data using bottom-k sketches", PODC 2007) does not depend on the order of the rows, hardly changes
when rows come or go (one new row displaces one of k with probability k / n), and those of the parts
of a data set contain that of the whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
from torch import Tensor

from cgaudit.reading.stacked import StackedRows

#: Digests of n rows: their 16 bytes as two big-endian numbers, so that they sort as hexadecimal.
Digests = npt.NDArray[np.uint64]
Keys = npt.NDArray[np.uint64]

_BYTES = 16
_ROWS = 4096


class Matrix(Protocol):
    """Rows that are read a slice at a time."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, d)."""

    def __getitem__(self, rows: slice, /) -> object:
        """Return the rows of a slice."""


class Gathered:
    """Rows of a matrix, picked by an index and read when they are asked for.

    Parameters
    ----------
    matrix
        (m, d), in memory or mapped from files. Never copied whole.
    index
        int64 (n,): which of its rows, in which order.
    """

    def __init__(self, matrix: np.ndarray | StackedRows, index: npt.NDArray[np.int64]) -> None:
        self.matrix, self.index = matrix, index

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, d)."""
        return (len(self.index), self.matrix.shape[1])

    @property
    def ndim(self) -> int:
        """2."""
        return self.matrix.ndim

    @property
    def dtype(self) -> np.dtype:
        """That of the matrix."""
        return self.matrix.dtype

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, rows: slice | np.ndarray) -> np.ndarray:
        """Return the rows of a slice, an index or a mask, in memory."""
        return np.asarray(self.matrix[_run(self.index[rows])])


def gathered(rows: np.ndarray | StackedRows | Gathered, index: np.ndarray) -> Gathered:
    """Return rows picked by an index or a mask; picking twice is picking once."""
    if isinstance(rows, Gathered):
        return Gathered(rows.matrix, rows.index[index])
    return Gathered(rows, np.arange(len(rows))[index])


def _run(index: npt.NDArray[np.int64]) -> npt.NDArray[np.int64] | slice:
    """Return an index of consecutive numbers as the slice that it is, which is read at once."""
    first = int(index[0]) if len(index) else 0
    if len(index) and np.array_equal(index, np.arange(first, first + len(index))):
        return slice(first, first + len(index))
    return index


def row_digests(rows: Matrix) -> Digests:
    """Return the BLAKE2b digest of the bytes of each row, (n, 2)."""
    n = rows.shape[0]
    out = np.empty((n, _BYTES), dtype=np.uint8)
    for start in range(0, n, _ROWS):
        part = np.ascontiguousarray(_on_cpu(rows[start : start + _ROWS]))
        # One digest of a number on every machine.
        part = part.astype(part.dtype.newbyteorder("<"), copy=False)
        for at, row in enumerate(part, start=start):
            found = hashlib.blake2b(row.data, digest_size=_BYTES).digest()
            out[at] = np.frombuffer(found, dtype=np.uint8)
    return _as_numbers(out)


def parsed_digests(texts: Sequence[str] | np.ndarray) -> Digests:
    """Return content hashes as numbers, (n, 2); of what is no 32 hexadecimal digits, a digest."""
    octets = b"".join(_octets(text) for text in texts)
    return _as_numbers(np.frombuffer(octets, dtype=np.uint8).reshape(len(texts), _BYTES))


def text_digests(texts: Sequence[str]) -> Digests:
    """Return the BLAKE2b digest of each text, (n, 2)."""
    hashed = b"".join(_digest(it) for it in texts)
    return _as_numbers(np.frombuffer(hashed, dtype=np.uint8).reshape(len(texts), _BYTES))


def drawn(texts: Sequence[str], seed: int) -> npt.NDArray[np.float64]:
    """Return a number of [0, 1) for each text, drawn by it and the seed alone: (n,)."""
    # Of 64 bits 53 fit, so that no number is rounded up to 1.
    return (keys_of(text_digests(texts), seed) >> np.uint64(11)) / float(1 << 53)


def keys_of(digests: Digests, seed: int) -> Keys:
    """Return the keyed hash of each digest, (n,).

    Digests are uniform already; all that is wanted is another order for each seed, which the
    finaliser of SplitMix64 gives (Steele, Lea, Flood, "Fast splittable pseudorandom number
    generators", OOPSLA 2014).
    """
    key = _mixed(np.array([seed % 2**64], dtype=np.uint64))
    mixed: Keys = _mixed(digests[:, 0] ^ key) ^ digests[:, 1]
    return _mixed(mixed)


def row_keys(rows: Matrix, seed: int, contents: Digests | None = None) -> Keys:
    """Return the keyed hash of each row, (n,): of its content, of its bytes where none is given."""
    return keys_of(row_digests(rows) if contents is None else contents, seed)


def smallest(keys: Keys, count: int) -> npt.NDArray[np.int64]:
    """Return the rows with the smallest keys, smallest first: int64, at most `count`.

    Of rows with one key, which have one content, the first alone.
    """
    _, first = np.unique(keys, return_index=True)
    return first[:count]


def content_order(digests: Digests, ties: np.ndarray) -> npt.NDArray[np.int64]:
    """Return the rows in the order of their content, and of `ties` (n,) where that is equal."""
    return np.lexsort((ties, digests[:, 1], digests[:, 0]))


def _octets(text: str) -> bytes:
    try:
        octets = bytes.fromhex(text)
    except ValueError:
        octets = b""
    return octets if len(octets) == _BYTES else _digest(text)


def _digest(text: str) -> bytes:
    # Names of files may hold what is no UTF-8.
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_BYTES).digest()


def _on_cpu(rows: object) -> np.ndarray:
    return rows.cpu().numpy() if isinstance(rows, Tensor) else np.asarray(rows)


def _as_numbers(octets: npt.NDArray[np.uint8]) -> Digests:
    return octets.view(">u8").astype(np.uint64)


def _mixed(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: npt.NDArray[np.uint64] = numbers ^ (numbers >> np.uint64(31))
    return mixed
