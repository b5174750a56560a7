"""An audit in a few lines, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cgaudit.pages.audit.after import commands_after
from cgaudit.pages.audit.looks import looks_line
from cgaudit.pages.audit.several import suggestion_in_words
from cgaudit.project import Outputs
from cgaudit.results.audited import Audited
from cgaudit.results.metrics import Metrics
from cgaudit.wording import terminal
from cgaudit.wording.expected import Expected
from cgaudit.wording.labelsets import in_words, known_set
from cgaudit.wording.numbers import amount, count, percent, plural, score, signed

#: How many of the most suspicious samples are named.
SHOWN = 5

_OF_NUMBERS = (
    *("id", "given_label", "predicted_label"),
    *("residual", "deviation", "label_score"),
)
_OF_SETS = ("id", "given labels", "suggested", "label_score")
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
    numbers = found.scores.provenance.of_numbers
    several = found.scores.provenance.of_sets
    of = ("class", "classes") if not several else ("label", "labels")
    lines = [_numbers_line(metrics) if numbers else _classes_line(metrics, *of)]
    lines += Expected.of(metrics.figures()).sentences()
    if metrics.n_near_duplicate_sets:
        lines.append(_duplicates_line(metrics))
    if line := looks_line(metrics.picture_issues):
        lines.append(line)
    if metrics.n_unlabelled or metrics.n_skipped:
        lines.append(
            f"{count(metrics.n_unlabelled or 0)} without a label, {count(metrics.n_skipped or 0)} "
            f"skipped (see {outputs.skipped})"
        )
    open_ = table[table["given_label"].notna() & ~_reviewed(table)]
    if several:
        columns, rows = _several_rows(open_)
    else:
        columns, rows = _numbers_rows(open_) if numbers else _classes_rows(open_)
    lines += ["", "most suspicious:", *terminal.table(columns, rows), ""]
    (then,) = commands_after(outputs.folder)
    return "\n".join([*lines, f"report: {outputs.page}", f"decide there, download, then: {then}"])


def _reviewed(table: pd.DataFrame) -> pd.Series:
    """Return which labels a person let stand: to name them again would be no news."""
    if "is_reviewed" in table:
        return table["is_reviewed"].astype(bool)
    return pd.Series(False, index=table.index)


def _classes_line(metrics: Metrics, one: str, many: str) -> str:
    return (
        f"{plural(metrics.n_samples or 0, 'sample')} in "
        f"{plural(metrics.n_classes or 0, one, many)}: "
        f"{plural(metrics.n_label_issues or 0, 'label issue')} "
        f"({percent(metrics.label_issue_rate)}), label quality {score(metrics.label_quality)}"
    )


def _numbers_line(metrics: Metrics) -> str:
    """Return the same of labels that are numbers."""
    return (
        f"{plural(metrics.n_samples or 0, 'sample')}, labels are numbers: "
        f"{plural(metrics.n_label_issues or 0, 'label issue')} "
        f"({percent(metrics.label_issue_rate)}), typical residual "
        f"{amount(metrics.typical_residual)}, explained {percent(metrics.explained)}"
    )


def _classes_rows(labelled: pd.DataFrame) -> tuple[Sequence[str], list[list[str]]]:
    worst = labelled.nsmallest(SHOWN, "label_score")
    return _COLUMNS, [
        [*names, score(label_score), f"{cg_score:.4g}"]
        for *names, label_score, cg_score in worst[list(_COLUMNS)].itertuples(index=False)
    ]


def _several_rows(labelled: pd.DataFrame) -> tuple[Sequence[str], list[list[str]]]:
    """Return the same of samples with several labels: what they have, and what is to be changed."""
    worst = labelled.nsmallest(SHOWN, "label_score")
    return _OF_SETS, [
        [name, in_words(known_set(given)), suggestion_in_words(given, suggested), score(quality)]
        for name, given, suggested, quality in worst[list(_COLUMNS[:4])].itertuples(index=False)
    ]


def _numbers_rows(labelled: pd.DataFrame) -> tuple[Sequence[str], list[list[str]]]:
    """Return the same of labels that are numbers; of several beyond telling, the farthest first."""
    worst = labelled.nlargest(SHOWN, "margin")
    return _OF_NUMBERS, [
        [*names, signed(residual), amount(deviation), score(label_score)]
        for *names, residual, deviation, label_score in worst[list(_OF_NUMBERS)].itertuples(
            index=False
        )
    ]


def _duplicates_line(metrics: Metrics) -> str:
    found = [plural(metrics.n_near_duplicate_sets or 0, "set") + " of near-duplicates"]
    if metrics.n_duplicate_conflicts:
        found.append(f"{count(metrics.n_duplicate_conflicts)} with labels that differ")
    if metrics.n_split_leaks:
        found.append(f"{count(metrics.n_split_leaks)} across splits")
    return ", ".join(found)
