"""What the report asks about its samples, and in which form it is answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from PIL import Image


class Question(NamedTuple):
    """A sample and the two labels to find neighbours for; no rival where there is one class."""

    sample: str
    given: str
    rival: str | None


class Neighbour(NamedTuple):
    """Another sample, and how near it is: 0 to 1, where 1 means the same features.

    ``label`` is its own, where what is asked for are the nearest whatever they are labelled.
    """

    sample: str
    similarity: float
    label: str | None = None


class Evidence(NamedTuple):
    """The neighbours of one sample, the nearest first.

    Attributes
    ----------
    given, rival
        Those that carry the given label, and those that carry the rival.
    labels
        The labels of the nearest ones, whatever they are.
    """

    given: Sequence[Neighbour]
    rival: Sequence[Neighbour]
    labels: Sequence[str]


class TellingColumn(NamedTuple):
    """What one column holds, as short texts; None where a value is missing.

    Attributes
    ----------
    name
        Of the column.
    value
        Of the sample.
    usual
        What is usual there: in each class that the sample is compared with, or in all samples.
    """

    name: str
    value: str | None
    usual: Sequence[str | None]


class TellingColumns(NamedTuple):
    """The columns in which a row is most unlike what is usual, the most telling first.

    Attributes
    ----------
    classes
        The given label and the rival; none where the row is compared with all samples.
    columns
        A few of them.
    """

    classes: Sequence[str]
    columns: Sequence[TellingColumn]


class Scene(NamedTuple):
    """Where a sample lies in its picture: shares of its width and height."""

    picture: str
    left: float
    top: float
    width: float
    height: float


Picture = Callable[[str], Image.Image | None]
Excerpt = Callable[[str], str | None]
FindNeighbours = Callable[[Sequence[Question]], Sequence[Evidence]]
FindColumns = Callable[[Sequence[Question]], Sequence[TellingColumns]]
Address = Callable[[str], str | None]
Cells = Callable[[str, Sequence[str]], Sequence[str | None]]


@dataclass(frozen=True)
class Sights:
    """How samples can be shown, each by its id; None where the data has no such thing.

    Attributes
    ----------
    picture, excerpt
        Give a sample's image or text. Called for what is shown only, in its order.
    neighbours
        Gives the evidence for many samples at once.
    columns
        Gives the telling columns of many rows at once.
    cells
        Gives the values that a sample has in some columns, by their names, as short texts.
    beside
        Gives the address of a file of the data, seen from the page, by its path in the source.
    scene
        Tells where a sample lies in a larger picture.
    whole
        Gives such a picture, by its name.
    """

    picture: Picture | None = None
    excerpt: Excerpt | None = None
    neighbours: FindNeighbours | None = None
    columns: FindColumns | None = None
    cells: Cells | None = None
    beside: Address | None = None
    scene: Callable[[str], Scene | None] | None = None
    whole: Picture | None = None
