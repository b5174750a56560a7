"""The rules by which a part of the data is chosen, one a file.

A rule gets the samples of one class, or of a part of a large one, in an order that their contents
decide, and how many more to choose beside those that are chosen already. What is equal to a rule
is taken in that order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cgaudit.selection.candidates import Candidates, Integers
from cgaudit.selection.rules.coverage import coverage
from cgaudit.selection.rules.herding import herding
from cgaudit.selection.rules.k_centre import k_centre
from cgaudit.selection.rules.random import random
from cgaudit.selection.rules.ranked import highest, lowest

#: Returns the numbers of `count` further samples, in the order in which they are chosen.
Choose = Callable[[Candidates, int, Sequence[int]], Integers]


@dataclass(frozen=True)
class Rule:
    """A rule.

    Attributes
    ----------
    choose
        Chooses.
    says
        What it chooses, for people.
    by_score
        Whether it looks at `cg_score`, which samples without a label do not have.
    """

    choose: Choose
    says: str
    by_score: bool = False


RULES: Mapping[str, Rule] = {
    "herding": Rule(herding, "samples whose mean is that of their class"),
    "k_centre": Rule(k_centre, "samples of which every other one is near one"),
    "random": Rule(random, "samples drawn by their content"),
    "cg_high": Rule(highest, "the most irregular samples", by_score=True),
    "cg_low": Rule(lowest, "the most regular samples", by_score=True),
    "coverage": Rule(coverage, "as many samples of each range of cg_score", by_score=True),
}

__all__ = ["RULES", "Rule"]
