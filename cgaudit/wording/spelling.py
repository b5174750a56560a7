"""Labels that are the same but for how they are written."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping

from cgaudit.wording.text import NAME_LIMIT, visible

#: Letters of other scripts that look like a Latin one in one of the two cases, in lower case.
_LOOKALIKES = str.maketrans(
    "\u0430\u0432\u0435\u0456\u0458\u043a\u043c\u043d\u043e\u0440\u0455\u0442\u0443\u0445\u0501"
    "\u051b\u051d\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7",
    "abeijkmhopstyxdqwabezhikmvoptyx",
)
#: What makes no mark of its own, besides controls and formats: which picture a sign is drawn as.
_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))
_DECIMAL = re.compile(r"([+-]?)(0|[1-9]\d*)(?:\.(\d*))?", re.ASCII)
#: So many groups of labels are named, and so many spellings of each.
_NAMED = 5
#: A label is compared by its beginning.
_LOOKED_AT = 1000


def canonical(label: str) -> str:
    """Return what all spellings of a label have in common.

    Case, space, Unicode's form (NFKC), characters that show nothing, letters that look alike, and
    how a number is written (``1`` and ``1.0``) make no difference; leading zeros do, as in ``007``.
    """
    text = _seen(label).casefold().translate(_LOOKALIKES)
    if (number := _DECIMAL.fullmatch(text)) is None:
        return text
    sign, whole, fraction = number.groups(default="")
    fraction = fraction.rstrip("0")
    short = f"{whole}.{fraction}" if fraction else whole
    return f"-{short}" if sign == "-" and short != "0" else short


def alike(labels: Iterable[str]) -> list[list[str]]:
    """Return groups of different labels that are spellings of one, each sorted, in order."""
    groups: dict[str, set[str]] = defaultdict(set)
    for label in labels:
        groups[canonical(label)].add(label)
    return sorted(sorted(group) for group in groups.values() if len(group) > 1)


def spelt(labels: Iterable[str]) -> list[str]:
    r"""Return spellings of one label, quoted so that no two look the same: ``'c\u0430t'``."""
    group = list(labels)
    by_eye = {_seen(label).translate(_LOOKALIKES) for label in group}
    cut = [label if len(label) <= NAME_LIMIT else label[: NAME_LIMIT - 1] + "…" for label in group]
    if len(by_eye) < len({_without_spaces(label) for label in group}):
        return [ascii(label) for label in cut]
    return [f"'{visible(label)}'" for label in cut]


def alike_warning(counts: Mapping[str, int]) -> str | None:
    """Return what to tell of labels that are spellings of one; None where there are none.

    Parameters
    ----------
    counts
        How many samples have each label.
    """
    groups = sorted(alike(counts), key=lambda group: -sum(map(counts.__getitem__, group)))
    if not groups:
        return None
    named = []
    for group in groups[:_NAMED]:
        by_count = sorted(group, key=lambda label: -counts[label])
        parts = zip(spelt(by_count[:_NAMED]), by_count, strict=False)
        more = f" and {len(group) - _NAMED} more" if len(group) > _NAMED else ""
        named.append(", ".join(f"{shown} ({counts[label]:,})" for shown, label in parts) + more)
    more = f"; and {len(groups) - _NAMED} more such groups" if len(groups) > _NAMED else ""
    return (
        "Labels that differ only in case, space, form or in what cannot be seen count as different "
        f"classes: {'; '.join(named)}{more}. Write each in one way, or give those that are meant "
        "to differ other names."
    )


def _seen(label: str) -> str:
    """Return a label in Unicode's form, its spaces single, without what shows nothing."""
    text = unicodedata.normalize("NFKC", label[:_LOOKED_AT])
    return " ".join("".join(c for c in text if not _shows_nothing(c)).split()) + label[_LOOKED_AT:]


def _without_spaces(label: str) -> str:
    return "".join(label.split(" "))


def _shows_nothing(character: str) -> bool:
    if character.isspace():
        return False
    return unicodedata.category(character) in ("Cf", "Cc") or character in _SELECTORS
