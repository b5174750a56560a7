"""The report stage."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cgaudit.dataset import Source, open_source, read_skipped
from cgaudit.errors import StaleError
from cgaudit.featurize import FeatureStore, open_store
from cgaudit.files import replacing
from cgaudit.params import Params, SourceParams
from cgaudit.pipeline.outputs import REPORTS, Audit, Outputs
from cgaudit.report import (
    Evidence,
    Neighbour,
    Question,
    ReportOptions,
    Sights,
    build_context,
    render,
)
from cgaudit.report.evidence import FindNeighbours, Picture
from cgaudit.table import Provenance, Scores, read_scores

if TYPE_CHECKING:
    from PIL import Image

#: How many of the nearest samples are asked for their label.
VOTERS = 10


def report(params: Params, outputs: Outputs = REPORTS) -> list[str]:
    """Render the HTML report of the scores; return what to tell.

    Neighbours are shown where the feature store is there.
    """
    scores = read_scores(outputs.scores)
    page = build_page(
        params,
        Audit(scores, _read_json(outputs.summary), read_skipped(outputs.skipped)),
        open_source(params.source),
        open_store(outputs.features) if outputs.features.exists() else None,
    )
    return [write_page(page, outputs.page)]


def build_page(
    params: Params, audited: Audit, source: Source, store: FeatureStore | None = None
) -> str:
    """Return the HTML of the report of an audit.

    Parameters
    ----------
    params
        Whose ``source`` and ``report`` sections count here.
    audited
        What there is to report.
    source
        Where the pictures come from.
    store
        Where the neighbours come from; without it none are shown.

    Raises
    ------
    StaleError
        The store lacks a sample of the scores, or was made by another featurizer.
    """
    context = build_context(
        audited.scores.table,
        audited.summary,
        skipped=audited.skipped,
        provenance=_shown_provenance(audited.scores.provenance, params.source),
        params=ReportOptions(
            title=params.report.title,
            samples=params.report.samples,
            random_samples=params.report.random_samples,
            seed=params.report.seed,
            thumbnail=params.report.thumbnail,
        ),
        sights=Sights(
            picture=_pictures(audited.scores.table, source),
            neighbours=_neighbours(audited.scores, store, params.report.neighbours),
        ),
    )
    return render(context)


def _pictures(table: pd.DataFrame, source: Source) -> Picture | None:
    if source.kind != "images" or "path" not in table:
        return None
    paths = dict(zip(table["id"], table["path"], strict=True))

    def picture(sample: str) -> Image.Image | None:
        return source.picture(paths[sample])

    return picture


def _neighbours(scores: Scores, store: FeatureStore | None, k: int) -> FindNeighbours | None:
    """Return a function that finds the evidence for samples of the scores."""
    if store is None or k == 0:
        return None
    _check_store(store, scores.provenance)
    where = store.rows(scores.table["content_hash"].to_numpy())
    ids = scores.table["id"].tolist()
    labels = scores.table["given_label"].tolist()

    def find(questions: Sequence[Question]) -> list[Evidence]:
        return _evidence(questions, ids, labels, store.vectors, where, k)

    return find


def _evidence(
    questions: Sequence[Question],
    ids: Sequence[str],
    labels: Sequence[str | None],
    vectors: npt.NDArray[np.float32],
    where: npt.NDArray[np.int64],
    k: int,
) -> list[Evidence]:
    # Imported here, as it loads torch, which a report without neighbours does not need.
    from cgaudit.neighbours import ANY, UNLABELLED, nearest

    number = {name: i for i, name in enumerate(ids)}
    names = sorted({label for label in labels if label is not None})
    code = {name: i for i, name in enumerate(names)}
    nobody = len(names)
    found = nearest(
        vectors,
        where,
        np.array([UNLABELLED if label is None else code[label] for label in labels], np.int64),
        np.array([number[question.sample] for question in questions], np.int64),
        np.array(
            [
                [code[question.given], code.get(question.rival or "", nobody), ANY]
                for question in questions
            ],
            np.int64,
        ).reshape(-1, 3),
        max(k, VOTERS),
    )

    def known(samples: npt.NDArray[np.int64]) -> list[int]:
        return [int(sample) for sample in samples if sample >= 0]

    def side(query: int, slot: int) -> list[Neighbour]:
        similarity = 2 * found.kernel[query, slot]
        return [
            Neighbour(ids[sample], float(near))
            for sample, near in zip(known(found.samples[query, slot])[:k], similarity, strict=False)
        ]

    return [
        Evidence(
            given=side(query, 0),
            rival=side(query, 1),
            labels=[str(labels[sample]) for sample in known(found.samples[query, 2])[:VOTERS]],
        )
        for query in range(len(questions))
    ]


def _check_store(store: FeatureStore, provenance: Provenance) -> None:
    if store.meta.fingerprint != provenance.featurizer_fingerprint:
        raise StaleError(
            f"The features were made by another featurizer ({store.meta.fingerprint}) than the "
            f"scores ({provenance.featurizer_fingerprint}). Run `cgaudit score` again."
        )


def _shown_provenance(
    provenance: Provenance, source: SourceParams
) -> dict[str, str | int | float | None]:
    where = {"data": source.path, "labels": source.labels or "from the data itself"}
    return {**where, **asdict(provenance)}


def write_page(page: str, path: Path) -> str:
    """Write a report; return what to tell the user: where it is and how large."""
    with replacing(path) as partial:
        partial.write_text(page, encoding="utf-8")
    return f"Wrote {path} ({path.stat().st_size / 1e6:.2f} MB)."


def _read_json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
