"""The pictures of one page, by the samples they show."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TypedDict

from cgaudit.errors import UnreadableSample
from cgaudit.pages.frame.asked import Sights
from cgaudit.pages.frame.thumbnails import Budget, Thumbnail, Thumbnails, fitting_side
from cgaudit.wording.text import printable


class Shot(TypedDict):
    """How a sample is shown: by its picture or its text, or by why it has none."""

    thumbnail: int | None
    excerpt: str | None
    lacking: str | None


class Album:
    """The pictures of the page; none is read twice, and none that cannot be read stops it.

    Parameters
    ----------
    sights
        Show the samples.
    thumbnails
        Where the pictures go: those of several albums may be on one page.
    """

    def __init__(self, sights: Sights, thumbnails: Thumbnails) -> None:
        self._sights = sights
        self._thumbnails = thumbnails
        self._known: dict[str, int | None] = {}
        self._wholes: dict[str, int | None] = {}
        self._lacking: dict[str, str] = {}

    @property
    def items(self) -> list[Thumbnail]:
        """The pictures so far, in the order of first use."""
        return self._thumbnails.items

    @property
    def budget(self) -> Budget:
        """What the next pictures take their bytes from."""
        return self._thumbnails.budget

    @budget.setter
    def budget(self, budget: Budget) -> None:
        self._thumbnails.budget = budget

    def add(self, sample: str, side: int) -> int | None:
        """Return the number of a sample's thumbnail, or None where it has none.

        Parameters
        ----------
        sample
            Its id.
        side
            The longer side, in pixels; that of its first use stands.
        """
        if sample not in self._known and not self.budget.spent:
            self._known[sample] = self._read(sample, side)
        return self._known.get(sample)

    def side_for(self, samples: Sequence[str], n: int, room: int) -> int:
        """Return how large the pictures of samples may be made for n of them to fit.

        Parameters
        ----------
        samples
            Ids of some of them.
        n
            How many pictures there will be.
        room
            Bytes that they may take.
        """
        images = []
        for sample in samples:
            # What cannot be read is told where it would be shown.
            with suppress(UnreadableSample, OSError):
                image = self._sights.picture(sample) if self._sights.picture else None
                images += [] if image is None else [image]
        return fitting_side(images, n, room)

    def add_whole(self, picture: str, side: int) -> int | None:
        """Return the number of the thumbnail of a picture that samples lie in, None without one.

        Parameters
        ----------
        picture
            Its name, as a `Scene` has it.
        side
            As for `add`.
        """
        if picture not in self._wholes and not self.budget.spent:
            image = None if self._sights.whole is None else self._sights.whole(picture)
            self._wholes[picture] = None if image is None else self._thumbnails.add(image, side)
        return self._wholes.get(picture)

    def shot(self, sample: str, side: int, limit: int) -> Shot:
        """Return all there is to show of a sample, its text cut after `limit` characters."""
        thumbnail, text = self.add(sample, side), None
        if self._sights.excerpt is not None:
            try:
                text = self._sights.excerpt(sample)
            except (UnreadableSample, OSError) as error:
                self._lacking[sample] = str(error)
        lacking = self._lacking.get(sample)
        return {
            "thumbnail": thumbnail,
            "excerpt": None if text is None else printable(text, limit),
            "lacking": None if lacking is None else printable(lacking),
        }

    def _read(self, sample: str, side: int) -> int | None:
        if self._sights.picture is None:
            return None
        try:
            image = self._sights.picture(sample)
        except (UnreadableSample, OSError) as error:
            # It was read when it was scored; a page without one picture is better than no page.
            self._lacking[sample] = str(error)
            return None
        return None if image is None else self._thumbnails.add(image, side)
