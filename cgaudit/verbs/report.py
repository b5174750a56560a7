"""`cgaudit report`: the page of the scores that are there."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pandas as pd

from cgaudit.dataset import Source, is_packed, open_source, read_skipped
from cgaudit.errors import ParamsError, StaleError
from cgaudit.evidence.sights import source_sights
from cgaudit.evidence.witnesses import witnesses_of
from cgaudit.featurize import FeatureStore, open_store
from cgaudit.files import write_text
from cgaudit.numerics.plane import neighbour_plane, principal_plane
from cgaudit.pages.audit import (
    LEAST,
    Part,
    ReportOptions,
    build_context,
    commands_after,
    commands_after_part,
    mapped,
    plane_section,
    render,
    report_markdown,
)
from cgaudit.pages.frame.asked import Address, Sights
from cgaudit.params import Params, SourceParams
from cgaudit.pipeline.afresh import store_kept_or_afresh
from cgaudit.pipeline.inputs import refuse_elsewhere
from cgaudit.project import NAMED, Outputs, Project
from cgaudit.reading.files import Damage, bytes_of
from cgaudit.results.audited import Audited
from cgaudit.results.metrics import Metrics, read_metrics
from cgaudit.results.overview import Overview, open_overview
from cgaudit.results.table import Provenance
from cgaudit.verbs.beside import beside_scores
from cgaudit.wording.markdown import Markdown


class Told(NamedTuple):
    """What a report tells of: the scores, the same in a few numbers, and what was not scored."""

    scores: Overview
    metrics: Metrics
    skipped: pd.DataFrame

    @classmethod
    def of(cls, audited: Audited) -> Told:
        """Return what there is to tell of an audit."""
        return cls(Overview.of(audited.scores), audited.metrics, audited.skipped)

    @classmethod
    def at(cls, outputs: Outputs, scores: Overview | None = None) -> Told:
        """Return what there is to tell of scores that lie there; raises StaleError.

        Parameters
        ----------
        outputs
            Where.
        scores
            They themselves, where they were read already.
        """
        scores = scores or open_overview(outputs.scores)
        skipped = read_skipped(outputs.skipped, "cgaudit score")
        return cls(scores, _metrics(outputs.summary), skipped)


def report(project: Project, params: Params) -> list[str]:
    """Render the HTML report of the scores; return what to tell.

    Neighbours are shown where the feature store is there.
    """
    refuse_elsewhere(project)
    outputs = project.outputs
    told = Told.at(outputs)
    beside = beside_scores(outputs, told.scores)
    page = build_page(
        params,
        told,
        open_source(params.source, base=project.root),
        open_store(outputs.features) if outputs.features.exists() else None,
        sections=beside.sections,
        columns=beside.columns,
        again=project.again,
    )
    return [*beside.notes, write_page(page, outputs.page)]


def markdown(project: Project, params: Params) -> Markdown:
    """Return the report in short, as Markdown; the data itself is not needed."""
    return report_markdown(_context(params, Told.at(project.outputs), Sights()))


def build_page(
    params: Params,
    told: Told,
    source: Source,
    store: FeatureStore | None = None,
    *,
    audited_to: Path | None = None,
    sections: Mapping[str, Any] | None = None,
    columns: pd.DataFrame | None = None,
    again: str = "dvc repro",
) -> str:
    """Return the HTML of a report.

    Parameters
    ----------
    params
        Whose ``source`` and ``report`` sections count here.
    told
        What it tells of.
    source
        Where the pictures come from.
    store
        Where the neighbours come from; without it none are shown.
    audited_to
        The folder that `cgaudit audit` writes; None in a project with stages.
    sections
        What other rooms say beside it (`cgaudit.verbs.beside`).
    columns
        Their columns of numbers, by the ids of the samples.
    again
        The command that scores the project.

    Raises
    ------
    StaleError
        The store lacks a sample of the scores, or was made by another featurizer.
    """
    page = (Outputs(audited_to) if audited_to is not None else NAMED).page
    sights = replace(
        _sights(params, told.scores, source, store),
        beside=_beside(source, params.source, page.parent),
    )
    sections = {**(sections or {}), "plane": _plane(params, told.scores, store)}
    after = commands_after(audited_to, again)
    return render(_context(params, told, sights, after, sections, columns=columns))


def build_part(
    project: Project, params: Params, told: Told, parts: Mapping[str, Part]
) -> dict[str, str]:
    """Return the HTML of the pages of several reviewers, by their names.

    Parameters
    ----------
    project
        Has the scores, and the features by which neighbours are found.
    params
        Whose ``source`` and ``report`` sections count here.
    told
        What they tell of.
    parts
        What each looks at.
    """
    source = open_source(params.source, base=project.root)
    after = commands_after_part(project.audited)
    with store_kept_or_afresh(project, params) as store:
        sights = _sights(params, told.scores, source, store)
        return {
            name: render(_context(params, told, sights, after, part=part))
            for name, part in parts.items()
        }


def _context(
    params: Params,
    told: Told,
    sights: Sights,
    after: Sequence[str] = (),
    sections: Mapping[str, Any] | None = None,
    part: Part | None = None,
    columns: pd.DataFrame | None = None,
) -> dict[str, Any]:
    return build_context(
        told.scores,
        told.metrics,
        skipped=told.skipped,
        provenance=_shown_provenance(told.scores.provenance, params.source),
        params=ReportOptions(
            title=params.report.title,
            samples=params.report.samples,
            random_samples=params.report.random_samples,
            seed=params.report.seed,
            thumbnail=params.report.thumbnail,
            after=after,
            part=part,
        ),
        sights=sights,
        sections=sections,
        beside=columns,
    )


def _plane(params: Params, scores: Overview, store: FeatureStore | None) -> dict[str, Any] | None:
    """Return the section on the map of the data; None where there is none to draw."""
    if store is None or params.report.map == "none" or len(points := mapped(scores)) < LEAST:
        return None
    features = store.take(points["content_hash"].tolist())
    if params.report.map == "pca":
        plane = principal_plane(features)
    else:
        try:
            plane = neighbour_plane(features, params.report.seed)
        except ImportError:
            raise ParamsError(
                "report.map is tsne, which takes scikit-learn, and that is not installed. Install "
                "it (`pip install scikit-learn`), or set report.map: pca in params.yaml."
            ) from None
    return plane_section(points, plane, params.report.map, len(scores.table))


def _sights(params: Params, scores: Overview, source: Source, store: FeatureStore | None) -> Sights:
    """Return how the samples can be shown."""
    sights, k = source_sights(scores, source), params.report.neighbours
    if store is None or not k:
        return sights
    return replace(sights, neighbours=witnesses_of(scores, store, k))


def _beside(source: Source, named: SourceParams, folder: Path) -> Address | None:
    """Return what gives the address of a picture's file, seen from the page; None without files.

    Parameters
    ----------
    source
        The data.
    named
        Where it lies, as the page's own place is named.
    folder
        Of the page.
    """
    if source.kind != "images" or not source.root.is_dir() or is_packed(source.root):
        return None
    base = Path(os.path.relpath(named.path, folder)).as_posix()

    def address(path: str) -> str | None:
        return None if source.lacks(path) else quote(f"{base}/{path}")

    return address


def _shown_provenance(
    provenance: Provenance, source: SourceParams
) -> dict[str, str | int | float | None]:
    where = {"data": source.path, "labels": source.labels or "from the data itself"}
    return {**where, **asdict(provenance)}


def write_page(page: str, path: Path) -> str:
    """Write a report; return what to tell the user: where it is and how large."""
    write_text(page, path)
    return f"Wrote {path} ({path.stat().st_size / 1e6:.2f} MB)."


def _metrics(path: Path) -> Metrics:
    try:
        return read_metrics(bytes_of(path), str(path))
    except FileNotFoundError:
        raise StaleError(f"There is no {path}. Run `cgaudit score`.") from None
    except Damage as damage:
        raise StaleError(f"{path} cannot be read: {damage}. Run `cgaudit score` again.") from None
