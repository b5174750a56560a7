"""What the page says of all samples together: the headline, its figures, the charts."""

from __future__ import annotations

from typing import Any

import numpy as np

from cgaudit.pages.audit.boxes import boxes_figures
from cgaudit.pages.audit.charts import histogram
from cgaudit.pages.audit.classes import of_classes
from cgaudit.pages.audit.data import Data
from cgaudit.pages.audit.expected import expected_figure, flags_expected
from cgaudit.pages.audit.leftout import left_out
from cgaudit.pages.audit.looks import looks_figure
from cgaudit.pages.audit.oddities import oddity_figures
from cgaudit.pages.audit.several import labels_section, several_figures, several_verdict
from cgaudit.pages.audit.values import numeric_figures, numeric_verdict, residual_picture
from cgaudit.results.metrics import Metrics
from cgaudit.wording.expected import Expected
from cgaudit.wording.numbers import NOTHING, count, percent, plural, score


def counted(data: Data, metrics: Metrics) -> dict[str, Any]:
    """Return what is said of all samples together."""
    labelled = data.labelled
    verdict = _verdict(metrics.n_label_issues or 0, len(labelled))
    if data.numbers:
        verdict |= numeric_verdict(metrics.n_label_issues or 0, len(labelled))
    if data.several:
        verdict |= several_verdict(metrics.n_label_issues or 0, len(labelled))
    return {
        "verdict": verdict,
        "figures": [
            *_figures(metrics, data),
            *(boxes_figures(data.boxes) if data.boxes else []),
            *(oddity_figures(data.odd) if data.odd else []),
            *([] if data.looks is None else [looks_figure(data.looks)]),
            *left_out(metrics),
        ],
        "expected": Expected.of(metrics.figures()).sentences(),
        "histogram": histogram(
            labelled["label_score"].to_numpy(np.float64),
            labelled["is_label_issue"].to_numpy(np.bool_),
        ),
        **_of_task(data, metrics),
    }


def _of_task(data: Data, metrics: Metrics) -> dict[str, Any]:
    """Return the sections on what labels are, None for those on what they are not."""
    found: dict[str, Any] = dict.fromkeys(("confusion", "classes", "whole", "numbers", "several"))
    labelled = data.labelled
    if data.numbers:
        drawn = data.scores.drawn(data.scores.contents(), 0)[labelled.index]
        return found | {"numbers": {"picture": residual_picture(labelled, drawn)}}
    if data.several:
        return found | {"several": labels_section(labelled, metrics)}
    return found | of_classes(labelled, data.codes, metrics)


def _verdict(n_issues: int, n_labelled: int) -> dict[str, Any]:
    """Return the headline, and what it does and does not mean."""
    if not n_issues:
        return {
            "clear": True,
            "says": f"None of {plural(n_labelled, 'label')} looks wrong.",
            "marked": "",
            "means": "No sample was flagged. The gallery shows those whose label the rest of the "
            "data supports least: worth a glance, not an alarm.",
        }
    are = "is" if n_issues == 1 else "are"
    return {
        "clear": False,
        "says": f"{count(n_issues)} of {plural(n_labelled, 'label')} {are}",
        "marked": "worth a look.",
        "means": "Judged by all other samples, each of these would carry another label. "
        "A flag is a place to look: a person decides what is wrong.",
    }


def _figures(metrics: Metrics, data: Data) -> list[dict[str, str]]:
    """Return the headline figures, each with a sentence that says what it means."""
    if data.numbers:
        return numeric_figures(metrics, len(data.labelled))
    if data.several:
        return several_figures(metrics, data.labelled)
    return _class_figures(metrics, len(data.labelled))


def _class_figures(metrics: Metrics, n_labelled: int) -> list[dict[str, str]]:
    return [
        {
            "name": "Label quality",
            "value": score(metrics.label_quality),
            "means": "The mean label_score: how probable the given labels are, on average, "
            "to the rest of the data. It compares versions; it is not the share of right labels.",
        },
        {
            "name": "Flagged",
            "value": percent(metrics.label_issue_rate),
            "means": f"{plural(metrics.n_label_issues or 0, 'sample')} for which all others "
            f"suggest another label. {flags_expected(metrics) if metrics.n_label_issues else ''}",
        },
        *expected_figure(metrics),
        {
            "name": "Samples",
            "value": count(metrics.n_samples or 0),
            "means": f"{count(n_labelled)} with a label, in "
            f"{plural(metrics.n_classes or 0, 'class', 'classes')}.",
        },
        {"name": "Complexity", **_complexity(metrics.complexity)},
    ]


def _complexity(value: float | None) -> dict[str, str]:
    if value is None:
        means = "The sampled method solves no system that it could be read from."
        return {"value": NOTHING, "means": means}
    return {
        "value": f"{value:,.4g}",
        "means": "How hard the labels are to explain from the features. It compares versions "
        "of this dataset at one ridge λ, not one dataset with another.",
    }
