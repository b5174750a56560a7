"""Why the data itself gives no labels to judge, and what would."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import pandas as pd

from cgaudit.dataset.sources.packed import is_packed
from cgaudit.dataset.tables import (
    ARRAY_SUFFIXES,
    LABEL_NAMES,
    TABLE_SUFFIXES,
    candidates,
    load_arrays,
    open_table,
)
from cgaudit.errors import LabelsError
from cgaudit.params import SourceParams
from cgaudit.wording.text import shown


def refuse_unlabelled(
    params: SourceParams, root: Path, samples: pd.DataFrame, skipped: pd.DataFrame
) -> None:
    """Raise LabelsError where the data itself has no labels, or one for all samples.

    Parameters
    ----------
    params
        The ``source`` section of the parameters; with a table of labels there is nothing to check.
    root
        The folder that they name.
    samples, skipped
        What the source gave.

    Raises
    ------
    LabelsError
        With what was taken for the labels, and what may have them where something looks like it.
    """
    labels = samples["folder_label"].dropna().unique().tolist()
    if params.labels is not None or len(labels) > 1 or samples.empty:
        return
    suffix = root.suffix.lower()
    if root.is_file() and suffix in ARRAY_SUFFIXES:
        raise LabelsError(_of_arrays(root, labels, len(samples)))
    if root.is_file() and suffix in TABLE_SUFFIXES:
        raise LabelsError(_of_table(root, params, labels, len(samples)))
    if not root.is_dir() or is_packed(root):
        return
    folders = sorted({parts[0] for path in samples["path"] if (parts := _folders(path))})
    if labels:
        where = f"all lie in {labels[0]!r}"
    elif folders:
        where = f"they lie directly in {shown(folders)}, which are taken for splits"
    else:
        where = "they lie in no folder below it"
    raise LabelsError(
        f"Nothing says what the labels of the {len(samples):,} images in {params.path} are: "
        f"{where}. " + " ".join(_remedies(params, folders, samples, skipped))
    )


def _of_arrays(root: Path, labels: Sequence[str], count: int) -> str:
    if labels:
        return (
            f"All {count:,} labels in {root} are {labels[0]!r}; judging takes at least two classes."
        )
    arrays = list(load_arrays(root))
    if arrays == [""]:
        return f"{root} holds features and no labels. Name a table or array of them with --labels."
    return (
        f"{root} holds no labels: its arrays are {shown(arrays)}; labels are called "
        f"{shown(LABEL_NAMES)}. Write it with numpy.savez(FILE, features=X, labels=y), or name a "
        "table or array of labels with --labels."
    )


def _of_table(root: Path, params: SourceParams, labels: Sequence[str], count: int) -> str:
    columns = open_table(root).columns
    column = params.label_column or next(iter(candidates("label", columns)), "")
    guessed = "" if params.label_column else ", which was taken for the labels by its name"
    holds = f"{labels[0]!r} alone" if labels else "nothing"
    others = [name for name in columns if name != column]
    return (
        f"Judging labels takes at least two classes. {root} has {count:,} samples, and its column "
        f"{column!r}{guessed}, holds {holds}. Name another with --label-column (in params.yaml: "
        f"label_column): {shown(others)}."
    )


def _remedies(
    params: SourceParams, folders: Sequence[str], samples: pd.DataFrame, skipped: pd.DataFrame
) -> list[str]:
    deeper = {parts[1] for path in samples["path"] if len(parts := _folders(path)) > 1}
    remedies = []
    if len(folders) == 1 and len(deeper) > 1:
        remedies.append(
            f"Its sub-folders may be the labels ({shown(sorted(deeper))}): give "
            f"{params.path}/{folders[0]} as the data."
        )
    tables = [str(name) for name in skipped["id"] if _is_table(str(name))]
    if tables:
        place = PurePosixPath(tables[0]).parent
        data = PurePosixPath(params.path, place)
        remedies.append(
            f"There are tables among them ({shown(tables)}), which may hold the labels: try "
            f"`cgaudit audit {data} --labels {params.path}/{tables[0]}`."
        )
    if len(folders) > 1:
        remedies.append(
            "If these folders are the labels, say --no-split-folders (source.split_folders: false)."
        )
    return remedies or [
        "Put them into a folder per label, or name a table of labels (--labels, source.labels)."
    ]


def _folders(path: str) -> tuple[str, ...]:
    return PurePosixPath(path).parts[:-1]


def _is_table(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() in TABLE_SUFFIXES
