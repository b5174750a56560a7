"""Pictures that many boxes are cut out of, decoded as seldom as memory allows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from PIL import Image

from cgaudit.errors import UnreadableSample

#: What pictures that are kept for the next box may take.
_KEPT_BYTES = 256 << 20


class Shared:
    """One picture for so many takers: decoded for the first, let go after the last.

    Parameters
    ----------
    read
        Decodes it; may raise UnreadableSample, which every taker then gets.
    takers
        How many there are.
    """

    def __init__(self, read: Callable[[], Image.Image], takers: int) -> None:
        self._read = read
        self._takers = takers
        self._lock = Lock()
        self._picture: Image.Image | None = None
        self._why: str | None = None

    def take(self) -> Image.Image:
        """Return the picture; safe in any thread."""
        with self._lock:
            self._takers -= 1
            if self._why is not None:
                raise UnreadableSample(self._why)
            picture = self._picture
            if picture is None:
                try:
                    picture = self._read()
                except UnreadableSample as error:
                    self._why = str(error)
                    raise
            self._picture = picture if self._takers else None
            return picture


class Recent:
    """The pictures that were asked for last, as many as fit.

    Parameters
    ----------
    read
        Decodes a picture by its name.
    """

    def __init__(self, read: Callable[[str], Image.Image]) -> None:
        self._read = read
        self._kept: OrderedDict[str, Image.Image] = OrderedDict()
        self._held = 0

    def __call__(self, name: str) -> Image.Image:
        """Return the picture; raises UnreadableSample."""
        if name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name]
        picture = self._read(name)
        self._kept[name] = picture
        self._held += _size(picture)
        while self._held > _KEPT_BYTES and len(self._kept) > 1:
            self._held -= _size(self._kept.popitem(last=False)[1])
        return picture


def _size(picture: Image.Image) -> int:
    return picture.width * picture.height * len(picture.getbands())
