"""One thing that is wrong, or will be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict


@dataclass(frozen=True)
class Finding:
    """Something that a diff or a CI run would trip over.

    Attributes
    ----------
    check
        Which check found it.
    fails
        Whether a diff or a CI run fails; else it is worth knowing.
    where
        A file or a revision.
    what
        In a sentence.
    remedy
        The command that mends it, or what to do where there is none.
    """

    check: str
    fails: bool
    where: str
    what: str
    remedy: str


class Examined(TypedDict):
    """What was found: the JSON of `cgaudit doctor`.

    Attributes
    ----------
    ok
        False where something would fail; what is only worth knowing does not count.
    findings
        Each with its remedy.
    """

    ok: bool
    findings: list[Finding]
