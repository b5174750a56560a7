"""Which source the data needs, by what lies there."""

from __future__ import annotations

from pathlib import Path

from cgaudit.dataset.images import Decoding
from cgaudit.dataset.pointers import refuse_lfs_pointer
from cgaudit.dataset.source import Source
from cgaudit.dataset.sources.arrays import ArrayFeatures
from cgaudit.dataset.sources.boxes import open_boxes
from cgaudit.dataset.sources.folder import ImageFolder
from cgaudit.dataset.sources.onetable import open_one_table
from cgaudit.dataset.sources.rows import RowSource
from cgaudit.dataset.sources.shards import SHARD_SUFFIX, TarShards, holds_shards
from cgaudit.dataset.tables import (
    ARRAY_SUFFIXES,
    TABLE_SUFFIXES,
    SavedDataset,
    is_saved_dataset,
    open_table,
)
from cgaudit.errors import SourceError
from cgaudit.params import SourceParams
from cgaudit.wording.labelsets import SetNotation


def open_source(
    params: SourceParams,
    *,
    kind: str = "auto",
    base: Path = Path(),
    sets: SetNotation | None = None,
) -> Source:
    """Open the data that `params` names.

    Parameters
    ----------
    params
        The ``source`` section of the parameters.
    kind
        Overrides ``params.kind`` unless it is ``"auto"``.
    base
        The folder that relative paths start from.
    sets
        How a table writes several labels a sample; None where each has one.

    Returns
    -------
    Source
        Its `notes` say what was inferred.

    Raises
    ------
    SourceError
        Nothing is there, it is empty, or it is not of that kind.
    ColumnError
        A named column is missing.
    FeatureError
        Given features are no finite table of numbers.
    """
    root = base / params.path
    wanted = kind if kind != "auto" else params.kind
    if params.are_boxes:
        wanted = "boxes"
    if not root.exists():
        raise SourceError(
            f"{params.path} does not exist. Check the path of the data (source.path)."
        )
    if not root.is_dir() and not root.is_file():
        raise SourceError(f"{params.path} is neither a folder nor a regular file. Give one.")
    if wanted == "boxes":
        return open_boxes(root, params, base)
    source = (_open_folder if root.is_dir() else _open_file)(root, params, wanted, base)
    if isinstance(source, RowSource):
        source.sets = sets
    return source


def _open_folder(root: Path, params: SourceParams, kind: str, base: Path) -> Source:
    if is_saved_dataset(root):
        table = SavedDataset(root)
        rows = open_one_table(table, params, kind)
        rows.notes.insert(0, table.described)
        return rows
    if kind not in {"auto", "images"}:
        raise SourceError(f"{params.path} is a folder; {kind} are read from a file.")
    ignored = (base / params.labels,) if params.labels else ()
    if holds_shards(root):
        return TarShards(root, params, ignored=ignored)
    return ImageFolder(
        root,
        decoding=Decoding.of(params),
        split_folders=params.split_folders,
        ignored=ignored,
    )


def _open_file(root: Path, params: SourceParams, kind: str, _base: Path) -> Source:
    refuse_lfs_pointer(root)
    suffix = root.suffix.lower()
    if suffix in TABLE_SUFFIXES:
        return open_one_table(open_table(root), params, kind)
    if suffix == SHARD_SUFFIX:
        if kind not in {"auto", "images"}:
            raise SourceError(f"{params.path} is a shard of images; {kind} cannot be read from it.")
        return TarShards(root, params)
    if suffix not in ARRAY_SUFFIXES:
        raise SourceError(
            f"{params.path} is no data that can be read: give a folder of images, a table "
            f"({', '.join(TABLE_SUFFIXES)}), features as .npy or .npz, the folder of a Hugging "
            f"Face dataset saved to disk, or WebDataset shards ({SHARD_SUFFIX})."
        )
    if kind not in {"auto", "features"}:
        raise SourceError(f"{params.path} holds features; {kind} cannot be read from it.")
    return ArrayFeatures(root)
