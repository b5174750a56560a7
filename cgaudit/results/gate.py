"""What a gate says of a version: the types of `cgaudit check --json`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

from cgaudit.params import CheckParams, ClassLimits, Params
from cgaudit.wording.text import visible

# `class` is no name in Python.
_OfClass = TypedDict("_OfClass", {"class": str | None})


class Limit(_OfClass):
    """One limit, and what the version makes of it.

    Attributes
    ----------
    class
        The class that it is for, None for the whole.
    limit
        Its key in params.yaml.
    threshold
        What is asked for.
    value
        What the version has; None where it was skipped.
    ok
        None where it was skipped.
    detail
        What broke it, or why it was skipped.
    """

    limit: str
    threshold: float
    value: float | None
    ok: bool | None
    detail: str


class Checked(TypedDict):
    """What the limits make of a version.

    Attributes
    ----------
    ok
        False where one is broken.
    neutral
        Why limits were skipped, else None.
    limits
        All that are set.
    limits_from
        The revision whose limits these are, None for those of the workspace.
    recomputed
        Whether the scores were computed anew, rather than taken as they came.
    notes
        What that means, and what else a reviewer should know before trusting the answer.
    """

    ok: bool
    neutral: str | None
    limits: list[Limit]
    limits_from: str | None
    recomputed: bool
    notes: list[str]


def loosened(before: Params, now: Params | None) -> list[str]:
    """Return what a change of the parameters lets through that was held before.

    Parameters
    ----------
    before
        The parameters that count.
    now
        Those that the change would have instead; None where it has none.
    """
    after = now or Params()
    found = [
        *_looser("", before.check, after.check),
        *_looser(" of any class", before.check.any_class, after.check.any_class),
    ]
    for label in sorted({*before.check.classes, *after.check.classes}):
        was, will = _of_class(before.check, label), _of_class(after.check, label)
        found += _looser(f" of class {visible(label)!r}", was, will)
    if after.diff.band > before.diff.band:
        found.append(f"diff.band {before.diff.band:g} → {after.diff.band:g}")
    return found


def _of_class(check: CheckParams, label: str) -> ClassLimits:
    """Return what holds for a class: a named one is left out of `any_class`."""
    return check.classes.get(label, check.any_class)


def _looser(
    whose: str, before: CheckParams | ClassLimits, now: CheckParams | ClassLimits
) -> Iterator[str]:
    for name in type(before).model_fields:
        was, will = getattr(before, name), getattr(now, name)
        if not isinstance(was, int | float):
            continue
        if will is None:
            yield f"{name}{whose} {was:g} → none"
        elif will > was if name.startswith("max_") else will < was:
            yield f"{name}{whose} {was:g} → {will:g}"
