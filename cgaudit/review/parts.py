"""Work shared out among reviewers: a part for each, and one for all, which tells how they agree."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cgaudit.errors import DecisionError
from cgaudit.wording.text import shown

#: A name that can be a part of a file's name.
_NAME = re.compile(r"[\w][\w .@+-]{0,79}")


class Parts(NamedTuple):
    """What each reviewer looks at.

    Attributes
    ----------
    common
        Samples that all of them look at.
    own
        Samples that one of them looks at, by the name of that one.
    """

    common: list[str]
    own: Mapping[str, list[str]]

    def of(self, reviewer: str) -> list[str]:
        """Return all that a reviewer looks at."""
        return [*self.common, *self.own[reviewer]]


def named(reviewers: str) -> list[str]:
    """Return the names in a list with commas.

    Raises
    ------
    DecisionError
        There are fewer than two, one comes twice, or one cannot be a part of a file's name.
    """
    names = [name.strip() for name in reviewers.split(",") if name.strip()]
    twice = {name for name in names if sum(it.casefold() == name.casefold() for it in names) > 1}
    odd = [name for name in names if not _NAME.fullmatch(name)]
    if odd:
        raise DecisionError(
            f"{shown(odd)} cannot be a part of a file's name. Name reviewers with letters, digits, "
            "spaces and any of . _ @ + -"
        )
    if twice or len(names) < 2:
        problem = f"{shown(sorted(twice))} come twice" if twice else f"{len(names)} named"
        raise DecisionError(f"Reviewers are at least two, each named once: {problem}.")
    return names


def split(samples: Sequence[str], reviewers: Sequence[str], overlap: float, seed: int) -> Parts:
    """Share samples out, as evenly as can be.

    Which part a sample falls in depends on its id and the seed, not on what else there is: parts
    made again after a change are mostly the same.

    Parameters
    ----------
    samples
        Their ids, each once.
    reviewers
        At least two names.
    overlap
        The share of samples that everybody looks at, 0 to 1.
    seed
        Of the draw.
    """
    drawn = sorted(samples, key=lambda sample: (_lot(sample, seed), sample))
    n_common = math.ceil(overlap * len(drawn))
    common, rest = drawn[:n_common], drawn[n_common:]
    n = len(reviewers)
    return Parts(common, {name: rest[place::n] for place, name in enumerate(reviewers)})


def _lot(sample: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{sample}".encode("utf-8", "surrogatepass")).digest()
