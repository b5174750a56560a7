"""What scoring will take, said before it starts."""

from __future__ import annotations

from cgaudit.params import ScoreParams
from cgaudit.solve import calibrate, device_memory, kept_bytes, plan, resolve_device
from cgaudit.solve.plan import as_gib


def scoring_cost(params: ScoreParams, n: int, d: int, n_classes: int) -> str:
    """Return method, memory and estimated time of scoring n labelled samples, as a sentence.

    The time comes from a short calibration of the device; the method does not.

    Raises
    ------
    SolveError
        It does not fit the memory limit; the message says what would.
    """
    device = resolve_device(params.device)
    place = device.type
    chosen = plan(
        n,
        d,
        n_classes,
        device=place,
        memory_limit=params.memory_limit,
        method=params.method,
        precision=params.precision,
        landmarks=params.landmarks,
        draws=params.draws,
        ratio=params.ratio,
        device_memory=device_memory(device),
    )
    time = _duration(chosen.seconds(calibrate(params.device, params.precision)))
    size = f", {chosen.landmarks:,} landmarks" if chosen.landmarks else ""
    streamed = ""
    if chosen.streamed_bytes:
        streamed = f" ({as_gib(chosen.streamed_bytes)} streamed through the {place} device)"
    kept = ""
    if params.keep_factor and chosen.method == "exact":
        disk = kept_bytes(n, chosen.tile, chosen.precision)
        kept = f", {as_gib(disk)} of disk for the kept factor"
    return (
        f"scoring {n:,} labels in {n_classes:,} classes by {d:,} features: {chosen.method} in "
        f"{chosen.precision}{size} ({chosen.reason}); {as_gib(chosen.bytes)} of memory"
        f"{streamed}{kept}, about {time} on {place}"
    )


def _duration(seconds: float) -> str:
    if seconds < 1:
        return "a second"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
