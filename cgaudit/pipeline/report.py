"""The report stage."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cgaudit.dataset import Source, open_source, read_skipped
from cgaudit.files import replacing
from cgaudit.params import Params, SourceParams
from cgaudit.pipeline.outputs import REPORTS, Audit, Outputs
from cgaudit.report import ReportOptions, build_context, render
from cgaudit.table import Provenance, read_scores

if TYPE_CHECKING:
    from PIL import Image


def report(params: Params, outputs: Outputs = REPORTS) -> list[str]:
    """Render the HTML report of the scores; return what to tell."""
    scores = read_scores(outputs.scores)
    page = build_page(
        params,
        Audit(scores, _read_json(outputs.summary), read_skipped(outputs.skipped)),
        open_source(params.source),
    )
    return [write_page(page, outputs.page)]


def build_page(params: Params, audited: Audit, source: Source) -> str:
    """Return the HTML of the report of an audit; pictures come from the source."""
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


def write_page(page: str, path: Path) -> str:
    """Write a report; return what to tell the user: where it is and how large."""
    with replacing(path) as partial:
        partial.write_text(page, encoding="utf-8")
    return f"Wrote {path} ({path.stat().st_size / 1e6:.2f} MB)."


def _read_json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
