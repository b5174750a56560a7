"""What scoring will take, said before it starts."""

from __future__ import annotations

from cgaudit.solve import (
    Device,
    Plan,
    Solving,
    as_gib,
    expected_seconds,
    is_kept,
    plan,
    resolve_device,
)


def scoring_cost(solving: Solving, n: int, d: int, n_classes: int | None) -> str:
    """Return method, memory and estimated time of scoring n labelled samples, as a sentence.

    The time comes from a short calibration of the device, where the work is not shorter still; the
    method does not. Labels that are numbers have no classes: None.

    Raises
    ------
    SolveError
        It does not fit the memory limit; the message says what would.
    """
    device = Device.of(resolve_device(solving.device))
    chosen = plan(n, d, n_classes or 1, solving, device)
    seconds = expected_seconds(chosen)
    size = f", {chosen.landmarks:,} landmarks" if chosen.landmarks else ""
    streamed = ""
    if chosen.streamed_bytes:
        streamed = f" ({as_gib(chosen.streamed_bytes)} streamed through the {device.kind} device)"
    of = "numbers" if n_classes is None else f"labels in {n_classes:,} classes"
    again = _again(chosen, n, seconds)
    return (
        f"scoring {n:,} {of} by {d:,} features: {chosen.method} in "
        f"{solving.precision}{size} ({chosen.reason}); {as_gib(chosen.bytes)} of memory"
        f"{streamed}, about {_duration(seconds)} on {device.kind}{again and f'; {again}'}"
    )


def relabelling_cost(solving: Solving, n: int, d: int, n_classes: int | None) -> str:
    """Return what scoring other labels of the same samples takes; nothing where nothing is kept.

    Raises
    ------
    SolveError
        As `scoring_cost`.
    """
    chosen = plan(n, d, n_classes or 1, solving, Device.of(resolve_device(solving.device)))
    if chosen.solving.keep_factor is None:
        return ""
    return _again(chosen, n, expected_seconds(chosen))


def _again(chosen: Plan, n: int, seconds: float) -> str:
    if chosen.solving.keep_factor is None:
        return ""
    time, size = _duration(seconds * (1 - chosen.spared / chosen.flop)), as_gib(chosen.kept_bytes)
    if is_kept(chosen, n):
        return f"where only labels changed about {time}: the last run kept {size} of what is needed"
    return f"{size} of it will be kept, with which other labels of the same samples take {time}"


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "a second"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
