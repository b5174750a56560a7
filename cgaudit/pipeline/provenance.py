"""How scores were computed, as their file records it."""

from __future__ import annotations

from cgaudit import __version__
from cgaudit.featurize import FeatureStore
from cgaudit.params import Params
from cgaudit.results.table import Provenance
from cgaudit.score import LabelScores


def provenance_of(params: Params, store: FeatureStore, result: LabelScores) -> Provenance:
    """Return what the parameters, the features and the solver decided."""
    sampled = result.info.method == "sampled"
    return Provenance(
        recipe=params.recipe,
        featurizer=store.meta.featurizer,
        featurizer_fingerprint=store.meta.fingerprint,
        method=result.info.method,
        ridge=result.info.ridge,
        likelihood=result.likelihood,
        landmarks=result.info.landmarks,
        seed=result.info.seed,
        precision=result.info.precision,
        task=params.score.task,
        device=result.info.device,
        version=__version__,
        issue_rule=params.score.issue_rule,
        strictness=params.score.strictness,
        repairs="; ".join(result.info.repairs),
        sampling=f"{params.score.draws} draws, ratio {params.score.ratio:g}" if sampled else "",
    )
