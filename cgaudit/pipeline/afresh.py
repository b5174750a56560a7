"""Features of data that keeps none: the featurizer is fitted on it, and it is featurized whole."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cgaudit import featurize as features
from cgaudit.dataset import Source, open_source, refuse_unlabelled
from cgaudit.featurize import FeatureStore
from cgaudit.params import Params
from cgaudit.pipeline.labelsets import refuse_single_labels
from cgaudit.pipeline.score import Inputs
from cgaudit.progress import Progress
from cgaudit.project import Outputs, Project


def featurize_afresh(
    params: Params, source: Source, scratch: Path, progress: Progress | None = None
) -> Inputs:
    """Fit a featurizer on a source, and featurize it.

    The same data gives the same features, and the same fingerprint.

    Parameters
    ----------
    params
        Whose ``source`` and ``featurize`` sections count here.
    source
        The data.
    scratch
        Where the features go; what is returned reads them from there.
    progress
        Told of (done, total) work.

    Raises
    ------
    LabelsError
        The source has no labels.
    """
    featurizer = features.featurizer_of(params, source)
    samples, skipped = source.samples()
    if params.sets is not None:
        refuse_single_labels(params.source, source.root)
    elif not params.source.are_boxes:
        refuse_unlabelled(params.source, source.root, samples, skipped)
    known = dict(zip(samples["path"], samples["content_hash"], strict=True))
    features.fit_featurizer(source, featurizer, samples, params.featurize.seed)
    done = features.featurize(
        source,
        featurizer,
        Outputs(scratch).features,
        recipe=params.recipe,
        known_hashes=known,
        on_error=params.source.on_error,
        progress=progress,
    )
    return Inputs(done.store, done.samples, done.skipped)


@contextmanager
def store_kept_or_afresh(project: Project, params: Params) -> Iterator[FeatureStore]:
    """Yield the features alone of what `kept_or_afresh` yields; no list of samples is read."""
    if project.audited is None:
        yield features.open_store(project.outputs.features)
        return
    with kept_or_afresh(project, params) as inputs:
        yield inputs.store


@contextmanager
def kept_or_afresh(project: Project, params: Params) -> Iterator[Inputs]:
    """Yield the features that the stages keep, or those of an audit, which keeps none, afresh."""
    if project.audited is None:
        yield Inputs.read(project.outputs)
        return
    source = open_source(params.source, base=project.root, sets=params.sets)
    with tempfile.TemporaryDirectory(prefix="cgaudit-") as scratch:
        yield featurize_afresh(params, source, Path(scratch))
