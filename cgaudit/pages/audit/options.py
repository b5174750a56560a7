"""What the report is asked to show, and whom it is for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Part:
    """What one of several reviewers looks at.

    Attributes
    ----------
    reviewer
        Who it is.
    samples
        The ids of what there is to decide on.
    said
        What others said of a sample, a sentence each, by its id.
    """

    reviewer: str
    samples: Collection[str]
    said: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ReportOptions:
    """What the report shows.

    Attributes
    ----------
    title
        The page's heading.
    samples
        How many of the most suspicious samples the page shows at most.
    random_samples
        How many are shown besides, drawn at random to estimate the rate of wrong labels.
    seed
        Of that draw.
    thumbnail
        The longer side of a picture, in pixels; None for as large as all of them fit.
    after
        The commands that write downloaded decisions into the labels.
    part
        The part of the work that the page is for; None for all of it.
    """

    title: str = "Label audit"
    samples: int = 300
    random_samples: int = 100
    seed: int = 0
    thumbnail: int | None = None
    after: Sequence[str] = ()
    part: Part | None = None
