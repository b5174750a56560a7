"""Out-of-sample predictions and labels, as the functions of cleanlab take them."""

from __future__ import annotations

import io
from collections.abc import Iterable

import numpy as np

from cgaudit.export.base import Contents, Material, as_json
from cgaudit.wording.csvtext import write_rows


def cleanlab(material: Material) -> Contents:
    """Return ``pred_probs.npy``, ``labels.npy``, ``classes.json`` and ``ids.csv``.

    The probabilities are leave-one-out: none saw the label that it judges, which is what cleanlab
    asks of ``pred_probs``. Row i of each file is one sample, in the order of ``ids.csv``,
    which a spreadsheet may open: see `cgaudit.wording.csvtext`.

    Where a sample may have several labels, ``labels.json`` has a list of class numbers for each, in
    the place of ``labels.npy``, as ``cleanlab.multilabel_classification`` takes it.

    Where labels are numbers, ``predictions.npy``, ``labels.npy`` and ``ids.csv``, as
    ``cleanlab.regression.rank.get_label_quality_scores`` takes them.
    """
    if material.numbers:
        table = material.scores.table
        labelled = table[table["given_label"].notna()]
        return {
            "predictions.npy": labelled["predicted"].to_numpy(np.float64),
            "labels.npy": labelled["value"].to_numpy(np.float64),
            "ids.csv": _ids(labelled["id"]),
        }
    matrix = material.matrix
    if matrix is None:
        raise ValueError("the cleanlab export takes the probabilities of all classes")
    labels: Contents = {"labels.npy": matrix.labels}
    if material.sets:
        labels = {"labels.json": as_json(matrix.labels.tolist())}
    return {
        "pred_probs.npy": matrix.probabilities,
        **labels,
        "classes.json": as_json(matrix.classes.tolist()),
        "ids.csv": _ids(matrix.ids),
    }


def _ids(names: Iterable[str]) -> bytes:
    file = io.StringIO(newline="")
    write_rows(file, [["id"], *([name] for name in names)])
    return file.getvalue().encode()
