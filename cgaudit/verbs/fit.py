"""`cgaudit fit`: the featurizer's frozen state, learned from the data once."""

from __future__ import annotations

from cgaudit import featurize as features
from cgaudit.dataset import open_source
from cgaudit.errors import FeaturizerError
from cgaudit.params import Params
from cgaudit.pipeline.presence import notes_on_gaps
from cgaudit.project import Project


def fit(project: Project, params: Params, *, force: bool = False) -> list[str]:
    """Fit the featurizer's frozen state on the data and write it where the params say.

    Returns what to tell the user.

    Raises
    ------
    FeaturizerError
        A state is already there and `force` is not set: refitting makes older scores incomparable.
    """
    path = project.root / params.featurize.state
    source = open_source(params.source, base=project.root)
    featurizer = features.featurizer_of(params, source)
    if not featurizer.learns:
        return [f"The featurizer {featurizer.name!r} learns nothing; there is no state to keep."]
    if path.exists() and not force:
        raise FeaturizerError(
            f"{path} is already there. Scores made with another state cannot be compared with "
            "those made so far; run `cgaudit fit --force` to replace it all the same."
        )
    samples, _ = source.samples()
    seed = params.featurize.seed
    features.fit_featurizer(source, featurizer, samples, seed)
    featurizer.covered_at_fit = features.covered_at_fit(source, featurizer, samples, seed)
    features.save_state(featurizer, path, params.recipe)
    lacks = notes_on_gaps(project, params.source)
    return [
        *source.notes,
        *lacks,
        f"Wrote {path}. Keep it in git, or with `dvc add` if it is large.",
    ]
