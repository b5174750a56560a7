"""`cgaudit featurize`: samples to feature vectors, those that are not there yet."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from cgaudit import featurize as features
from cgaudit.dataset import open_source, write_samples, write_skipped
from cgaudit.params import Params
from cgaudit.pipeline.inputs import refuse_elsewhere
from cgaudit.pipeline.presence import notes_on_gaps
from cgaudit.pipeline.reuse import Previous, hashes_known_to_dvc, previous_store
from cgaudit.progress import Progress
from cgaudit.project import Project
from cgaudit.results.reading import readings_in_words


def featurize(
    project: Project,
    params: Params,
    progress: Progress | None = None,
    *,
    cold: bool = False,
) -> list[str]:
    """Write the feature store, the samples and what could not be read; return what to tell.

    Contents whose vectors an earlier run left behind are not computed again (see
    `cgaudit.pipeline.reuse`), unless `cold` is set.
    """
    refuse_elsewhere(project)
    source = open_source(params.source, base=project.root, sets=params.sets)
    outputs = project.outputs
    featurizer = features.featurizer_of(params, source)
    features.load_state(featurizer, project.root / params.featurize.state, params.recipe)
    known = {} if cold or not source.root.is_dir() else hashes_known_to_dvc(project, source.root)
    with _earlier(project, featurizer.fingerprint(params.recipe), cold) as previous:
        done = features.featurize(
            source,
            featurizer,
            outputs.features,
            recipe=params.recipe,
            reuse=previous.store,
            known_hashes=known,
            on_error=params.source.on_error,
            shards=project.shards,
            progress=progress,
        )
    write_samples(done.samples, outputs.samples)
    write_skipped(done.skipped, outputs.unreadable)
    read = readings_in_words(done.store.meta.columns)
    gaps = notes_on_gaps(project, params.source)
    notes = [*source.notes, *gaps, *read, _reused(done, previous)]
    if featurizer.covered_at_fit is not None:
        now = features.covered_now(source, featurizer, done.samples, params.featurize.seed)
        drift = features.drift_note(featurizer.covered_at_fit, now)
        notes += [drift] if drift else []
    return notes


def _earlier(project: Project, fingerprint: str, cold: bool) -> AbstractContextManager[Previous]:
    if cold:
        return nullcontext(Previous(None, "--cold"))
    return previous_store(project, fingerprint)


def _reused(done: features.Featurized, previous: Previous) -> str:
    if previous.store is None:
        return f"features: computed {done.computed:,}, reused none ({previous.says})"
    return f"features: computed {done.computed:,}, reused {done.reused:,} from {previous.says}"
