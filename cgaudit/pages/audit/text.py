"""An audit in a few lines, for a terminal."""

from __future__ import annotations

from cgaudit.pages.audit.after import commands_after
from cgaudit.pages.audit.expected import expected_line
from cgaudit.project import Outputs
from cgaudit.results.audited import Audited
from cgaudit.results.metrics import Metrics
from cgaudit.wording import terminal
from cgaudit.wording.numbers import count, percent, plural, score

#: How many of the most suspicious samples are named.
SHOWN = 5

_COLUMNS = ("id", "given_label", "predicted_label", "label_score", "cg_score")


def audit_text(found: Audited, outputs: Outputs) -> str:
    """Return what an audit found, the most suspicious samples, and where the rest is.

    Parameters
    ----------
    found
        What it found.
    outputs
        Where the audit was written.
    """
    metrics, table = found.metrics, found.scores.table
    lines = [
        f"{plural(metrics.n_samples or 0, 'sample')} in "
        f"{plural(metrics.n_classes or 0, 'class', 'classes')}: "
        f"{plural(metrics.n_label_issues or 0, 'label issue')} "
        f"({percent(metrics.label_issue_rate)}), label quality {score(metrics.label_quality)}"
    ]
    if (expected := expected_line(metrics)) is not None:
        lines.append(expected)
    if metrics.n_near_duplicate_sets:
        lines.append(_duplicates_line(metrics))
    if metrics.n_unlabelled or metrics.n_skipped:
        lines.append(
            f"{count(metrics.n_unlabelled or 0)} without a label, {count(metrics.n_skipped or 0)} "
            f"skipped (see {outputs.skipped})"
        )
    worst = table[table["given_label"].notna()].nsmallest(SHOWN, "label_score")
    rows = [
        [*names, score(label_score), f"{cg_score:.4g}"]
        for *names, label_score, cg_score in worst[list(_COLUMNS)].itertuples(index=False)
    ]
    lines += ["", "most suspicious:", *terminal.table(_COLUMNS, rows), ""]
    (then,) = commands_after(outputs.folder)
    return "\n".join([*lines, f"report: {outputs.page}", f"decide there, download, then: {then}"])


def _duplicates_line(metrics: Metrics) -> str:
    found = [plural(metrics.n_near_duplicate_sets or 0, "set") + " of near-duplicates"]
    if metrics.n_duplicate_conflicts:
        found.append(f"{count(metrics.n_duplicate_conflicts)} with labels that differ")
    if metrics.n_split_leaks:
        found.append(f"{count(metrics.n_split_leaks)} across splits")
    return ", ".join(found)
