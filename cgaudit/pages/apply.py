"""What `cgaudit apply` did, for a terminal."""

from __future__ import annotations

from cgaudit.results.applied import Applied, NewLabel
from cgaudit.wording import terminal
from cgaudit.wording.numbers import count, plural
from cgaudit.wording.sections import Section, name
from cgaudit.wording.spelling import spelt
from cgaudit.wording.text import visible

_DIFF_LINE = 500


def apply_text(result: Applied, *, with_diff: bool = False, again: str = "dvc repro") -> str:
    """Return the outcome of `apply_fixes` as text.

    Parameters
    ----------
    result
        What it returned.
    with_diff
        Show every change, as a dry run does.
    again
        The command that scores the new labels.
    """
    conflicts = Section(
        "Conflicts",
        ("sample", "action", "changed", "decided on", "now"),
        [
            [name(row["id"]), row["action"], row["what"], name(row["decided_on"]), name(row["now"])]
            for row in result["conflicts"]
        ],
    )
    new = Section(
        "Labels that no sample has yet: is each meant?",
        ("label", "samples", "most like"),
        [_new_label(row) for row in result["new_labels"]],
    )
    lines = (visible(line, _DIFF_LINE) for line in result["diff"].split("\n"))
    diff = "\n".join(lines).strip("\n") if with_diff else ""
    return terminal.page(_said(result, again), [conflicts, new], diff)


def _new_label(row: NewLabel) -> list[str]:
    if row["nearest"] is None or not row["respelt"]:
        return [name(row["label"]), count(row["samples"]), name(row["nearest"])]
    label, nearest = spelt([row["label"], row["nearest"]])
    return [name(label), count(row["samples"]), name(f"{nearest}, spelt otherwise")]


def _said(result: Applied, again: str) -> str:
    if result["conflicts"]:
        return (
            f"Nothing was written: {plural(len(result['conflicts']), 'decision')} no longer "
            f"{'fits' if len(result['conflicts']) == 1 else 'fit'} the data. Look at "
            f"{'it' if len(result['conflicts']) == 1 else 'them'} again, or leave out "
            "`given_label` and `content_hash` to decide regardless."
        )
    verb = "" if result["written"] else "would be "
    done = [f"{result[key]:,} {key}" for key in ("relabelled", "dropped", "kept") if result[key]]
    said = f"{', '.join(done) or 'nothing to do'}"
    said = f"{verb}{said}" if done else said
    already = f" ({result['already']:,} done before)" if result["already"] else ""
    after = f" Run `{again}` to score the new labels." if result["written"] and done else ""
    resumed = "Finished an earlier run that was cut short. " if result["resumed"] else ""
    return f"{resumed}{said[:1].upper()}{said[1:]}{already}.{after}"
