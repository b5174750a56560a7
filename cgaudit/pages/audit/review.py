"""What the page's script needs to take decisions: ids and labels as they are in the data."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from cgaudit.pages.audit.select import Rest, Selection, Shown
from cgaudit.pages.frame.exact import exact, exact_bytes

#: What the labels to choose from may take, in bytes; those of shown samples come first.
LABEL_BYTES = 400_000


def review_data(
    selection: Selection,
    rest: Rest,
    codes: Mapping[str, int],
    counts: Mapping[str, int],
    *,
    sets: Mapping[str, int],
    odd: Collection[str] = (),
    beside: Callable[[str], str | None] | None = None,
) -> Any:  # noqa: ANN401 - JSON
    """Return the data of the review, as plain data.

    Parameters
    ----------
    selection
        What the page shows as cards.
    rest
        What the script makes cards of.
    codes
        The number of each class.
    counts
        ``labelled`` and ``flagged`` samples of the whole data set.
    sets
        The number of a set of near-duplicates whose labels differ, by the ids of its samples.
    odd
        The ids of outliers and odd pictures, in their order.
    beside
        Gives the address of a sample's file, seen from the page, by its path.

    Returns
    -------
    dict
        ``labels`` by class number (None where one is too long); a list each of ``id``, ``hash``,
        ``given``, ``suggested``, ``flagged``, ``score``, ``top``, ``odds``, ``rank``, ``set`` and
        ``file`` of the samples, those of `rest` at the end, of which ``rest`` has what is seen;
        ``worst``, how many of them are the most suspicious; ``drawn`` and ``odd``, where the random
        and the odd ones are, in their order; ``complete``, whether all labels are there;
        ``counts``.
    """
    samples = [*selection.samples, *rest.samples]
    places = {shown.id: at for at, shown in enumerate(samples)}
    labels = _labels(samples, codes)
    return {
        "labels": labels,
        "complete": len(labels) == len(codes),
        "id": [exact(shown.id) for shown in samples],
        "hash": [shown.content_hash for shown in samples],
        "given": [codes[shown.given] for shown in samples],
        "suggested": [codes[shown.suggested] for shown in samples],
        "flagged": [int(shown.flagged) for shown in samples],
        "score": [shown.label_score for shown in samples],
        "top": [[codes[label] for label, _ in shown.top if label in codes] for shown in samples],
        "odds": [[round(p, 4) for label, p in shown.top if label in codes] for shown in samples],
        "rank": [shown.rank for shown in samples],
        "set": [sets.get(shown.id, -1) for shown in samples],
        "file": [_address(shown, beside) for shown in samples] if beside else None,
        "rest": [[sight["excerpt"], sight["thumbnail"]] for sight in rest.sights],
        "worst": selection.n_worst,
        "drawn": selection.drawn,
        "odd": [places[name] for name in odd if name in places],
        "counts": dict(counts),
    }


def label_bytes(codes: Mapping[str, int]) -> int:
    """Return what the labels to choose from take at most, besides those of shown samples."""
    size = 0
    for name, code in codes.items():
        size += _entry_bytes(name, code)
        if size > LABEL_BYTES:
            return LABEL_BYTES
    return size


def _entry_bytes(name: str, code: int) -> int:
    return exact_bytes(name) + len(str(code)) + len('"":,')


def address_bytes(shown: Shown, beside: Callable[[str], str | None] | None) -> int:
    """Return what the address of a sample's file takes in the review's data."""
    return len(json.dumps(_address(shown, beside))) + 1 if beside else 0


def _address(shown: Shown, beside: Callable[[str], str | None]) -> str | None:
    return None if shown.path is None else beside(shown.path)


def _labels(samples: Sequence[Shown], codes: Mapping[str, int]) -> dict[str, str | None]:
    """Return the labels to choose from: those of the shown samples, then what there is room for."""
    needed: dict[str, None] = {}
    for shown in samples:
        needed |= dict.fromkeys([shown.given, shown.suggested, *(name for name, _ in shown.top)])
    labels: dict[str, str | None] = {}
    size = 0
    for name in [*(name for name in needed if name in codes), *codes]:
        size += _entry_bytes(name, codes[name])
        if name not in needed and size > LABEL_BYTES:
            break
        labels[str(codes[name])] = exact(name)
    return labels
