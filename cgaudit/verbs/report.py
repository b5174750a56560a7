"""`cgaudit report`: the page of the scores that are there."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from cgaudit.dataset import Source, is_packed, open_source, read_skipped
from cgaudit.errors import ParamsError, StaleError
from cgaudit.evidence.sights import source_sights
from cgaudit.evidence.witnesses import NearestWitnesses, Witnesses
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
from cgaudit.pipeline.afresh import kept_or_afresh
from cgaudit.pipeline.inputs import refuse_elsewhere
from cgaudit.project import NAMED, Outputs, Project
from cgaudit.reading.files import Damage, bytes_of
from cgaudit.results.audited import Audited
from cgaudit.results.metrics import Metrics, read_metrics
from cgaudit.results.table import Provenance, read_scores
from cgaudit.verbs.beside import beside_scores
from cgaudit.wording.markdown import Markdown


def report(project: Project, params: Params) -> list[str]:
    """Render the HTML report of the scores; return what to tell.

    Neighbours are shown where the feature store is there.
    """
    refuse_elsewhere(project)
    outputs = project.outputs
    audited = _audited(outputs)
    beside = beside_scores(outputs, audited.scores.table)
    page = build_page(
        params,
        audited,
        open_source(params.source, base=project.root),
        open_store(outputs.features) if outputs.features.exists() else None,
        sections=beside.sections,
        columns=beside.columns,
        again=project.again,
    )
    return [*beside.notes, write_page(page, outputs.page)]


def markdown(project: Project, params: Params) -> Markdown:
    """Return the report in short, as Markdown; the data itself is not needed."""
    return report_markdown(_context(params, _audited(project.outputs), Sights()))


def build_page(
    params: Params,
    audited: Audited,
    source: Source,
    store: FeatureStore | None = None,
    *,
    audited_to: Path | None = None,
    sections: Mapping[str, Any] | None = None,
    columns: pd.DataFrame | None = None,
    again: str = "dvc repro",
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
        _sights(params, audited, source, store),
        beside=_beside(source, params.source, page.parent),
    )
    sections = {**(sections or {}), "plane": _plane(params, audited, store)}
    after = commands_after(audited_to, again)
    return render(_context(params, audited, sights, after, sections, columns=columns))


def build_part(project: Project, params: Params, parts: Mapping[str, Part]) -> dict[str, str]:
    """Return the HTML of the pages of several reviewers, by their names.

    Parameters
    ----------
    project
        Has the scores, and the features by which neighbours are found.
    params
        Whose ``source`` and ``report`` sections count here.
    parts
        What each looks at.
    """
    audited, source = _audited(project.outputs), open_source(params.source, base=project.root)
    after = commands_after_part(project.audited)
    with kept_or_afresh(project, params) as inputs:
        sights = _sights(params, audited, source, inputs.store)
        return {
            name: render(_context(params, audited, sights, after, part=part))
            for name, part in parts.items()
        }


def _audited(outputs: Outputs) -> Audited:
    scores = read_scores(outputs.scores, compact=True)
    skipped = read_skipped(outputs.skipped, "cgaudit score")
    return Audited(scores, _metrics(outputs.summary), skipped)


def _context(
    params: Params,
    audited: Audited,
    sights: Sights,
    after: Sequence[str] = (),
    sections: Mapping[str, Any] | None = None,
    part: Part | None = None,
    columns: pd.DataFrame | None = None,
) -> dict[str, Any]:
    return build_context(
        audited.scores.table,
        audited.metrics,
        skipped=audited.skipped,
        provenance=_shown_provenance(audited.scores.provenance, params.source),
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
        task=audited.scores.provenance.task,
        beside=columns,
    )


def _plane(params: Params, audited: Audited, store: FeatureStore | None) -> dict[str, Any] | None:
    """Return the section on the map of the data; None where there is none to draw."""
    points = mapped(audited.scores.table)
    if store is None or params.report.map == "none" or len(points) < LEAST:
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
    return plane_section(points, plane, params.report.map, len(audited.scores.table))


def _sights(params: Params, audited: Audited, source: Source, store: FeatureStore | None) -> Sights:
    """Return how the samples can be shown."""
    made, k = audited.scores.provenance, params.report.neighbours
    table, no_classes = audited.scores.table, made.of_numbers or made.of_sets
    # A number has no class whose usual columns it could be compared with, nor has a set of labels.
    sights = source_sights(table.assign(given_label=None) if no_classes else table, source)
    if store is None or not k:
        return sights
    find = NearestWitnesses if no_classes else Witnesses
    return replace(sights, neighbours=find(audited.scores, store, k))


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
