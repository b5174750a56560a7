"""What every kind of data looks like to the rest of the program.

It lies below the sources, so that each of them can name what it gives without knowing the others;
`cgaudit.dataset.sources.opening` is the one file that knows them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

import pandas as pd
from PIL import Image

SourceKind = Literal["images", "features", "text", "table"]


#: The number of a row, as a path of a source whose samples are rows.
_ROW = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)


def is_no_row(path: str, count: int) -> bool:
    """Tell whether a path is not the number of one of so many rows, counted from 0."""
    return not _ROW.fullmatch(path) or int(path) >= count


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

    def lacks(self, path: str) -> bool:
        """Tell whether a path is none of the source's own: of another file, or outside of it.

        What is shown or handed on by paths that a file names is asked for it first, because
        anybody may have written the file.
        """
        ...

    def picture(self, path: str) -> Image.Image | None:
        """Return the sample as an RGB picture, or None where it has or is none."""
        ...

    def excerpt(self, path: str) -> str | None:
        """Return the sample as text to read, or None where it has none."""
        ...
