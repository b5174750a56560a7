"""Keeping a factor on disk, so that relabelling costs solves only.

A folder of raw arrays and a JSON header; reading it executes nothing. The factor is a file of n²
numbers, the upper half of which is never written (a hole, where the file system has holes). It is
mapped, not read, so that a solve brings in what it needs.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, BinaryIO

import numpy as np
import torch
from pydantic import Field, FiniteFloat, TypeAdapter, ValidationError
from torch import Tensor

from cgaudit.errors import StaleError
from cgaudit.files import replacing_folder
from cgaudit.progress import Progress
from cgaudit.reading.files import Damage, bytes_of
from cgaudit.solve.base import (
    DTYPES,
    RowSource,
    as_tensor,
    resolve_device,
    resolve_dtype,
    spans,
)
from cgaudit.solve.cholesky import CholeskyFactor
from cgaudit.solve.exact import ExactSolver
from cgaudit.solve.options import Solving
from cgaudit.solve.staging import Stage
from cgaudit.wording.text import one_line

_HEADER = "header.json"
_FORMAT = 1
_ROWS_AT_ONCE = 4096


@dataclass(frozen=True)
class FactorHeader:
    """What a kept factor was made from, and the sizes of its files.

    Attributes
    ----------
    rows_digest
        SHA-256 of the features as they were given.
    ridge, precision
        Of the solver.
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
    n: Annotated[int, Field(ge=1)]
    tile: Annotated[int, Field(ge=1)]
    smallest_pivot: Annotated[FiniteFloat, Field(gt=0)]
    byte_order: str = sys.byteorder
    format: int = _FORMAT


def kept_bytes(n: int, tile: int, precision: str) -> int:
    """Return the size on disk of a kept factor, holes counted as full."""
    return (n * n + n * tile + n) * resolve_dtype(precision).itemsize


def save_factor(solver: ExactSolver, rows: RowSource, folder: Path) -> None:
    """Write the factor and inverse diagonal of a solver; an earlier folder is replaced.

    Parameters
    ----------
    solver
        Solver of `rows`.
    rows
        (n, d), as they were given to the solver.
    folder
        Written under a temporary name beside it and moved into place.

    Raises
    ------
    StaleError
        The folder is there and holds something else.
    """
    info, factor = solver.info, solver.factor
    header = FactorHeader(
        rows_digest=rows_digest(rows),
        ridge=info.ridge,
        precision=info.precision,
        n=solver.n,
        tile=factor.inverses.shape[1],
        smallest_pivot=factor.smallest_pivot,
    )
    _refuse_another(folder)
    with replacing_folder(folder) as partial:
        (partial / _HEADER).write_text(json.dumps(asdict(header), indent=1) + "\n")
        with (partial / "factor.bin").open("wb") as file:
            for start, stop in spans(header.n, header.tile):
                _write_rows(file, start, factor.matrix[start:stop, :stop], header.n)
            file.truncate(header.n * header.n * factor.matrix.element_size())
        (partial / "inverses.bin").write_bytes(_as_bytes(factor.inverses).data)
        (partial / "diagonal.bin").write_bytes(_as_bytes(solver.inverse_diagonal()).data)


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
    header = read_header(folder)
    wanted = {
        "rows_digest": rows_digest(rows),
        "ridge": solving.fixed_ridge,
        "precision": solving.precision,
    }
    differs = [name for name, value in wanted.items() if getattr(header, name) != value]
    if differs:
        raise StaleError(
            f"The factor kept in {folder} was made with another {', '.join(differs)}. "
            "Delete the folder, or factor anew."
        )
    place = resolve_device(solving.device)
    matrix = _mapped(folder / "factor.bin", (header.n, header.n), header)
    factor = CholeskyFactor(
        matrix if streamed else matrix.to(place),
        _mapped(folder / "inverses.bin", (header.n, header.tile), header).to(place),
        header.smallest_pivot,
        Stage(place, copies=streamed),
    )
    diagonal = _mapped(folder / "diagonal.bin", (header.n,), header).to(place)
    return ExactSolver(
        rows,
        solving,
        progress=progress,
        factor=factor,
        inverse_diagonal=diagonal,
    )


def read_header(folder: Path) -> FactorHeader:
    """Return the header of a kept factor.

    Raises
    ------
    StaleError
        There is none, or it is not one that this version and machine can read.
    """
    try:
        header = _as_header().validate_json(bytes_of(folder / _HEADER), strict=True)
    except FileNotFoundError:
        raise StaleError(f"{folder} holds no kept factor.") from None
    except (Damage, ValidationError) as error:
        raise StaleError(
            f"{folder} holds no kept factor that can be read ({one_line(error)[:300]}). Delete it."
        ) from None
    if header.precision not in DTYPES:
        raise StaleError(f"The factor kept in {folder} has no precision that is known. Delete it.")
    if (header.format, header.byte_order) != (_FORMAT, sys.byteorder):
        raise StaleError(
            f"The factor kept in {folder} has format {header.format} and byte order "
            f"{header.byte_order}; this machine reads {_FORMAT} and {sys.byteorder}. Delete it."
        )
    return header


@cache
def _as_header() -> TypeAdapter[FactorHeader]:
    return TypeAdapter(FactorHeader)


def rows_digest(rows: RowSource) -> str:
    """Return the SHA-256 of the features' shape, dtype and bytes."""
    digest = hashlib.sha256(repr(tuple(rows.shape)).encode())
    for start, stop in spans(rows.shape[0], _ROWS_AT_ONCE):
        batch = as_tensor(rows[start:stop]).cpu().contiguous()
        digest.update(str(batch.dtype).encode())
        digest.update(batch.view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _write_rows(file: BinaryIO, first: int, rows: Tensor, width: int) -> None:
    """Write the beginnings of rows of a matrix of some width; what follows them is a hole.

    Not through mapped memory: a full disk would kill the process there, and is an error here.
    """
    size = rows.element_size()
    for number, row in enumerate(_as_bytes(rows), start=first):
        file.seek(number * width * size)
        file.write(row.data)


def _as_bytes(numbers: Tensor) -> np.ndarray:
    found: np.ndarray = numbers.cpu().contiguous().view(torch.uint8).numpy()
    return found


def _mapped(path: Path, shape: tuple[int, ...], header: FactorHeader) -> Tensor:
    """Return a file's numbers, mapped."""
    dtype = resolve_dtype(header.precision)
    size = 1
    for length in shape:
        size *= length
    if not path.is_file() or path.stat().st_size != size * dtype.itemsize:
        raise StaleError(f"{path} is missing or has the wrong size. Delete {path.parent}.")
    return torch.from_file(str(path), shared=False, size=size, dtype=dtype).view(shape)


def _refuse_another(folder: Path) -> None:
    """Refuse to replace a folder that holds anything but a kept factor."""
    if folder.exists() and any(folder.iterdir()) and not (folder / _HEADER).is_file():
        raise StaleError(f"{folder} exists and holds no kept factor. Name another folder.")
