"""Why folders of pictures give no labels to judge, and what would."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import pandas as pd

from cgaudit.dataset.sources.packed import is_packed
from cgaudit.dataset.tables import TABLE_SUFFIXES
from cgaudit.errors import LabelsError
from cgaudit.params import SourceParams
from cgaudit.wording.text import shown


def refuse_unlabelled(
    params: SourceParams, root: Path, samples: pd.DataFrame, skipped: pd.DataFrame
) -> None:
    """Raise LabelsError where pictures lie in no label folders, or all in one.

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
        With the folder or the table that has the labels, where one looks like it.
    """
    if params.labels is not None or not root.is_dir() or is_packed(root):
        return
    labels = samples["folder_label"].dropna().unique().tolist()
    if len(labels) > 1 or samples.empty:
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
