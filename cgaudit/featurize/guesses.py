"""What pictures were guessed to be when they were read: kept beside their vectors, and said.

A file of the feature store, written only where something was guessed: content hashes by guess.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cgaudit.dataset import (
    CLIPPED,
    DARK,
    FAINT,
    GAPS,
    OPAQUE,
    OVER_BLACK,
    OWN_RANGE,
    WHITES,
    white_guess,
)
from cgaudit.errors import StaleError
from cgaudit.reading.files import Damage, bytes_of
from cgaudit.reading.text import json_of
from cgaudit.wording.numbers import plural

GUESSES = "guesses.json"

#: The contents that each guess was made for.
Guesses = Mapping[str, frozenset[str]]

_NAME_BITS = (
    "If they come from one camera or scanner, name its bits (source.grey_bits, --grey-bits), so "
    "that their brightness can be compared."
)
_SAID = {
    OVER_BLACK: "transparent with nothing but white to be seen: laid over black, not white",
    OPAQUE: "transparent everywhere and yet in colours: their transparency is not used",
    OWN_RANGE: (
        "grey with values below 0 or above 65,535: each is scaled by its own extremes, so that "
        "their brightness cannot be compared"
    ),
    GAPS: "grey with values that are NaN or infinite: these are taken for black",
    FAINT: (
        "16-bit grey of which nearly all lies in the lowest sixteenth: dark, or of fewer "
        "bits and stray pixels; then name the bits (source.grey_bits, --grey-bits)"
    ),
    CLIPPED: "brighter than source.grey_bits allows: what is above is taken for white. Raise it",
    DARK: (
        "16-bit colour that stays below a quarter of its range, and is read in 8 bits: little is "
        "left of it. Convert them to 8 bits"
    ),
}


def write_guesses(folder: Path, guesses: Mapping[str, Iterable[str]]) -> None:
    """Write what was guessed into a feature store; nothing where nothing was."""
    found = {guess: sorted(hashes) for guess, hashes in sorted(guesses.items()) if hashes}
    if found:
        (folder / GUESSES).write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")


def read_guesses(folder: Path) -> Guesses:
    """Return what was guessed for the contents of a feature store.

    Raises
    ------
    StaleError
        The file is damaged, or names guesses that this release does not know.
    """
    file = folder / GUESSES
    try:
        content = json_of(bytes_of(file))
    except FileNotFoundError:
        return {}
    except Damage as damage:
        raise _damaged(file, str(damage)) from None
    if not isinstance(content, dict) or not all(map(_is_hashes, content.values())):
        raise _damaged(file, "no lists of content hashes by guess")
    if unknown := content.keys() - {*_SAID, *map(white_guess, WHITES)}:
        raise _damaged(file, f"there is no guess {min(unknown)!r}")
    return {guess: frozenset(hashes) for guess, hashes in content.items()}


def counted(guesses: Guesses, content_hashes: Sequence[str]) -> dict[str, int]:
    """Return for how many samples each guess was made, those for which it was."""
    found = {
        guess: sum(content in hashes for content in content_hashes)
        for guess, hashes in sorted(guesses.items())
    }
    return {guess: count for guess, count in found.items() if count}


def said(counts: Mapping[str, int]) -> list[str]:
    """Return a sentence for what was guessed of pictures, with how many it holds for."""
    whites = {white: counts[guess] for white in WHITES if (guess := white_guess(white)) in counts}
    depths = ", ".join(f"{count:,} to {white:,}" for white, count in whites.items())
    several = (
        f"{plural(sum(whites.values()), 'picture')} of grey in more than 8 bits do not say which "
        f"value is white. Taken for it was the top of the fewest bits that hold their values: "
        f"{depths}. {_NAME_BITS}"
    )
    others = [
        f"{plural(counts[guess], 'picture')}: {words}."
        for guess, words in _SAID.items()
        if guess in counts
    ]
    return [several, *others] if whites else others


def _is_hashes(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(it, str) for it in value)


def _damaged(file: Path, why: str) -> StaleError:
    return StaleError(f"{file} is damaged ({why}). Run `cgaudit featurize` again.")
