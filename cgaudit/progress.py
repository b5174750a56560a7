"""How long work tells those who wait for it what it does."""

from __future__ import annotations

from collections.abc import Callable

#: Told (done, total), in any unit.
Progress = Callable[[float, float], None]

#: Told, in a sentence, what work will take before it starts.
Announce = Callable[[str], None]
