"""What sources of pictures have in common, wherever each picture's bytes lie."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

from PIL import Image

from cgaudit.dataset.images import picture_or_none
from cgaudit.dataset.source import Loader, SourceKind


class PictureSource(ABC):
    """Samples that are each a picture with a path of its own."""

    kind: ClassVar[SourceKind] = "images"

    def loaders(self, paths: Sequence[str]) -> Iterator[Loader]:
        """Yield a loader of an RGB picture for each path, in the order they are stored."""
        for path in self._as_stored(paths):
            yield Loader(path, partial(self._read, path))

    @abstractmethod
    def lacks(self, path: str) -> bool:
        """Tell whether no picture of the source has that path."""

    def picture(self, path: str) -> Image.Image | None:
        """Return the picture, or None where it cannot be read."""
        return picture_or_none(partial(self._read, path))

    def excerpt(self, path: str) -> str | None:
        """Return None: a picture holds no text to read."""
        return None

    @abstractmethod
    def _read(self, path: str) -> Image.Image:
        """Return the RGB picture; raises UnreadableSample."""

    def _as_stored(self, paths: Sequence[str]) -> Sequence[str]:
        """Return the paths in the order that reads fastest."""
        return paths
