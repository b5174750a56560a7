"""What labels are when decisions on them are written: names, numbers, or sets of names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import numpy as np

from cgaudit.dataset import NumericLabels, numeric_labels
from cgaudit.errors import DecisionError
from cgaudit.results.applied import NewLabel
from cgaudit.wording.labelsets import canonical_set, known_set, set_in
from cgaudit.wording.numbers import plural
from cgaudit.wording.spelling import canonical
from cgaudit.wording.text import most_like

#: A number by which an error shows how numbers are written.
_EXAMPLE = 1234.5


class Labels(NamedTuple):
    """What the labels are.

    Attributes
    ----------
    known
        Those that are there.
    numeric
        The same read as numbers; None where they are names.
    sets
        Whether each is a set of names.
    """

    known: Collection[str | None]
    numeric: NumericLabels | None
    sets: bool = False

    @classmethod
    def of(cls, known: Collection[str | None], task: str) -> Labels:
        """Return what the labels that are there are, under a ``score.task``."""
        numeric = numeric_labels(list(known)) if task == "regression" else None
        return cls(known, numeric, task == "multilabel")

    def written(self, label: str) -> str:
        """Return a decided label as labels are written: a set in its one notation."""
        return canonical_set(label) if self.sets else label

    def same(self, a: str | None, b: str | None) -> bool:
        """Tell whether two labels are one."""
        if self.sets and a is not None and b is not None:
            return canonical_set(a) == canonical_set(b)
        return a == b if self.numeric is None else self.numeric.notation.same(a, b)

    def refuse(self, relabel: Mapping[str, str]) -> None:
        """Raise where a decided label is no number, or no set of labels, and should be."""
        if self.sets:
            _refuse_no_sets(relabel)
        if self.numeric is None:
            return
        notation = self.numeric.notation
        odd = {sample: text for sample, text in relabel.items() if notation.read(text) is None}
        if odd:
            sample, text = next(iter(odd.items()))
            raise DecisionError(
                f"{plural(len(odd), 'decision')} {'is' if len(odd) == 1 else 'are'} on no number: "
                f"{text!r} for {sample!r}. score.task is regression, and the labels write numbers "
                f"such as {notation.write(_EXAMPLE)!r}. Nothing was written."
            )

    def new(self, chosen: Iterable[str]) -> list[NewLabel]:
        """Return the labels to ask about: that no sample has yet, or beyond all that are there."""
        if self.sets:
            names = (name for label in chosen for name in known_set(label))
            return _new_labels(names, {name for label in self.known for name in known_set(label)})
        if self.numeric is None:
            return _new_labels(chosen, self.known)
        read, values = self.numeric.notation.read, self.numeric.values
        ends = float(np.nanmin(values)), float(np.nanmax(values))
        found: list[NewLabel] = []
        for text, n in sorted(Counter(chosen).items()):
            value = read(text)
            if value is not None and not ends[0] <= value <= ends[1]:
                end = self.numeric.notation.write(ends[value > ends[1]])
                found.append({"label": text, "samples": n, "nearest": end, "respelt": False})
        return found


def _refuse_no_sets(relabel: Mapping[str, str]) -> None:
    odd = {sample: text for sample, text in relabel.items() if set_in(text) is None}
    if odd:
        sample, text = next(iter(odd.items()))
        raise DecisionError(
            f"{plural(len(odd), 'decision')} {'is' if len(odd) == 1 else 'are'} on no set of "
            f"labels: {text!r} for {sample!r}. score.task is multilabel: write all labels of the "
            'sample as a list, such as ["cat", "dog"], or [] where none applies. Nothing was '
            "written."
        )


def _new_labels(chosen: Iterable[str], known: Iterable[str | None]) -> list[NewLabel]:
    """Return the labels that no sample has yet, each with the known one that is most like it.

    One that is only another spelling of a known label says so: ``respelt``.
    """
    there = {label for label in known if label is not None}
    counts = Counter(label for label in chosen if label not in there)
    spellings = {canonical(label): label for label in sorted(there)} if counts else {}
    return [
        {
            "label": label,
            "samples": n,
            "nearest": spellings.get(canonical(label)) or most_like(label, there),
            "respelt": canonical(label) in spellings,
        }
        for label, n in sorted(counts.items())
    ]
