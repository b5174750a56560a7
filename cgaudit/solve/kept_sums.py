"""Keeping the sums of the low-rank solver, so that a relabelling costs one pass over the rows.

Of all that the solver computes, labels touch the moments alone, and these a row at a time and
exactly (:mod:`.sums`). So the sums of an earlier run become those of other labels of the same rows
by moving the part of each row that changed from one class to the other: the same numbers as summing
anew, to the last bit. What is left is the pass that tells the figures of each row, without the
m² flop a row for its leave-one-out variance.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
from pydantic import Field, FiniteFloat
from torch import Tensor

from cgaudit.errors import StaleError
from cgaudit.executor import Executor, Shared
from cgaudit.numerics.classes import UNLABELLED
from cgaudit.numerics.contents import Gathered, Keys
from cgaudit.solve.base import full_precision, resolve_dtype
from cgaudit.solve.keptfolder import (
    as_bytes,
    made_by,
    mapped,
    read_header,
    refuse_format,
    rows_digest,
    writing,
)
from cgaudit.solve.options import Solving
from cgaudit.solve.prior import Prior
from cgaudit.solve.sums import Sums, batch_rows, featured, row_moments

_FORMAT = 1


@dataclass(frozen=True)
class SumsHeader:
    """What kept sums were made from, and the sizes of their files.

    Attributes
    ----------
    key
        See :func:`sums_key`.
    n, m, n_classes
        Rows, size of the basis, classes.
    precision
        Of what is explained.
    total
        The sums' precision, Σ N⁻¹.
    grain
        Of the moments.
    kind, byte_order, format
        Of the folder.
    """

    key: str
    n: Annotated[int, Field(ge=1)]
    m: Annotated[int, Field(ge=1)]
    n_classes: Annotated[int, Field(ge=1)]
    precision: Literal["float32", "float64"]
    total: FiniteFloat
    grain: int
    kind: Literal["sums"] = "sums"
    byte_order: str = sys.byteorder
    format: int = _FORMAT


@dataclass(frozen=True)
class KeptSums:
    """What an earlier run found for the same rows and some labels of them.

    Attributes
    ----------
    sums
        Of those labels.
    codes : ndarray of int64, shape (n,)
        These, `UNLABELLED` where there is none.
    explained : ndarray, shape (n,)
        See :class:`~cgaudit.solve.sums.Figures`.
    """

    sums: Sums
    codes: np.ndarray
    explained: np.ndarray

    def save(self, folder: Path, key: str, *, own: bool) -> None:
        """Write it; an earlier folder is replaced.

        Raises
        ------
        StaleError
            The folder is there and holds something else.
        """
        explained = torch.from_numpy(self.explained)
        header = SumsHeader(
            key=key,
            n=len(self.codes),
            m=self.sums.moments.shape[1],
            n_classes=self.sums.moments.shape[0],
            precision="float32" if explained.dtype == torch.float32 else "float64",
            total=float(self.sums.precision),
            grain=self.sums.grain,
        )
        files = {
            "capacitance.bin": self.sums.capacitance,
            "moments.bin": self.sums.moments,
            "codes.bin": torch.from_numpy(self.codes.astype(np.int32)),
            "explained.bin": explained,
        }
        with writing(folder, header, own=own) as partial:
            for name, numbers in files.items():
                (partial / name).write_bytes(as_bytes(numbers).data)

    @classmethod
    def load(cls, folder: Path, key: str, device: torch.device) -> KeptSums:
        """Read what `save` wrote for the same rows and settings.

        Raises
        ------
        StaleError
            The folder is absent, damaged, or holds what was made from others.
        """
        header = read_sums_header(folder)
        if header.key != key:
            raise StaleError(f"The sums kept in {folder} are those of other features or settings.")
        m, n_classes = header.m, header.n_classes

        def read(name: str, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
            return mapped(folder / name, shape, dtype).clone()

        codes = read("codes.bin", (header.n,), torch.int32).numpy().astype(np.int64)
        if codes.min() < UNLABELLED or codes.max() >= n_classes:
            raise StaleError(f"The sums kept in {folder} are damaged. Delete it.")
        sums = Sums(
            read("capacitance.bin", (m, m), torch.float64).to(device),
            read("moments.bin", (n_classes, m), torch.int64).to(device),
            torch.tensor(header.total, dtype=torch.float64, device=device),
            header.grain,
        )
        dtype = resolve_dtype(header.precision)
        return cls(sums, codes, read("explained.bin", (header.n,), dtype).numpy())


def read_sums_header(folder: Path) -> SumsHeader:
    """Return the header of kept sums.

    Raises
    ------
    StaleError
        There is none that this version and machine can read.
    """
    header = read_header(folder, SumsHeader, "sums")
    refuse_format(folder, "sums", (header.format, header.byte_order), _FORMAT)
    return header


def sums_bytes(n: int, m: int, n_classes: int, precision: str) -> int:
    """Return the size on disk of kept sums."""
    return 8 * m * (m + n_classes) + n * (4 + resolve_dtype(precision).itemsize)


def sums_key(rows: Gathered, codes: np.ndarray, keys: Keys, solving: Solving) -> str:
    """Return what sums are known by: all that they depend on, but the labels.

    Parameters
    ----------
    rows, codes, keys
        As :func:`cgaudit.solve.parted.solve_in_parts` takes them: the rows' features and order,
        which of them have a label at all, and the hashes that landmarks are drawn by.
    solving
        As a plan has settled it.

    Returns
    -------
    str
        An SHA-256, of the machine and versions too: other ones compute other last digits.
    """
    settings = [
        *(solving.fixed_ridge, solving.landmarks, solving.seed, solving.precision),
        made_by(solving.device),
        rows_digest(rows),
    ]
    digest = hashlib.sha256(json.dumps(settings).encode())
    digest.update((codes != UNLABELLED).tobytes())
    digest.update(keys.tobytes())
    return digest.hexdigest()


@dataclass(frozen=True)
class Moves:
    """Rows that go from one class to another.

    Attributes
    ----------
    index : ndarray of int64, shape (b,)
        Rows of the matrix: as many as the blocks have that the rows were summed in, so that those
        that move, which lie where they lay there, have the same features to the last bit. The other
        places are filled with any rows.
    places : ndarray of int64, shape (r,)
        Which of them move.
    before, after : ndarray of int64, shape (r,)
        Their classes.
    """

    index: np.ndarray
    places: np.ndarray
    before: np.ndarray
    after: np.ndarray


def relabelled(
    kept: KeptSums,
    rows: np.ndarray,
    codes: np.ndarray,
    n_classes: int,
    spans: Sequence[tuple[int, int]],
    executor: Executor,
    matrix: Shared,
    prior: Prior,
    known: Shared,
) -> Sums:
    """Return the sums of other labels of the same rows.

    Parameters
    ----------
    kept
        Of an earlier run.
    rows
        int64 (n,), which rows of the matrix these are.
    codes
        int64 (n,), the labels that they have now.
    spans
        The (start, stop) of each part.
    matrix, known
        The matrix and the prior, shared.
    """
    before = _renumbered(kept.codes, codes)
    moments = _merged(kept.sums.moments, kept.codes, before, n_classes)
    changed = np.flatnonzero(before != codes)
    size = batch_rows(prior.basis.size, prior.device.type)
    blocks = list(_blocks(changed, rows, before, codes, spans, size))
    if blocks:
        shared = matrix, known, n_classes, kept.sums.grain
        moments += executor.reduce(moments_of, torch.add, blocks, shared=shared)
    return Sums(kept.sums.capacitance, moments, kept.sums.precision, kept.sums.grain)


def moments_of(
    moves: Moves, matrix: np.ndarray, prior: Prior, n_classes: int, grain: int
) -> Tensor:
    """Return what a block of moves adds to the moments, int64 (K, m); 2 b m d + b m² flop."""
    device = prior.device
    places, before, after = (
        torch.tensor(it).to(device) for it in (moves.places, moves.before, moves.after)
    )
    moved = torch.zeros((n_classes, prior.basis.size), dtype=torch.int64, device=device)
    with full_precision():
        ((_, _, features),) = featured(Gathered(matrix, moves.index), prior)
        noise = prior.noise(features)
        parts = row_moments(features[places], noise[places], grain)
    moved.index_add_(0, after, parts)
    moved.index_add_(0, before, parts, alpha=-1)
    return moved


def _renumbered(before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """Return earlier class numbers as numbers of now.

    A class more or less shifts the numbers of the others. What a class was called does not matter:
    it is taken for the one that most of its rows are in now.
    """
    labelled = before != UNLABELLED
    pairs, counts = np.unique(
        np.stack([before[labelled], now[labelled]]), axis=1, return_counts=True
    )
    order = np.argsort(counts, kind="stable")
    number = np.full(int(before.max(initial=-1)) + 1, UNLABELLED)
    number[pairs[0, order]] = pairs[1, order]
    renumbered = before.copy()
    renumbered[labelled] = number[before[labelled]]
    return renumbered


def _merged(moments: Tensor, before: np.ndarray, renumbered: np.ndarray, n_classes: int) -> Tensor:
    """Return moments by the new numbers of their classes."""
    labelled = before != UNLABELLED
    old, first = np.unique(before[labelled], return_index=True)
    new = renumbered[labelled][first]
    device = moments.device
    merged = torch.zeros((n_classes, moments.shape[1]), dtype=torch.int64, device=device)
    return merged.index_add_(
        0, torch.from_numpy(new).to(device), moments[torch.from_numpy(old).to(device)]
    )


def _blocks(
    changed: np.ndarray,
    rows: np.ndarray,
    before: np.ndarray,
    after: np.ndarray,
    spans: Sequence[tuple[int, int]],
    size: int,
) -> Iterator[Moves]:
    """Yield the changed rows in as few blocks as have room for each in its own place."""
    height, place = _places(changed, after != UNLABELLED, spans, size)
    for of_height in np.unique(height):
        own = np.flatnonzero(height == of_height)
        own = own[np.argsort(place[own], kind="stable")]
        # The first of each place goes into the first block, the second into the second, …
        starts = np.flatnonzero(np.diff(place[own], prepend=-1))
        runs = np.diff(np.append(starts, len(own)))
        turn = np.arange(len(own)) - np.repeat(starts, runs)
        for block in range(int(turn.max()) + 1):
            picked = own[turn == block]
            moved = changed[picked]
            index = np.full(of_height, rows[moved[0]])
            index[place[picked]] = rows[moved]
            yield Moves(index, place[picked], before[moved], after[moved])


def _places(
    changed: np.ndarray, labelled: np.ndarray, spans: Sequence[tuple[int, int]], size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the length of the block that each row was summed in, and its place there."""
    starts, stops = (np.array(ends) for ends in zip(*spans, strict=True))
    counts = np.append(0, np.cumsum(labelled))
    part = np.searchsorted(starts, changed, side="right") - 1
    first, last = counts[starts[part]], counts[stops[part]]
    within = counts[changed] - first
    height = np.minimum(size, last - first - within // size * size)
    return height, within % size
