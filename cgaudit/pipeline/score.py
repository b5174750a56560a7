"""The score stage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from cgaudit import __version__
from cgaudit.dataset import (
    Columns,
    join_labels,
    read_labels,
    read_samples,
    read_skipped,
    write_skipped,
)
from cgaudit.featurize import FeatureStore, open_store
from cgaudit.files import replacing_folder, write_json
from cgaudit.params import Params, ScoreParams
from cgaudit.pipeline.outputs import REPORTS, Audit, Outputs, Progress
from cgaudit.review import REVIEWED, read_reviewed, still_reviewed
from cgaudit.score import LabelScores, score_labels
from cgaudit.summary import plot_tables, summarise
from cgaudit.table import Provenance, Scores, write_scores


def score(
    params: Params, outputs: Outputs = REPORTS, progress: Progress | None = None
) -> list[str]:
    """Score the labels of the featurized samples and write every table; return what to tell."""
    audited = score_samples(
        params,
        open_store(outputs.features),
        read_samples(outputs.samples),
        read_skipped(outputs.unreadable),
        progress,
        _review_memory(),
    )
    _write_tables(audited, outputs)
    return audited.notes


def score_samples(
    params: Params,
    store: FeatureStore,
    samples: pd.DataFrame,
    unreadable: pd.DataFrame,
    progress: Progress | None,
    reviewed: pd.DataFrame | None = None,
) -> Audit:
    """Join samples with their labels and score them.

    Parameters
    ----------
    params
        Whose ``source`` and ``score`` sections count here.
    store
        Feature vectors by content.
    samples
        The samples that have one.
    unreadable
        What could not be featurized: columns ``id`` and ``reason``.
    reviewed
        The review memory: whose labels a person let stand is not flagged.
    """
    notes: list[str] = []
    labels = None
    if params.source.labels is not None:
        labels = read_labels(Path(params.source.labels), Columns.of(params.source))
        notes += labels.notes
    joined = join_labels(
        samples,
        labels,
        root=Path(params.source.path),
        unreadable=unreadable,
        on_error=params.source.on_error,
    )
    table = joined.table
    hashes = table["content_hash"].tolist()
    result = _judge(params.score, store.take(hashes), table["label"].to_numpy(), progress)
    frame = result.table(table["id"].tolist(), hashes)
    for extra in ("path", "split"):
        if table[extra].notna().any():
            frame[extra] = table[extra].to_numpy()
    if reviewed is not None and len(reviewed):
        frame["is_reviewed"] = still_reviewed(reviewed, frame)
        frame["is_label_issue"] &= ~frame["is_reviewed"]
    complexity = dict(
        zip(map(str, result.classes), map(float, result.class_complexity), strict=True)
    )
    summary = summarise(frame, complexity, len(joined.skipped))
    provenance = _provenance(params, store, result)
    return Audit(Scores(frame, provenance), summary, joined.skipped, [*notes, *result.warnings])


def _review_memory() -> pd.DataFrame | None:
    path = Path(REVIEWED)
    return read_reviewed(path.read_bytes()) if path.exists() else None


def _judge(
    params: ScoreParams, features: np.ndarray, labels: np.ndarray, progress: Progress | None
) -> LabelScores:
    return score_labels(
        features,
        labels,
        method=params.method,
        ridge=params.ridge,
        likelihood=params.likelihood,
        landmarks=params.landmarks,
        seed=params.seed,
        precision=params.precision,
        device=params.device,
        memory_limit=params.memory_limit,
        issue_rule=params.issue_rule,
        strictness=params.strictness,
        progress=progress,
    )


def _provenance(params: Params, store: FeatureStore, result: LabelScores) -> Provenance:
    return Provenance(
        recipe=params.recipe,
        featurizer=store.meta.featurizer,
        featurizer_fingerprint=store.meta.fingerprint,
        method=result.info.method,
        ridge=result.info.ridge,
        likelihood=params.score.likelihood,
        landmarks=result.info.landmarks,
        seed=result.info.seed,
        precision=result.info.precision,
        task="classification",
        device=result.info.device,
        version=__version__,
        issue_rule=params.score.issue_rule,
        strictness=params.score.strictness,
        repairs="; ".join(result.info.repairs),
    )


def _write_tables(audited: Audit, outputs: Outputs) -> None:
    write_scores(audited.scores, outputs.scores)
    write_skipped(audited.skipped, outputs.skipped)
    with replacing_folder(outputs.plots) as folder:
        for name, rows in plot_tables(audited.scores.table).items():
            write_json(rows, folder / f"{name}.json")
    write_json(audited.summary, outputs.summary)
