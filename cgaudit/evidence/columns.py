"""Telling columns for the report: a table's columns, joined with the labels of the scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cgaudit.dataset import Categories, ColumnRows, Numbers, rounded
from cgaudit.evidence.encoded import encoded
from cgaudit.numerics.classes import ABSENT
from cgaudit.numerics.telling import (
    NONE,
    Asked,
    Groups,
    Told,
    most_telling,
    tell_categories,
    tell_numbers,
)
from cgaudit.pages.frame.asked import Question, TellingColumn, TellingColumns
from cgaudit.results.overview import Overview

#: How many columns of a row are shown at most.
SHOWN = 6

_GIVEN_AND_RIVAL, _ALL = slice(0, 2), slice(2, 3)


class _Read(NamedTuple):
    """What is kept of a column once it was read; `categories` is None where it holds numbers."""

    name: str
    categories: Sequence[str] | None
    told: Told

    def text(self, value: np.generic) -> str | None:
        """Return a value of `told` as short text, or None where it is missing."""
        if self.categories is not None:
            return None if value == NONE else self.categories[int(value)]
        return None if np.isnan(value) else rounded(repr(float(value)))


class ColumnTeller:
    """Finds the columns in which rows are unlike their class.

    Parameters
    ----------
    scores
        With the column ``path``.
    source
        The rows that were scored.
    """

    def __init__(self, scores: Overview, source: ColumnRows) -> None:
        given = scores.table["given_label"]
        # A number has no class whose usual columns it could be compared with, nor has a set.
        classes = given if scores.provenance.of_classes else given.mask(given.notna())
        self._encoded = encoded(classes)
        self._source = source
        self._scores = scores
        self._rows = np.fromiter(map(int, scores.places), np.int64, len(given))
        self._classes = np.full(source.n_rows, ABSENT, dtype=np.int64)
        self._classes[self._rows] = self._encoded.codes

    def __call__(self, questions: Sequence[Question]) -> list[TellingColumns]:
        """Return the telling columns of each sample; the whole table is read once or twice."""
        asked = Asked(
            np.array([self._row(question.sample) for question in questions], dtype=np.int64),
            self._codes([question.given for question in questions]),
            self._codes([question.rival for question in questions]),
        )
        read = self._read(asked) if questions else []
        chosen = most_telling([column.told for column in read], asked.rival, SHOWN)
        return [
            _telling(question, row, compares, [read[at] for at in columns])
            for row, (question, (compares, columns)) in enumerate(
                zip(questions, chosen, strict=True)
            )
        ]

    def cells(self, sample: str, names: Sequence[str]) -> list[str | None]:
        """Return what a sample holds in some columns."""
        row = self._source.cells(str(self._row(sample)))
        return [None if (cell := row[name]) is None else rounded(cell) for name in names]

    def _row(self, sample: str) -> int:
        return int(self._rows[self._scores.find(sample)])

    def _codes(self, labels: Sequence[str | None]) -> npt.NDArray[np.int64]:
        return np.array([self._encoded.code(label) for label in labels], dtype=np.int64)

    def _read(self, asked: Asked) -> list[_Read]:
        """Read all columns, and keep what they tell about the rows in question."""
        groups = Groups(self._classes, asked)
        read = []
        for column in self._source.columns():
            match column:
                case Numbers(name, values):
                    read.append(_Read(name, None, tell_numbers(values, groups)))
                case Categories(name, codes, categories):
                    told = tell_categories(codes, len(categories), groups)
                    read.append(_Read(name, categories, told))
        return read


def _telling(
    question: Question, row: int, compares: bool, columns: Sequence[_Read]
) -> TellingColumns:
    shown = [
        TellingColumn(
            column.name,
            column.text(column.told.values[row]),
            [
                column.text(value)
                for value in column.told.usual[row, _GIVEN_AND_RIVAL if compares else _ALL]
            ],
        )
        for column in columns
    ]
    rival = question.rival
    return TellingColumns([question.given, rival] if compares and rival else [], shown)
