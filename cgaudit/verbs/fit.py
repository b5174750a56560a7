"""`cgaudit fit`: the featurizer's frozen state, learned from the data once."""

from __future__ import annotations

from zipfile import is_zipfile

from cgaudit import featurize as features
from cgaudit.dataset import open_source
from cgaudit.errors import FeaturizerError
from cgaudit.files import refuse_inputs, refuse_outside
from cgaudit.params import Params
from cgaudit.pipeline.inputs import settings
from cgaudit.pipeline.presence import notes_on_gaps
from cgaudit.project import PARAMS, Project
from cgaudit.scaffold import keep_state


def fit(
    project: Project, params: Params, *, force: bool = False, hands_on: bool = False
) -> list[str]:
    """Fit the featurizer's frozen state on the data and write it where the params say.

    Returns what to tell the user. A caller that `hands_on` the state keeps it, and says where.

    Raises
    ------
    FeaturizerError
        A state is already there and `force` is not set: refitting makes older scores incomparable.
        Or what is there is no state.
    OutputError
        The params name a place outside of the repository, or the data itself.
    """
    path = project.root / params.featurize.state
    refuse_outside(path, project.top)
    inputs = [project.root / name for name in (params.source.path, params.source.labels) if name]
    refuse_inputs([path], [*settings(project), *inputs])
    source = open_source(params.source, base=project.root, sets=params.sets)
    featurizer = features.featurizer_of(params, source)
    if not featurizer.learns:
        return [f"The featurizer {featurizer.name!r} learns nothing; there is no state to keep."]
    if path.exists() and not force:
        raise FeaturizerError(
            f"{path} is already there. Scores made with another state cannot be compared with "
            "those made so far; run `cgaudit fit --force` to replace it all the same."
        )
    if path.exists() and path.suffix != ".npz" and not is_zipfile(path):
        raise FeaturizerError(
            f"{path} is no featurizer state: it is not replaced by one. Name another file as "
            f"featurize.state in {PARAMS}."
        )
    samples, _ = source.samples()
    seed = params.featurize.seed
    features.fit_featurizer(source, featurizer, samples, seed)
    featurizer.covered_at_fit = features.covered_at_fit(source, featurizer, samples, seed)
    features.save_state(featurizer, path, params.recipe)
    lacks = notes_on_gaps(project, params.source)
    keep = [] if hands_on else [keep_state(project, params.featurize.state)]
    return [*source.notes, *lacks, f"Wrote {path}.", *keep]
