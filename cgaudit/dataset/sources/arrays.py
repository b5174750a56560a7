"""Features that somebody computed: ``.npy`` and ``.npz``. No pickle is ever read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from cgaudit.dataset.hashing import row_md5s
from cgaudit.dataset.samples import Sample, samples_table, skipped_table
from cgaudit.dataset.source import Loader, SourceKind, is_no_row
from cgaudit.dataset.tables import (
    LABEL_NAMES,
    Cells,
    array_as_text,
    first_named,
    load_arrays,
    refuse_nonfinite,
)
from cgaudit.errors import FeatureError, SourceError
from cgaudit.wording.text import shown

FEATURE_NAMES = ("features", "X", "x", "embeddings", "embedding", "vectors")
ID_NAMES = ("ids", "id", "sample_ids")

_ROWS_AT_ONCE = 4096


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
        name = first_named(arrays, names)
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

    def lacks(self, path: str) -> bool:
        """Tell whether there is no row of that number, or it is none."""
        return is_no_row(path, len(self._vectors))

    def picture(self, path: str) -> Image.Image | None:
        """Return None: numbers have no picture."""
        return None

    def excerpt(self, path: str) -> str | None:
        """Return None: numbers are nothing to read."""
        return None


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


def _feature_array(path: Path, arrays: Mapping[str, np.ndarray]) -> str:
    if "" in arrays:
        return ""
    tables = [
        name for name, array in arrays.items() if array.ndim >= 2 and array.dtype.kind in "fiub"
    ]
    name = first_named(arrays, FEATURE_NAMES) or (tables[0] if len(tables) == 1 else None)
    if name is None:
        raise SourceError(
            f"{path} holds no array of features: its arrays are {shown(arrays)}; "
            f"features are called {shown(FEATURE_NAMES)}."
        )
    return name
