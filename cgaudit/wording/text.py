"""Untrusted text on one line, bounded, with nothing in it that is not seen."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

#: No name takes more of a terminal or a comment than this many characters.
NAME_LIMIT = 80
#: No name, id or reason takes more of a page than this many characters.
PAGE_NAME_LIMIT = 240

#: Invisible, and part of how some scripts are written.
JOINERS = "\u200c\u200d"

#: What turns the order of the text around it: embeddings, overrides, isolates and their ends.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DIGITS = re.compile(r"(\d+)")
#: What a reason says of one sample: names in quotes, and numbers.
_PARTICULAR = re.compile(r"""'[^']*'|"[^"]*"|\d+""")


def visible(text: object, limit: int = NAME_LIMIT) -> str:
    r"""Return text on one line without control or invisible characters, at most `limit` long.

    They are written as Python writes them: ``\x1b``, ``\u202e``.
    """
    shown = "".join(map(_escaped, str(text)[: limit + 1]))
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def _escaped(character: str) -> str:
    if character.isprintable() or character in JOINERS:
        return character
    return character.encode("unicode_escape").decode("ascii")


def printable(text: object, limit: int = PAGE_NAME_LIMIT) -> str:
    """Return untrusted text as a page may show it: no control characters, bounded, never blank.

    Control characters, lone surrogates (a file name that is no UTF-8) and what turns the text
    around it become U+FFFD: HTML forbids the first, UTF-8 the second, and the third would have a
    name say something else. Escaping is left to the template.
    """
    shown = str(text)
    if len(shown) > limit:
        shown = shown[: limit - 1] + "…"
    shown = "".join(map(_replaced, shown))
    return shown if shown.strip() else "(blank)"


def _replaced(character: str) -> str:
    if character in "\t\n\r":
        return " "
    bad = character in _TURNS or unicodedata.category(character) in ("Cc", "Cs")
    return "\ufffd" if bad else character


#: How a conflict begins that git left in a file.
CONFLICT = "<<<<<<< "


def in_conflict(where: object, line: int | None = None) -> str:
    """Return what to say of a table that a merge left in conflict."""
    at = f", line {line:,}" if line is not None else ""
    return (
        f"{where}{at}: the conflict markers of a merge (<<<<<<<). Choose there: keep the rows that "
        "hold, each once, and remove the lines that begin with <<<<<<<, ======= and >>>>>>>."
    )


def one_line(text: object) -> str:
    """Return what another library says, as one line of ours."""
    return " ".join(str(text).split())


def natural(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Return a sort key that puts ``"class 2"`` before ``"class 10"``."""
    parts = _DIGITS.split(name[:PAGE_NAME_LIMIT])
    key = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part]
    return key, name


def shown(names: Iterable[object], limit: int = 8) -> str:
    """Return the first few names, quoted, and how many more there are."""
    whole = list(names)
    listed = [repr(_cut(str(name))) for name in whole[:limit]]
    more = f" and {len(whole) - limit} more" if len(whole) > limit else ""
    return ", ".join(listed) + more if listed else "(none)"


def most_common(reasons: Iterable[str], limit: int = 5) -> str:
    """Return the most common reasons, how often each was met, and how many others there are.

    Reasons that differ only in what they quote or count are one; the first of them is shown.
    """
    first: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for reason in reasons:
        kind = _PARTICULAR.sub("…", reason)
        first.setdefault(kind, reason)
        counts[kind] += 1
    common = counts.most_common(limit)
    listed = [f"{n:,} × {_cut(first[kind])}" for kind, n in common]
    others = counts.total() - sum(n for _, n in common)
    return "; ".join([*listed, f"{others:,} for other reasons"] if others else listed)


def _cut(name: str) -> str:
    return name if len(name) <= PAGE_NAME_LIMIT else f"{name[: PAGE_NAME_LIMIT - 1]}…"


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'x'?"`` for the closest known name, else an empty string."""
    close = most_like(name, known)
    return f" Did you mean {close!r}?" if close is not None else ""


def most_like(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like one, None where none is."""
    return next(iter(difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.5)), None)
