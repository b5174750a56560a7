"""How the scores that tests make by hand say they were computed."""

from __future__ import annotations

from cgaudit.results.table import Provenance

PROVENANCE = Provenance(
    recipe=1,
    featurizer="patches",
    featurizer_fingerprint="f" * 32,
    method="exact",
    ridge=0.1,
    likelihood="gaussian",
    landmarks=None,
    seed=0,
    precision="float32",
    task="classification",
    device="cpu",
    version="0.1.0",
)
