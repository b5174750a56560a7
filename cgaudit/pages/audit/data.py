"""What there is to tell of scores, found once for all parts of the page."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from cgaudit.pages.audit.boxes import Boxes, boxes_in
from cgaudit.pages.audit.classes import codes_of
from cgaudit.pages.audit.looks import SHOWN, looks_in
from cgaudit.pages.audit.oddities import Oddities, oddities_in
from cgaudit.pages.audit.values import Codes
from cgaudit.results.overview import Overview


class Data(NamedTuple):
    """What there is to tell of.

    Attributes
    ----------
    scores
        All of it.
    labelled
        The rows of its table that have a label.
    codes
        The number of each class, given as they are asked for where there are no classes.
    odd, boxes, looks
        Near-duplicates and outliers, boxes, odd pictures; None where nobody looked for them.
    """

    scores: Overview
    labelled: pd.DataFrame
    codes: dict[str, int]
    odd: Oddities | None
    boxes: Boxes | None
    looks: pd.DataFrame | None

    @classmethod
    def of(cls, scores: Overview) -> Data:
        """Return what there is to tell of scores."""
        table = scores.table
        has_label = table["given_label"].notna()
        labelled = table if has_label.all() else table[has_label]
        codes = codes_of(labelled, table) if scores.provenance.of_classes else Codes()
        return cls(scores, labelled, codes, oddities_in(table), boxes_in(table), looks_in(table))

    @property
    def specimens(self) -> list[str]:
        """The ids of the samples that the galleries of outliers and odd pictures show, in order."""
        shown = [] if self.odd is None else [self.odd.unusual]
        shown += [] if self.looks is None else [self.looks.head(SHOWN)]
        return list(dict.fromkeys(str(sample) for rows in shown for sample in rows["id"]))

    @property
    def numbers(self) -> bool:
        """Whether labels are numbers."""
        return self.scores.provenance.of_numbers

    @property
    def several(self) -> bool:
        """Whether a sample may have several labels."""
        return self.scores.provenance.of_sets
