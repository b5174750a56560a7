"""Findings as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from cgaudit.doctor.finding import Finding
from cgaudit.wording.numbers import plural
from cgaudit.wording.text import visible

_LIMIT = 500


def doctor_text(findings: Sequence[Finding]) -> str:
    """Return the findings, each with its remedy, those that fail first."""
    if not findings:
        return "Nothing found that would make a diff or a CI run fail.\n"
    failing = sum(finding.fails for finding in findings)
    notes = len(findings) - failing
    head = f"{plural(failing, 'problem')}, {plural(notes, 'note')}"
    ordered = sorted(findings, key=lambda finding: not finding.fails)
    return "\n\n".join([head, *map(_block, ordered)]) + "\n"


def _block(finding: Finding) -> str:
    kind = "problem" if finding.fails else "note"
    return (
        f"{kind}  {finding.check}: {visible(finding.where)}\n"
        f"    {visible(finding.what, _LIMIT)}\n"
        f"    → {visible(finding.remedy, _LIMIT)}"
    )
