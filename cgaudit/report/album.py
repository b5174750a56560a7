"""The pictures of one page, by the samples they show."""

from __future__ import annotations

from cgaudit.errors import UnreadableSample
from cgaudit.report.evidence import Picture
from cgaudit.report.thumbnails import Budget, Thumbnail, Thumbnails


class Album:
    """The pictures of the page; none is read twice, and none that cannot be read stops it.

    Parameters
    ----------
    picture
        Gives a sample's image; None where the data has none.
    """

    def __init__(self, picture: Picture | None) -> None:
        self._picture = picture
        self._thumbnails = Thumbnails(Budget(0))
        self._known: dict[str, int | None] = {}

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

    def _read(self, sample: str, side: int) -> int | None:
        if self._picture is None:
            return None
        try:
            image = self._picture(sample)
        except (UnreadableSample, OSError):
            # It was read when it was scored; a page without one picture is better than no page.
            return None
        return None if image is None else self._thumbnails.add(image, side)
