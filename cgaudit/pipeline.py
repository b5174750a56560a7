"""The verbs of the main job: each reads its inputs, calls the core, and writes its outputs."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cgaudit import __version__
from cgaudit.dataset import (
    Columns,
    Source,
    join_labels,
    open_source,
    read_labels,
    read_samples,
    read_skipped,
    write_samples,
    write_skipped,
)
from cgaudit.errors import FeaturizerError
from cgaudit.featurize import (
    FeatureStore,
    create_featurizer,
    fit_featurizer,
    load_state,
    open_store,
    save_state,
)
from cgaudit.featurize import featurize as write_features
from cgaudit.files import replacing, replacing_folder, write_json
from cgaudit.params import FeaturizeParams, Params, ScoreParams, SourceParams
from cgaudit.report import ReportOptions, build_context, render
from cgaudit.score import LabelScores, score_labels
from cgaudit.summary import plot_tables, summarise
from cgaudit.table import Provenance, Scores, read_scores, write_scores

if TYPE_CHECKING:
    from PIL import Image

Progress = Callable[[float, float], None]


@dataclass(frozen=True)
class Outputs:
    """Where the outputs of an audit lie, below one folder."""

    folder: Path

    @property
    def features(self) -> Path:
        """Feature store of the featurize stage."""
        return self.folder / "features"

    @property
    def samples(self) -> Path:
        """Which samples the store is of."""
        return self.folder / "samples.parquet"

    @property
    def unreadable(self) -> Path:
        """What the featurize stage could not read."""
        return self.folder / "unreadable.csv"

    @property
    def scores(self) -> Path:
        """The scores table."""
        return self.folder / "scores.parquet"

    @property
    def summary(self) -> Path:
        """DVC metrics."""
        return self.folder / "summary.json"

    @property
    def skipped(self) -> Path:
        """All that was seen and not scored."""
        return self.folder / "skipped.csv"

    @property
    def plots(self) -> Path:
        """Tables of the DVC plots."""
        return self.folder / "plots"

    @property
    def page(self) -> Path:
        """The HTML report."""
        return self.folder / "index.html"


REPORTS = Outputs(Path("reports"))


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes
    ----------
    scores
        The scores table and its provenance.
    summary
        The metrics.
    skipped
        What was seen and not scored: columns ``id``, ``reason``.
    notes
        What was inferred, and what to know before trusting the figures.
    """

    scores: Scores
    summary: dict[str, Any]
    skipped: pd.DataFrame
    notes: list[str] = field(default_factory=list)


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
    featurizer = _featurizer(params.featurize, source)
    if not featurizer.learns:
        return [f"The featurizer {featurizer.name!r} learns nothing; there is no state to keep."]
    if path.exists() and not force:
        raise FeaturizerError(
            f"{path} is already there. Scores made with another state cannot be compared with "
            "those made so far; run `cgaudit fit --force` to replace it all the same."
        )
    samples, _ = source.samples()
    fit_featurizer(source, featurizer, samples, params.featurize.seed)
    save_state(featurizer, path, params.recipe)
    return [*source.notes, f"Wrote {path}. Keep it in git, or with `dvc add` if it is large."]


def featurize(
    params: Params, outputs: Outputs = REPORTS, progress: Progress | None = None
) -> list[str]:
    """Write the feature store, the samples and what could not be read; return what to tell."""
    source = open_source(params.source)
    featurizer = _featurizer(params.featurize, source)
    load_state(featurizer, Path(params.featurize.state), params.recipe)
    done = write_features(
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


def score(
    params: Params, outputs: Outputs = REPORTS, progress: Progress | None = None
) -> list[str]:
    """Score the labels of the featurized samples and write every table; return what to tell."""
    audited = _score(
        params,
        open_store(outputs.features),
        read_samples(outputs.samples),
        read_skipped(outputs.unreadable),
        progress,
    )
    _write_tables(audited, outputs)
    return audited.notes


def report(params: Params, outputs: Outputs = REPORTS) -> list[str]:
    """Render the HTML report of the scores; return what to tell."""
    scores = read_scores(outputs.scores)
    page = _page(
        params,
        Audit(scores, _read_json(outputs.summary), read_skipped(outputs.skipped)),
        open_source(params.source),
    )
    return [_write_page(page, outputs.page)]


def audit(params: Params, out: Path, progress: Mapping[str, Progress]) -> Audit:
    """Do all of it on any labelled data, without DVC; only the results are kept.

    Parameters
    ----------
    params
        What params.yaml would hold; no featurizer state is needed, it is fitted on the data.
    out
        The folder to write scores.parquet, summary.json, skipped.csv and index.html to.
    progress
        Functions to tell of the work, under ``"featurize"`` and ``"score"``.
    """
    source = open_source(params.source)
    featurizer = _featurizer(params.featurize, source)
    samples, _ = source.samples()
    known = dict(zip(samples["path"], samples["content_hash"], strict=True))
    fit_featurizer(source, featurizer, samples, params.featurize.seed)
    with tempfile.TemporaryDirectory(prefix="cgaudit-") as scratch:
        done = write_features(
            source,
            featurizer,
            Outputs(Path(scratch)).features,
            recipe=params.recipe,
            known_hashes=known,
            on_error=params.source.on_error,
            progress=progress["featurize"],
        )
        audited = _score(params, done.store, done.samples, done.skipped, progress["score"])
    page = _page(params, audited, source)
    outputs = Outputs(out)
    write_scores(audited.scores, outputs.scores)
    write_skipped(audited.skipped, outputs.skipped)
    write_json(audited.summary, outputs.summary)
    size = _write_page(page, outputs.page)
    return Audit(
        audited.scores, audited.summary, audited.skipped, [*source.notes, *audited.notes, size]
    )


def _featurizer(params: FeaturizeParams, source: Source) -> Any:  # noqa: ANN401 - any payload
    return create_featurizer(params.name, params.options, kind=source.kind)


def _score(
    params: Params,
    store: FeatureStore,
    samples: pd.DataFrame,
    unreadable: pd.DataFrame,
    progress: Progress | None,
) -> Audit:
    notes: list[str] = []
    labels = None
    if params.source.labels is not None:
        labels = read_labels(Path(params.source.labels), Columns.of(params.source))
        notes += labels.notes
    joined = join_labels(
        samples, labels, root=Path(params.source.path), on_error=params.source.on_error
    )
    table = joined.table
    hashes = table["content_hash"].tolist()
    result = _judge(params.score, store.take(hashes), table["label"].to_numpy(), progress)
    frame = result.table(table["id"].tolist(), hashes)
    for extra in ("path", "split"):
        if table[extra].notna().any():
            frame[extra] = table[extra].to_numpy()
    skipped = pd.concat([unreadable, joined.skipped]).sort_values(["id", "reason"])
    complexity = dict(
        zip(map(str, result.classes), map(float, result.class_complexity), strict=True)
    )
    summary = summarise(frame, complexity, len(skipped))
    provenance = _provenance(params, store, result)
    return Audit(Scores(frame, provenance), summary, skipped, [*notes, *result.warnings])


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
    )


def _write_tables(audited: Audit, outputs: Outputs) -> None:
    write_scores(audited.scores, outputs.scores)
    write_skipped(audited.skipped, outputs.skipped)
    with replacing_folder(outputs.plots) as folder:
        for name, rows in plot_tables(audited.scores.table).items():
            write_json(rows, folder / f"{name}.json")
    write_json(audited.summary, outputs.summary)


def _page(params: Params, audited: Audit, source: Source) -> str:
    table = audited.scores.table
    paths = dict(zip(table["id"], table["path"], strict=True)) if "path" in table else {}

    def picture(sample: str) -> Image.Image | None:
        path = paths.get(sample)
        return None if path is None else source.picture(path)

    options = ReportOptions(params.report.title, params.report.samples, params.report.thumbnail)
    context = build_context(
        table,
        audited.summary,
        skipped=audited.skipped,
        provenance=_shown_provenance(audited.scores.provenance, params.source),
        params=options,
        picture=picture if source.kind == "images" else None,
        excerpt=None,
    )
    return render(context)


def _shown_provenance(
    provenance: Provenance, source: SourceParams
) -> dict[str, str | int | float | None]:
    where = {"data": source.path, "labels": source.labels or "from the data itself"}
    return {**where, **asdict(provenance)}


def _write_page(page: str, path: Path) -> str:
    with replacing(path) as partial:
        partial.write_text(page, encoding="utf-8")
    return f"Wrote {path} ({path.stat().st_size / 1e6:.2f} MB)."


def _read_json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
