"""The featurize stage, and the fit that comes before it once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cgaudit import featurize as features
from cgaudit.dataset import Source, open_source, write_samples, write_skipped
from cgaudit.errors import FeaturizerError
from cgaudit.params import FeaturizeParams, Params
from cgaudit.pipeline.outputs import REPORTS, Outputs, Progress


def fit(params: Params, *, force: bool = False) -> list[str]:
    """Fit the featurizer's frozen state on the data and write it where the params say.

    Returns what to tell the user.

    Raises
    ------
    FeaturizerError
        A state is already there and `force` is not set: refitting makes older scores incomparable.
    """
    path = Path(params.featurize.state)
    source = open_source(params.source)
    featurizer = featurizer_of(params.featurize, source)
    if not featurizer.learns:
        return [f"The featurizer {featurizer.name!r} learns nothing; there is no state to keep."]
    if path.exists() and not force:
        raise FeaturizerError(
            f"{path} is already there. Scores made with another state cannot be compared with "
            "those made so far; run `cgaudit fit --force` to replace it all the same."
        )
    samples, _ = source.samples()
    features.fit_featurizer(source, featurizer, samples, params.featurize.seed)
    features.save_state(featurizer, path, params.recipe)
    return [*source.notes, f"Wrote {path}. Keep it in git, or with `dvc add` if it is large."]


def featurize(
    params: Params, outputs: Outputs = REPORTS, progress: Progress | None = None
) -> list[str]:
    """Write the feature store, the samples and what could not be read; return what to tell."""
    source = open_source(params.source)
    featurizer = featurizer_of(params.featurize, source)
    features.load_state(featurizer, Path(params.featurize.state), params.recipe)
    done = features.featurize(
        source,
        featurizer,
        outputs.features,
        recipe=params.recipe,
        on_error=params.source.on_error,
        progress=progress,
    )
    write_samples(done.samples, outputs.samples)
    write_skipped(done.skipped, outputs.unreadable)
    return list(source.notes)


def featurizer_of(params: FeaturizeParams, source: Source) -> Any:  # noqa: ANN401 - any payload
    """Return the featurizer that the params name, not fitted."""
    return features.create_featurizer(params.name, params.options, kind=source.kind)
