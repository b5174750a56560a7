"""Probabilities of all classes, by a model that never saw the sample, as cleanlab takes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from cgaudit.dynamics.log import Log
from cgaudit.errors import InputError, TableError
from cgaudit.reading.arrays import mapped_npy
from cgaudit.reading.files import Damage

#: How far from 1 a row may sum: float32 and rounding to a few digits.
_SLACK = 0.01


def read_probabilities(path: Path, labels: Mapping[str, str]) -> Log:
    """Read an ``.npy`` of n × K numbers, rows and columns as ``cgaudit export --to cleanlab`` has.

    Row i is the i-th labelled sample by id, column k the k-th label, both sorted.

    Parameters
    ----------
    path
        The file.
    labels
        The given label of each labelled sample, by id, sorted by id.

    Raises
    ------
    InputError
        There is no such file.
    TableError
        It is no such array, or of other samples or classes.
    """
    try:
        values = np.asarray(mapped_npy(path))
    except FileNotFoundError:
        raise InputError(f"There is no {path}. Name the array of probabilities.") from None
    except Damage as damage:
        raise TableError(f"{path} cannot be read: {damage}.") from None
    classes = sorted(set(labels.values()))
    wanted = (len(labels), len(classes))
    if values.shape != wanted or values.dtype.kind != "f":
        raise TableError(
            f"{path} holds {values.dtype} of shape {values.shape}; there are {wanted[0]:,} "
            f"labelled samples and {wanted[1]:,} classes. Give a row to each labelled sample, "
            "sorted by id, and a column to each class, sorted: ids.csv and classes.json of "
            "`cgaudit export --to cleanlab` have both orders."
        )
    p = values.astype(np.float64)
    if not (np.isfinite(p).all() and (p >= 0).all() and np.abs(p.sum(axis=1) - 1).max() < _SLACK):
        raise TableError(f"{path} holds rows that are no probabilities: each must sum to 1.")
    place = {name: at for at, name in enumerate(classes)}
    own = np.array([place[label] for label in labels.values()])
    given = p[np.arange(len(p)), own]
    others = p.copy()
    others[np.arange(len(p)), own] = -1
    agrees = (given > others.max(axis=1)).astype(np.float64)[:, None]
    margin = np.full((len(p), 1), np.nan)
    kind = "probabilities of a model that never saw the sample"
    return Log(kind, list(labels), [1], given[:, None], agrees, margin, probabilities=p)
