"""What every kind of data looks like to the rest of the program, and how it is opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import pandas as pd
from PIL import Image

from cgaudit.errors import SourceError
from cgaudit.params import SourceParams

SourceKind = Literal["images", "features"]


class Loader(NamedTuple):
    """One sample on its way to a featurizer.

    Attributes
    ----------
    path
        As in the samples table.
    load
        Reads and decodes the sample. Safe to call in any thread, once; raises `UnreadableSample`.
    """

    path: str
    load: Callable[[], Any]


class Source(Protocol):
    """Labelled data of one kind, opened."""

    @property
    def kind(self) -> SourceKind:
        """What loaders give: RGB ``PIL.Image`` for images, (d,) arrays for features."""
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
    from cgaudit.dataset.arrays import ArrayFeatures
    from cgaudit.dataset.embeddings import ParquetFeatures
    from cgaudit.dataset.folder import ImageFolder

    root = base / params.path
    wanted = kind if kind != "auto" else params.kind
    if not root.exists():
        raise SourceError(
            f"{params.path} does not exist. Check the path of the data (source.path)."
        )
    if root.is_dir():
        if wanted not in {"auto", "images"}:
            raise SourceError(f"{params.path} is a folder; {wanted} are read from a file.")
        ignored = (base / params.labels,) if params.labels else ()
        return ImageFolder(root, max_pixels=params.max_pixels, ignored=ignored)
    if wanted not in {"auto", "features"}:
        raise SourceError(f"{params.path} is a file; {wanted} are read from a folder.")
    suffix = root.suffix.lower()
    if suffix in {".npy", ".npz"}:
        return ArrayFeatures(root)
    if suffix in {".parquet", ".pq"}:
        return ParquetFeatures(
            root,
            embedding_column=params.embedding_column,
            id_column=params.id_column,
            label_column=params.label_column,
        )
    raise SourceError(
        f"{params.path} is no data that can be read: give a folder of images, or features as "
        ".npy, .npz or .parquet."
    )
