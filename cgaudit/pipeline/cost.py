"""What scoring will take, said before it starts."""

from __future__ import annotations

from cgaudit.solve import (
    Device,
    Solving,
    as_gib,
    expected_seconds,
    kept_bytes,
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
    time = _duration(expected_seconds(chosen))
    size = f", {chosen.landmarks:,} landmarks" if chosen.landmarks else ""
    streamed = ""
    if chosen.streamed_bytes:
        streamed = f" ({as_gib(chosen.streamed_bytes)} streamed through the {device.kind} device)"
    of = "numbers" if n_classes is None else f"labels in {n_classes:,} classes"
    kept = ""
    if solving.keep_factor is not None and chosen.method == "exact":
        disk = kept_bytes(n, chosen.tile, solving.precision)
        kept = f", {as_gib(disk)} of disk for the kept factor"
    return (
        f"scoring {n:,} {of} by {d:,} features: {chosen.method} in "
        f"{solving.precision}{size} ({chosen.reason}); {as_gib(chosen.bytes)} of memory"
        f"{streamed}{kept}, about {time} on {device.kind}"
    )


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "a second"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
