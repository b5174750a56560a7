"""Features that somebody computed: ``.npy`` and ``.npz``. No pickle is ever read."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from cgaudit.dataset.hashing import row_md5s
from cgaudit.dataset.samples import Sample, samples_table, skipped_table
from cgaudit.dataset.source import Loader, SourceKind
from cgaudit.dataset.tables import Cells, floats_as_text, well_formed
from cgaudit.errors import FeatureError, LabelsError, SourceError, shown

ARRAY_SUFFIXES = frozenset({".npy", ".npz"})
FEATURE_NAMES = ("features", "X", "x", "embeddings", "embedding", "vectors")
LABEL_NAMES = ("labels", "label", "y", "targets", "target")
ID_NAMES = ("ids", "id", "sample_ids")

_ROWS_AT_ONCE = 4096
_SHOWN = 5


class ArrayFeatures:
    """Rows of numbers from ``.npy`` (memory-mapped) or ``.npz``, with its labels and ids if any.

    In an ``.npz`` the features are called one of `FEATURE_NAMES`, or are its only table of numbers;
    labels and ids, if any, one of `LABEL_NAMES` and `ID_NAMES`.

    Raises
    ------
    SourceError
        The file is no array file, would need pickle, or holds no features.
    FeatureError
        The features are no (n, d) table of finite real numbers, or the labels are not n.
    """

    kind: SourceKind = "features"

    def __init__(self, root: Path) -> None:
        self.root = root
        arrays = load_arrays(root)
        name = _feature_array(root, arrays)
        self._vectors = check_features(arrays[name], root)
        count, width = self._vectors.shape
        array = f", array {name!r}" if name else ""
        self.notes = [f"{count:,} rows of {width:,} features in {root}{array}"]
        self._labels = self._column(arrays, LABEL_NAMES, "label", count)
        self._ids = self._column(arrays, ID_NAMES, "id", count)

    def _column(
        self, arrays: Mapping[str, np.ndarray], names: Sequence[str], role: str, count: int
    ) -> Cells:
        name = _named(arrays, names)
        if name is None:
            return [None] * count
        cells = array_as_text(arrays[name], f"array {name!r} of {self.root}")
        if len(cells) != count:
            raise FeatureError(
                f"{self.root} has {count} rows of features but {len(cells)} of {name!r}. "
                "Each row needs one."
            )
        self.notes.append(f"{role}s: array {name!r}")
        return cells

    def samples(
        self, known_hashes: Mapping[str, str] | None = None
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return one sample per row; nothing is ever skipped."""
        hashes = row_md5s(self._vectors)
        rows = enumerate(zip(hashes, self._labels, self._ids, strict=True))
        samples = (Sample(str(i), digest, label, None, id_) for i, (digest, label, id_) in rows)
        return samples_table(samples), skipped_table(())

    def loaders(self, paths: Sequence[str]) -> Iterator[Loader]:
        """Yield a loader of a (d,) array for each row number, in the file's order."""
        for row in sorted(map(int, paths)):
            yield Loader(str(row), partial(self._vectors.__getitem__, row))

    def picture(self, path: str) -> Image.Image | None:
        """Return None: numbers have no picture."""
        return None

    def excerpt(self, path: str) -> str | None:
        """Return None: numbers are nothing to read."""
        return None


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


def labels_from_arrays(path: Path) -> Cells:
    """Return the labels in an ``.npy``, or an ``.npz`` with one of `LABEL_NAMES`, as text.

    Raises
    ------
    LabelsError
        The file is missing, or holds no one-dimensional array of labels.
    """
    if not path.is_file():
        raise LabelsError(f"{path} does not exist. Check the path of the labels (source.labels).")
    arrays = load_arrays(path)
    name = "" if "" in arrays else _named(arrays, LABEL_NAMES)
    if name is None:
        raise LabelsError(
            f"{path} holds no labels: its arrays are {shown(arrays)}; "
            f"labels are called {shown(LABEL_NAMES)}."
        )
    return array_as_text(arrays[name], str(path))


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


def check_features(values: np.ndarray, where: object) -> np.ndarray:
    """Return the features if they are an (n, d) table of numbers that are finite in float32.

    Raises
    ------
    FeatureError
        Naming the first rows and columns that are not.
    """
    if values.ndim != 2:
        remedy = "Flatten each sample: X.reshape(len(X), -1)." if values.ndim > 2 else ""
        raise FeatureError(
            f"{where}: features have the shape {values.shape}; (rows, columns) is needed. {remedy}"
        )
    if values.dtype.kind not in "fiub":
        raise FeatureError(f"{where}: features have the dtype {values.dtype}; numbers are needed.")
    if not values.size:
        raise FeatureError(f"{where}: features are empty, shape {values.shape}.")
    for start in range(0, len(values), _ROWS_AT_ONCE):
        refuse_nonfinite(values[start : start + _ROWS_AT_ONCE], start, where)
    return values


def refuse_nonfinite(rows: np.ndarray, first: int, where: object) -> None:
    """Raise FeatureError where a value is NaN or infinite once it is float32."""
    with np.errstate(over="ignore"):
        bad = ~np.isfinite(rows.astype(np.float32))
    if not bad.any():
        return
    at_row, at_column = np.nonzero(bad)
    places = [f"row {first + r} column {c}" for r, c in zip(at_row, at_column, strict=True)]
    several = f" and {len(places) - _SHOWN} more nearby" if len(places) > _SHOWN else ""
    raise FeatureError(
        f"{where}: NaN or infinite (as float32) at {', '.join(places[:_SHOWN])}{several} "
        "(counted from 0). Replace or remove these values."
    )


def _named(arrays: Mapping[str, np.ndarray], names: Sequence[str]) -> str | None:
    return next((name for name in names if name in arrays), None)


def _feature_array(path: Path, arrays: Mapping[str, np.ndarray]) -> str:
    if "" in arrays:
        return ""
    tables = [
        name for name, array in arrays.items() if array.ndim >= 2 and array.dtype.kind in "fiub"
    ]
    name = _named(arrays, FEATURE_NAMES) or (tables[0] if len(tables) == 1 else None)
    if name is None:
        raise SourceError(
            f"{path} holds no array of features: its arrays are {shown(arrays)}; "
            f"features are called {shown(FEATURE_NAMES)}."
        )
    return name
