"""What every kind of data looks like to the rest of the program, and how it is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import pandas as pd
from PIL import Image

from cgaudit.errors import SourceError
from cgaudit.params import SourceParams

SourceKind = Literal["images", "features", "text", "table"]


class Loader(NamedTuple):
    """One sample on its way to a featurizer.

    Attributes
    ----------
    path
        As in the samples table.
    load
        Reads and decodes the sample. Safe to call in any thread, once; raises `UnreadableSample`.
    size
        Bytes that it holds on to until then; 0 where it only knows where to read.
    """

    path: str
    load: Callable[[], Any]
    size: int = 0


class Source(Protocol):
    """Labelled data of one kind, opened."""

    @property
    def kind(self) -> SourceKind:
        """What loaders give.

        RGB ``PIL.Image`` for images, (d,) arrays for features, str for text, and for a table a
        dict of column → cell as text (None where empty).
        """
        ...

    @property
    def root(self) -> Path:
        """The folder or file."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """What was inferred when opening, in sentences for the user."""
        ...

    def samples(
        self, known_hashes: Mapping[str, str] | None = None
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the samples table and what was skipped (see `cgaudit.dataset.samples`).

        `known_hashes` maps paths to MD5s that somebody (DVC) already computed.
        """
        ...

    def loaders(self, paths: Sequence[str]) -> Iterator[Loader]:
        """Yield a loader for each of the paths, in the order that reads fastest."""
        ...

    def picture(self, path: str) -> Image.Image | None:
        """Return the sample as an RGB picture, or None where it has or is none."""
        ...

    def excerpt(self, path: str) -> str | None:
        """Return the sample as text to read, or None where it has none."""
        ...


def open_source(params: SourceParams, *, kind: str = "auto", base: Path = Path()) -> Source:
    """Open the data that `params` names.

    Parameters
    ----------
    params
        The ``source`` section of the parameters.
    kind
        Overrides ``params.kind`` unless it is ``"auto"``.
    base
        The folder that relative paths start from.

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
    if not root.exists():
        raise SourceError(
            f"{params.path} does not exist. Check the path of the data (source.path)."
        )
    return (_open_folder if root.is_dir() else _open_file)(root, params, wanted, base)


def _open_folder(root: Path, params: SourceParams, kind: str, base: Path) -> Source:
    from cgaudit.dataset.folder import ImageFolder
    from cgaudit.dataset.onetable import open_one_table
    from cgaudit.dataset.saved import SavedDataset, is_saved_dataset
    from cgaudit.dataset.shards import TarShards, holds_shards

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
    return ImageFolder(root, max_pixels=params.max_pixels, ignored=ignored)


def _open_file(root: Path, params: SourceParams, kind: str, _base: Path) -> Source:
    from cgaudit.dataset.arrays import ARRAY_SUFFIXES, ArrayFeatures
    from cgaudit.dataset.onetable import open_one_table
    from cgaudit.dataset.shards import SHARD_SUFFIX, TarShards
    from cgaudit.dataset.tables import TABLE_SUFFIXES, open_table

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
