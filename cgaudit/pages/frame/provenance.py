"""How scores were computed, as a page says it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cgaudit.results.reading import ColumnReading
from cgaudit.wording.text import printable

#: So many columns of a table are listed on a page.
_MOST_COLUMNS = 20

#: What the fields of the provenance mean, where the name does not say it.
NOTES = {
    "recipe": "versions of one dataset are comparable under the same recipe only",
    "featurizer": "what turned samples into vectors",
    "featurizer_fingerprint": "its frozen state",
    "method": "how the kernel system was solved",
    "ridge": "λ; 0 is the published score, more keeps repeated samples from dominating",
    "likelihood": "what turned leave-one-out predictions into label_score",
    "landmarks": "samples that stand for all in the approximate methods",
}


def how_computed(
    provenance: Mapping[str, object], before: Mapping[str, object] | None = None
) -> list[dict[str, str]]:
    """Return how scores were computed, a row a field, each name with what it means.

    Parameters
    ----------
    provenance
        Name to value, in the order to show.
    before
        Those of an earlier version: where a value is another, both are named.
    """
    earlier = provenance if before is None else before
    return [
        {
            "name": printable(name).replace("_", " "),
            "value": " → ".join(dict.fromkeys(map(_value, (earlier.get(name), value)))),
            "note": NOTES.get(name, ""),
        }
        for name, value in provenance.items()
        if (earlier.get(name), value) != ("", "")
    ]


def how_read(columns: Iterable[ColumnReading]) -> list[dict[str, str]]:
    """Return how the columns of a table were read, a row a column, as `how_computed` does.

    Of many columns those are left out of which there is nothing to know.
    """
    listed = list(columns)
    if len(listed) > _MOST_COLUMNS:
        listed = [it for it in listed if it.remarkable][:_MOST_COLUMNS]
    return [
        {"name": printable(f"column {it.name}"), "value": printable(it.in_words()), "note": ""}
        for it in listed
    ]


def _value(value: object) -> str:
    return printable("none" if value is None else value)
