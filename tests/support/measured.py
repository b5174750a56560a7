"""Real labels that are numbers: scikit-learn's diabetes patients, some typed with a nought more."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.datasets import load_diabetes

#: One in twenty.
WRONG = 22
#: Of the first rows, one says nothing.
UNREAD = "p0005"


def wrong_ids() -> list[str]:
    """Return the ids of the values that are ten times too large."""
    rows = np.random.default_rng(0).choice(442, WRONG, replace=False)
    return [f"p{row:04d}" for row in sorted(rows)]


def patients(path: Path, write: str = "{}") -> bytes:
    """Write a table with the columns id, ten measurements and target; return its bytes.

    Parameters
    ----------
    path
        The file.
    write
        How a value is written, as `str.format` takes it.
    """
    frame = load_diabetes(as_frame=True, scaled=False).frame
    frame.insert(0, "id", [f"p{row:04d}" for row in range(len(frame))])
    values = frame["target"].astype(int)
    values = values.where(~frame["id"].isin(wrong_ids()), values * 10)
    frame["target"] = [write.format(value) for value in values]
    frame.loc[frame["id"] == UNREAD, "target"] = "n/a"
    frame.to_csv(path, index=False, lineterminator="\n")
    return path.read_bytes()
