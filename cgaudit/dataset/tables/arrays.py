"""NumPy's files, ``.npy`` and ``.npz``. No pickle is ever read."""

from __future__ import annotations

import lzma
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from cgaudit.dataset.tables.cells import Cells, floats_as_text, well_formed
from cgaudit.errors import LabelsError, SourceError
from cgaudit.reading.arrays import mapped_npy, of_characters
from cgaudit.reading.files import Damage
from cgaudit.wording.text import one_line

ARRAY_SUFFIXES = frozenset({".npy", ".npz"})
LABEL_NAMES = ("labels", "label", "y", "targets", "target")

#: How an ``.npz``, which is a zip archive, begins.
_ZIP = b"PK"
#: What NumPy raises where an archive is damaged: a header is Python source, a body may be packed.
_UNREADABLE = (
    *(ValueError, TypeError, KeyError, OSError, EOFError, OverflowError, RuntimeError),
    *(SyntaxError, tokenize.TokenError, struct.error),
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError),
)


def load_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read an ``.npz``'s arrays by name, or a memory-mapped ``.npy`` under the name ``""``.

    Raises
    ------
    SourceError
        The file is damaged, no array file, or would need pickle.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(len(_ZIP)) == _ZIP
        return _packed(path) if packed else {"": mapped_npy(path)}
    except MemoryError:
        reason = "it says that it holds more than fits in memory"
    except Damage as damage:
        reason = str(damage)
    except _UNREADABLE as error:
        reason = one_line(error).rstrip(".")
        if "pickle" in reason or "Python objects" in reason:
            reason = "it holds Python objects (pickle)"
    raise SourceError(
        f"{path} cannot be read: {reason}. "
        "Save it with numpy.save or numpy.savez, of numbers or text, without dtype=object."
    )


def _packed(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as archive:
        # A member that is no array is bytes.
        return {name: of_characters(np.asarray(archive[name])) for name in archive.files}


def array_as_text(values: np.ndarray, where: str) -> Cells:
    """Return a one-dimensional array as text; NaN and empty text as None.

    Raises
    ------
    LabelsError
        The array has another shape or holds no text, whole numbers, floats or booleans.
    """
    if values.ndim != 1:
        raise LabelsError(
            f"{where} has the shape {values.shape}; one value per row is needed, shape (n,)."
        )
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "backslashreplace")
    if values.dtype.kind == "f":
        return floats_as_text(values.tolist())
    if values.dtype.kind not in "Uiub":
        raise LabelsError(f"{where} has the dtype {values.dtype}; text or numbers are needed.")
    return [well_formed(str(value)) or None for value in values.tolist()]


def first_named(arrays: Mapping[str, np.ndarray], names: Sequence[str]) -> str | None:
    """Return the first of some names that an array has, None where none has it."""
    return next((name for name in names if name in arrays), None)
