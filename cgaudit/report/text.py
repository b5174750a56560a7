"""An audit in a few lines, for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cgaudit.project import Outputs
from cgaudit.wording import terminal
from cgaudit.wording.numbers import count, percent, plural, score

#: How many of the most suspicious samples are named.
SHOWN = 5

_COLUMNS = ("id", "given_label", "predicted_label", "label_score", "cg_score")


def audit_text(summary: Mapping[str, Any], table: pd.DataFrame, outputs: Outputs) -> str:
    """Return what an audit found, the most suspicious samples, and where the rest is.

    Parameters
    ----------
    summary
        The metrics.
    table
        The scores table.
    outputs
        Where the audit was written.
    """
    lines = [
        f"{plural(summary['n_samples'], 'sample')} in "
        f"{plural(summary['n_classes'], 'class', 'classes')}: "
        f"{plural(summary['n_label_issues'], 'label issue')} "
        f"({percent(summary['label_issue_rate'])}), label quality {score(summary['label_quality'])}"
    ]
    if summary["n_unlabelled"] or summary["n_skipped"]:
        lines.append(
            f"{count(summary['n_unlabelled'])} without a label, {count(summary['n_skipped'])} "
            f"skipped (see {outputs.skipped})"
        )
    worst = table[table["given_label"].notna()].nsmallest(SHOWN, "label_score")
    rows = [
        [*names, score(label_score), f"{cg_score:.4g}"]
        for *names, label_score, cg_score in worst[list(_COLUMNS)].itertuples(index=False)
    ]
    lines += ["", "most suspicious:", *terminal.table(_COLUMNS, rows), ""]
    return "\n".join([*lines, f"report: {outputs.page}"])
