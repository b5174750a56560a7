"""`cgaudit audit`: all stages at once, without DVC."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from cgaudit import featurize as features
from cgaudit.dataset import open_source, refuse_unlabelled, write_skipped
from cgaudit.files import refuse_inputs, refuse_special, write_json
from cgaudit.params import Params
from cgaudit.pipeline.score import Inputs, score_samples
from cgaudit.progress import Announce, Progress
from cgaudit.project import Outputs, Project
from cgaudit.results.audited import Audited
from cgaudit.results.reading import readings_in_words
from cgaudit.results.table import write_scores
from cgaudit.verbs.report import build_page, write_page


def audit(
    params: Params,
    out: Path,
    progress: Mapping[str, Progress],
    announce: Announce | None = None,
) -> Audited:
    """Do all of it on any labelled data, without DVC; only the results are kept.

    Parameters
    ----------
    params
        What params.yaml would hold; no featurizer state is needed, it is fitted on the data.
    out
        The folder to write scores.parquet, summary.json, skipped.csv and index.html to.
    progress
        Functions to tell of the work, under ``"featurize"`` and ``"score"``.
    announce
        Told what scoring will take, before it starts.
    """
    outputs = Outputs(out)
    inputs = [Path(name) for name in (params.source.path, params.source.labels) if name]
    refuse_special(*inputs)
    written = (outputs.scores, outputs.skipped, outputs.summary, outputs.page)
    refuse_inputs(written, inputs)
    source = open_source(params.source)
    featurizer = features.featurizer_of(params, source)
    samples, skipped = source.samples()
    if not params.source.are_boxes:
        refuse_unlabelled(params.source, source.root, samples, skipped)
    known = dict(zip(samples["path"], samples["content_hash"], strict=True))
    features.fit_featurizer(source, featurizer, samples, params.featurize.seed)
    with tempfile.TemporaryDirectory(prefix="cgaudit-") as scratch:
        done = features.featurize(
            source,
            featurizer,
            Outputs(Path(scratch)).features,
            recipe=params.recipe,
            known_hashes=known,
            on_error=params.source.on_error,
            progress=progress["featurize"],
        )
        audited = score_samples(
            # No project: what the user named is seen from where they are.
            Project(Path()),
            params,
            Inputs(done.store, done.samples, done.skipped),
            progress["score"],
            announce=announce,
        )
        page = build_page(params, audited, source, done.store)
    write_scores(audited.scores, outputs.scores)
    write_skipped(audited.skipped, outputs.skipped)
    write_json(audited.metrics.as_json(), outputs.summary)
    size = write_page(page, outputs.page)
    read = readings_in_words(done.store.meta.columns)
    notes = [*source.notes, *read, *audited.notes, size]
    return Audited(audited.scores, audited.metrics, audited.skipped, notes)
