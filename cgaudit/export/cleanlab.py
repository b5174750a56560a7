"""Out-of-sample probabilities and labels, as any function of cleanlab takes them."""

from __future__ import annotations

from cgaudit.export.base import Contents, Material, as_json
from cgaudit.files import csv_text


def cleanlab(material: Material) -> Contents:
    """Return ``pred_probs.npy``, ``labels.npy``, ``classes.json`` and ``ids.csv``.

    The probabilities are leave-one-out: none saw the label that it judges, which is what cleanlab
    asks of ``pred_probs``. Row i of each file is one sample, in the order of ``ids.csv``.
    """
    matrix = material.matrix
    if matrix is None:
        raise ValueError("the cleanlab export takes the probabilities of all classes")
    return {
        "pred_probs.npy": matrix.probabilities,
        "labels.npy": matrix.labels,
        "classes.json": as_json(matrix.classes.tolist()),
        "ids.csv": csv_text([["id"], *([name] for name in matrix.ids)]).encode(),
    }
