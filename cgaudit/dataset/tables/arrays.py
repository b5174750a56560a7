"""NumPy's files, ``.npy`` and ``.npz``. No pickle is ever read."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from cgaudit.dataset.tables.cells import Cells, floats_as_text, well_formed
from cgaudit.errors import LabelsError, SourceError

ARRAY_SUFFIXES = frozenset({".npy", ".npz"})
LABEL_NAMES = ("labels", "label", "y", "targets", "target")


def load_arrays(path: Path) -> dict[str, np.ndarray]:
    """Read an ``.npz``'s arrays by name, or a memory-mapped ``.npy`` under the name ``""``.

    Raises
    ------
    SourceError
        The file is damaged, no array file, or would need pickle.
    """
    try:
        opened = np.load(path, mmap_mode="r", allow_pickle=False)
        if isinstance(opened, np.ndarray):
            return {"": opened}
        with opened as archive:
            return {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        reason = " ".join(str(error).split()).rstrip(".")
        if "pickle" in reason or "Python objects" in reason:
            reason = "it is no NumPy file, or holds Python objects (pickle)"
        raise SourceError(
            f"{path} cannot be read: {reason}. "
            "Save it with numpy.save or numpy.savez, of numbers or text, without dtype=object."
        ) from None


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
