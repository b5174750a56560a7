"""A folder of what does not depend on labels, kept from one run to the next.

Raw arrays and a JSON header that says what they were made from; reading it executes nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import torch
from pydantic import TypeAdapter, ValidationError
from torch import Tensor

from cgaudit.errors import StaleError
from cgaudit.files import replacing_folder, replacing_own_folder
from cgaudit.numerics import kernel
from cgaudit.reading.files import Damage, bytes_of
from cgaudit.solve.base import RowSource, as_tensor, resolve_device, spans
from cgaudit.wording.text import one_line

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Header = TypeVar("Header", bound=DataclassInstance)
else:
    Header = TypeVar("Header")

HEADER = "header.json"
_ROWS_AT_ONCE = 4096

#: Environment variables that choose among a processor's instructions.
_INSTRUCTIONS = ("MKL_ENABLE_INSTRUCTIONS", "MKL_CBWR", "ONEDNN_MAX_CPU_ISA")


def read_header(folder: Path, kind: type[Header], what: str) -> Header:
    """Return the header of a kept folder.

    Parameters
    ----------
    kind
        Of the header: a dataclass that pydantic can check.
    what
        Is kept, for the message.

    Raises
    ------
    StaleError
        There is none, or it is not of that kind.
    """
    try:
        return _adapter(kind).validate_json(bytes_of(folder / HEADER), strict=True)  # type: ignore[return-value]
    except FileNotFoundError:
        raise StaleError(f"{folder} holds no kept {what}.") from None
    except (Damage, ValidationError) as error:
        raise StaleError(
            f"{folder} holds no kept {what} that can be read ({one_line(error)[:300]}). Delete it."
        ) from None


@cache
def _adapter(kind: type[object]) -> TypeAdapter[object]:
    return TypeAdapter(kind)


def refuse_format(folder: Path, what: str, found: tuple[int, str], known: int) -> None:
    """Raise StaleError where (format, byte order) are not those that this machine reads."""
    if found != (known, sys.byteorder):
        raise StaleError(
            f"The {what} kept in {folder} has format {found[0]} and byte order {found[1]}; this "
            f"machine reads {known} and {sys.byteorder}. Delete it."
        )


@contextmanager
def writing(folder: Path, header: DataclassInstance, *, own: bool) -> Iterator[Path]:
    """Yield an empty folder that holds the header; it takes the place of an earlier one when done.

    Parameters
    ----------
    own
        The folder lies in `Project.own`, which may be in git's.

    Raises
    ------
    StaleError
        The folder is there, is not our own and holds something else.
    """
    if not own and _is_another(folder):
        raise StaleError(f"{folder} exists and holds no kept factor or sums. Name another folder.")
    with (replacing_own_folder if own else replacing_folder)(folder) as partial:
        (partial / HEADER).write_text(json.dumps(asdict(header), indent=1) + "\n")
        yield partial


def _is_another(folder: Path) -> bool:
    """Whether a folder holds anything but what is kept, which nobody wants replaced."""
    return folder.exists() and any(folder.iterdir()) and not (folder / HEADER).is_file()


def mapped(path: Path, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """Return a file's numbers, mapped.

    Raises
    ------
    StaleError
        There are not as many.
    """
    size = 1
    for length in shape:
        size *= length
    if not path.is_file() or path.stat().st_size != size * dtype.itemsize:
        raise StaleError(f"{path} is missing or has the wrong size. Delete {path.parent}.")
    if not size:
        return torch.empty(shape, dtype=dtype)
    return torch.from_file(str(path), shared=False, size=size, dtype=dtype).view(shape)


def as_bytes(numbers: Tensor) -> np.ndarray:
    """Return the bytes of numbers."""
    found: np.ndarray = numbers.cpu().contiguous().view(torch.uint8).numpy()
    return found


def rows_digest(rows: RowSource) -> str:
    """Return the SHA-256 of the features' shape, dtype and bytes."""
    digest = hashlib.sha256(repr(tuple(rows.shape)).encode())
    for start, stop in spans(rows.shape[0], _ROWS_AT_ONCE):
        batch = as_tensor(rows[start:stop]).cpu().contiguous()
        digest.update(str(batch.dtype).encode())
        digest.update(batch.view(torch.uint8).numpy().data)
    return digest.hexdigest()


def made_by(device: str) -> str:
    """Name all that the last digits of a computation depend on, but its input: an SHA-256."""
    place = resolve_device(device)
    named = [
        *(_program(), torch.__version__, torch.backends.cpu.get_cpu_capability(), place.type),
        _processor() if place.type == "cpu" else torch.cuda.get_device_name(place),
        *(os.environ.get(name, "") for name in _INSTRUCTIONS),
    ]
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()


@cache
def _program() -> str:
    """Return an SHA-256 of the modules that compute what is kept."""
    digest = hashlib.sha256()
    for folder in (Path(__file__).parent, Path(kernel.__file__).parent):
        for file in sorted(folder.glob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


@cache
def _processor() -> str:
    """Return the processor's name as the system has it."""
    described = Path("/proc/cpuinfo")
    if described.is_file():
        lines = described.read_text(errors="replace").splitlines()
        return next((line for line in lines if line.startswith("model name")), platform.machine())
    return platform.processor()
