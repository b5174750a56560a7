"""NumPy's files, ``.npy`` and ``.npz``: sizes are compared before anything is read; no pickle."""

from __future__ import annotations

import ast
import io
import math
import struct
import sys
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from cgaudit.reading.files import Damage, brief, opened

#: Deflate can make a thousand times of a file; arrays that mean something come nowhere near this.
_FREE_BYTES, _TIMES = 64 << 20, 20
_MOST_MEMBERS = 1000
_SUFFIX = ".npy"

_NO_HEADER = (
    *(ValueError, SyntaxError, TypeError, KeyError, AttributeError, EOFError),
    *(tokenize.TokenError, RecursionError, MemoryError, OverflowError),
)
_NO_ZIP = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, OSError, EOFError),
    *(NotImplementedError, RuntimeError, ValueError, OverflowError),
)


class Header(NamedTuple):
    """What a ``.npy`` file says of its array, and where the array begins."""

    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[Any]
    start: int

    @property
    def size(self) -> int:
        """The bytes of the array."""
        return math.prod(self.shape) * self.dtype.itemsize


def npy_array(data: bytes) -> np.ndarray:
    """Return the array in the bytes of a ``.npy`` file.

    Raises
    ------
    Damage
        They are none, hold Python objects, or fewer or more bytes than the header asks for.
    """
    header = _header(io.BytesIO(data), len(data))
    # Of bytes that may change: PyTorch takes no others.
    found = np.frombuffer(bytearray(data), header.dtype, math.prod(header.shape), header.start)
    return of_characters(found).reshape(header.shape, order="F" if header.fortran else "C")


def mapped_npy(path: Path) -> np.ndarray:
    """Return the array of a ``.npy`` file, mapped from disk, read only.

    Raises
    ------
    FileNotFoundError
        There is no file.
    Damage
        As `npy_array`; or it is no regular file.
    """
    with opened(path) as file:
        header = _header(file, file.seek(0, 2))
        if not header.size:
            return np.zeros(header.shape, header.dtype)
        order = "F" if header.fortran else "C"
        mapped = np.memmap(file, header.dtype, "r", header.start, header.shape, order)  # type: ignore[call-overload]
        return of_characters(mapped)


def npz_arrays(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of an ``.npz`` file, by name.

    Raises
    ------
    FileNotFoundError
        There is no file.
    Damage
        It is none, its arrays are far larger than the file, or one of them is as for `npy_array`.
    """
    with opened(path) as file:
        size = file.seek(0, 2)
        try:
            with zipfile.ZipFile(file) as archive:
                _check_members(archive.infolist(), size)
                contents = {it.filename: archive.read(it) for it in archive.infolist()}
        except Damage:
            raise
        except _NO_ZIP as error:
            raise Damage(f"it is no .npz file: {brief(error)}") from None
    return {
        name.removesuffix(_SUFFIX): _member(name, content) for name, content in contents.items()
    }


def of_characters(array: np.ndarray) -> np.ndarray:
    """Return an array, the texts of which NumPy can give back: it takes any number for a character.

    Raises
    ------
    Damage
        A number in a text is no character of Unicode.
    """
    if array.dtype.kind == "U" and array.dtype.itemsize:
        flat = np.ascontiguousarray(array).reshape(-1)
        codes = flat.view(np.dtype(np.uint32).newbyteorder(array.dtype.byteorder))
        if codes.max(initial=0) > sys.maxunicode:
            raise Damage("it holds text of which a part is no character")
    return array


def _member(name: str, content: bytes) -> np.ndarray:
    try:
        return npy_array(content)
    except Damage as damage:
        raise Damage(f"{name}: {damage}") from None


def _check_members(members: list[zipfile.ZipInfo], size: int) -> None:
    names = [it.filename for it in members]
    if len(names) > _MOST_MEMBERS or len(set(names)) < len(names):
        raise Damage("it holds too many arrays, or one twice")
    if odd := [name for name in names if not name.endswith(_SUFFIX)]:
        raise Damage(f"it holds {odd[0][:80]!r}, which is no array")
    asked = sum(it.file_size for it in members)
    if asked > _FREE_BYTES + _TIMES * size:
        raise Damage(f"{size:,} bytes that say they hold {asked:,} are not read")


def _header(file: BinaryIO, size: int) -> Header:
    try:
        file.seek(0)
        version = np.lib.format.read_magic(file)
        if version not in ((1, 0), (2, 0)):
            raise Damage(f"it has the version {version} of the .npy format")
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        _refuse_odd(file, version)
        shape, fortran, dtype = read(file)
    except Damage:
        raise
    except _NO_HEADER as error:
        raise Damage(f"its .npy header cannot be read: {brief(error)}") from None
    header = Header(shape, fortran, dtype, file.tell())
    held = size - header.start
    if dtype.hasobject:
        raise Damage("it holds Python objects (pickle), which are never read")
    if not dtype.itemsize or any(length < 0 for length in shape):
        raise Damage(f"its .npy header has the shape {shape} of {dtype}")
    if header.size != held:
        raise Damage(f"its .npy header asks for {header.size:,} bytes, and there are {held:,}")
    return header


def _refuse_odd(file: BinaryIO, version: tuple[int, int]) -> None:
    """Refuse a header that is no literal of Python: NumPy would warn and try others."""
    start = file.tell()
    form = "<H" if version == (1, 0) else "<I"
    (length,) = struct.unpack(form, file.read(struct.calcsize(form)))
    text = file.read(min(length, 10_000)).decode("latin-1")
    ast.literal_eval(text)
    file.seek(start)
