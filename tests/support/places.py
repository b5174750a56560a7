"""Where the repository and the real data beside it lie."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Real data sets, on some machines only.
SHARED = ROOT.parent / "shared" / "data"
