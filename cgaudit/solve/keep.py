"""Keeping a factor on disk, so that relabelling costs solves only, and a few rows more little else.

A folder of raw arrays and a JSON header; reading it executes nothing. The factor is a file of n²
numbers, the upper half of which is never written (a hole, where the file system has holes). It is
mapped, not read, so that a solve brings in what it needs.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO

import numpy as np
import torch
from pydantic import Field, FiniteFloat
from torch import Tensor

from cgaudit.errors import StaleError
from cgaudit.numerics.contents import Digests, row_digests
from cgaudit.progress import Progress
from cgaudit.reading.files import Damage, bytes_of
from cgaudit.solve.base import DTYPES, RowSource, resolve_device, resolve_dtype, spans
from cgaudit.solve.cholesky import CholeskyFactor
from cgaudit.solve.exact import ExactSolver
from cgaudit.solve.keptfolder import (
    as_bytes,
    made_by,
    mapped,
    read_header,
    refuse_format,
    rows_digest,
    writing,
)
from cgaudit.solve.matrix import CoincidentRows
from cgaudit.solve.options import Solving
from cgaudit.solve.staging import Stage
from cgaudit.solve.updated import Changes, UpdatedSolver

_FORMAT = 3


@dataclass(frozen=True)
class FactorHeader:
    """What a kept factor was made from, and the sizes of its files.

    Attributes
    ----------
    rows_digest
        SHA-256 of the features as they were given.
    ridge, precision
        Of the solver.
    digests
        SHA-256 of the file of the digests of single rows.
    made_by
        By which machine and versions: other ones compute other last digits.
    n, tile
        The factor is (n, n), the inverses of its diagonal tiles (n, tile).
    smallest_pivot
        See :class:`cgaudit.solve.cholesky.CholeskyFactor`.
    byte_order
        ``"little"`` or ``"big"``.
    format
        Of the folder.
    """

    rows_digest: str
    ridge: FiniteFloat
    precision: str
    digests: str
    made_by: str
    n: Annotated[int, Field(ge=1)]
    tile: Annotated[int, Field(ge=1)]
    smallest_pivot: Annotated[FiniteFloat, Field(gt=0)]
    byte_order: str = sys.byteorder
    format: int = _FORMAT


def kept_bytes(n: int, tile: int, precision: str) -> int:
    """Return the size on disk of a kept factor, holes counted as full."""
    return (n * n + n * tile + n) * resolve_dtype(precision).itemsize + 16 * n


def save_factor(solver: ExactSolver, rows: RowSource, folder: Path, *, own: bool = False) -> None:
    """Write the factor and inverse diagonal of a solver; an earlier folder is replaced.

    Parameters
    ----------
    solver
        Solver of `rows`.
    rows
        (n, d), as they were given to the solver.
    folder
        Written under a temporary name beside it and moved into place.
    own
        It lies in `Project.own`, which may be in git's folder.

    Raises
    ------
    StaleError
        The folder is there and holds something else.
    """
    info, factor = solver.info, solver.factor
    digests = row_digests(rows).tobytes()
    header = FactorHeader(
        rows_digest=rows_digest(rows),
        ridge=info.ridge,
        precision=info.precision,
        digests=hashlib.sha256(digests).hexdigest(),
        made_by=made_by(info.device),
        n=solver.n,
        tile=factor.inverses.shape[1],
        smallest_pivot=factor.smallest_pivot,
    )
    with writing(folder, header, own=own) as partial:
        with (partial / "factor.bin").open("wb") as file:
            for start, stop in spans(header.n, header.tile):
                _write_rows(file, start, factor.matrix[start:stop, :stop], header.n)
            file.truncate(header.n * header.n * factor.matrix.element_size())
        (partial / "inverses.bin").write_bytes(as_bytes(factor.inverses).data)
        (partial / "diagonal.bin").write_bytes(as_bytes(solver.inverse_diagonal()).data)
        (partial / "digests.bin").write_bytes(digests)


def load_factor(
    folder: Path,
    rows: RowSource,
    solving: Solving,
    *,
    streamed: bool = False,
    progress: Progress | None = None,
) -> ExactSolver:
    """Return the solver whose factor a folder holds.

    Parameters
    ----------
    folder
        Written by :func:`save_factor`.
    rows, solving
        What the solver is wanted for; rows, ridge and precision are compared with what the factor
        was made from. On the CPU the factor stays mapped from disk; on CUDA it is copied.
    streamed
        Leave it mapped on CUDA too, and copy parts of it as they are needed.

    Raises
    ------
    StaleError
        The folder is absent, damaged, or was made from other features, ridge or precision.
    """
    header = read_factor_header(folder)
    _refuse_another(folder, header, {"rows_digest": rows_digest(rows)}, solving)
    factor, diagonal = _mapped_factor(folder, header, solving, streamed=streamed)
    return ExactSolver(rows, solving, progress=progress, factor=factor, inverse_diagonal=diagonal)


def update_factor(
    folder: Path, rows: RowSource, solving: Solving, *, progress: Progress | None = None
) -> UpdatedSolver:
    """Return the solver of rows of which most are those of the factor that a folder holds.

    What is in the folder stays as it is.

    Parameters
    ----------
    folder, rows, solving, progress
        As for `load_factor`.

    Raises
    ------
    StaleError
        As `load_factor`; too many rows differ; or it is not in float64 on a CPU, where the scores
        are the same bytes, with a ridge that tells all rows apart.
    FactorisationError
        The rows are, to rounding, combinations of each other.
    """
    header = read_factor_header(folder)
    _refuse_another(folder, header, {}, solving)
    dtype = resolve_dtype(header.precision)
    may = dtype == torch.float64 and resolve_device(solving.device).type == "cpu"
    if not may or CoincidentRows(header.ridge, dtype).possible:
        raise StaleError(f"The factor kept in {folder} is for its own rows alone. Factor anew.")
    changes = Changes.between(_digests(folder, header), row_digests(rows))
    if not changes.pays:
        raise StaleError(
            f"The factor kept in {folder} was made with {len(changes.removed):,} other rows and "
            f"without {len(changes.added):,} of these. Factor anew."
        )
    factor, diagonal = _mapped_factor(folder, header, solving, streamed=False)
    return UpdatedSolver(rows, solving, factor, diagonal, changes, progress)


def _refuse_another(
    folder: Path, header: FactorHeader, rows: Mapping[str, str], solving: Solving
) -> None:
    wanted = {
        **rows,
        "ridge": solving.fixed_ridge,
        "precision": solving.precision,
        "made_by": made_by(solving.device),
    }
    differs = [name for name, value in wanted.items() if getattr(header, name) != value]
    if differs:
        raise StaleError(
            f"The factor kept in {folder} was made with another {', '.join(differs)}. "
            "Delete the folder, or factor anew."
        )


def _mapped_factor(
    folder: Path, header: FactorHeader, solving: Solving, *, streamed: bool
) -> tuple[CholeskyFactor, Tensor]:
    """Return a kept factor and the diagonal of its inverse."""
    place, dtype = resolve_device(solving.device), resolve_dtype(header.precision)
    matrix = mapped(folder / "factor.bin", (header.n, header.n), dtype)
    factor = CholeskyFactor(
        matrix if streamed else matrix.to(place),
        mapped(folder / "inverses.bin", (header.n, header.tile), dtype).to(place),
        header.smallest_pivot,
        Stage(place, copies=streamed),
    )
    return factor, mapped(folder / "diagonal.bin", (header.n,), dtype).to(place)


def _digests(folder: Path, header: FactorHeader) -> Digests:
    try:
        content = bytes_of(folder / "digests.bin")
    except (FileNotFoundError, Damage):
        content = b""
    if hashlib.sha256(content).hexdigest() != header.digests or len(content) != 16 * header.n:
        raise StaleError(f"{folder / 'digests.bin'} is missing or damaged. Delete {folder}.")
    return np.frombuffer(content, dtype=np.uint64).reshape(header.n, 2)


def read_factor_header(folder: Path) -> FactorHeader:
    """Return the header of a kept factor.

    Raises
    ------
    StaleError
        There is none, or it is not one that this version and machine can read.
    """
    header = read_header(folder, FactorHeader, "factor")
    if header.precision not in DTYPES:
        raise StaleError(f"The factor kept in {folder} has no precision that is known. Delete it.")
    refuse_format(folder, "factor", (header.format, header.byte_order), _FORMAT)
    return header


def _write_rows(file: BinaryIO, first: int, rows: Tensor, width: int) -> None:
    """Write the beginnings of rows of a matrix of some width; what follows them is a hole.

    Not through mapped memory: a full disk would kill the process there, and is an error here.
    """
    size = rows.element_size()
    for number, row in enumerate(as_bytes(rows), start=first):
        file.seek(number * width * size)
        file.write(row.data)
