"""A comparison as text for a terminal and as Markdown for a pull request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from cgaudit.results.change import (
    BESIDES,
    SIDES,
    ClassChange,
    Diff,
    Issue,
    Listed,
    MetricsChange,
    Moved,
    Redrawn,
    Relabelled,
    Ripple,
    of_sets,
)
from cgaudit.results.imported import ImportedChange
from cgaudit.results.learning import Learning
from cgaudit.versions import UNTOUCHED, by_concern, usual_change
from cgaudit.wording import markdown, terminal
from cgaudit.wording.expected import TITLES, Expected
from cgaudit.wording.labelsets import change_in_words, in_words, known_set
from cgaudit.wording.markdown import Markdown
from cgaudit.wording.numbers import (
    NOTHING,
    amount,
    figure,
    metric,
    metric_change,
    plural,
    score,
    signed,
)
from cgaudit.wording.sections import MOST, Section, name
from cgaudit.wording.text import visible

_Row = TypeVar("_Row")

_TERMINAL_ROWS = 20
_WARNINGS = 10
_WARNING_LIMIT = 400


def headline(diff: Diff) -> str:
    """Return the comparison in one sentence."""
    samples, issues, ripple = diff["samples"], diff["issues"], diff["ripple"]
    parts = [_relabelled_in_words(diff)]
    others = [f"{samples[kind]:,} {kind}" for kind in BESIDES if samples.get(kind)]
    if absent := len(diff["absent"]):
        others.append(f"{absent:,} absent")
    if respelt := sum(row["count"] for row in diff["respelt"]):
        others.insert(0, f"{respelt:,} only respelt")
    if others:
        parts.append(", ".join(others))
    parts.append(
        f"{plural(len(issues['resolved']), 'label issue')} resolved, "
        f"{len(issues['introduced']):,} introduced"
    )
    before, after = (diff["summary"][side]["label_quality"] for side in SIDES)
    parts.append(f"label quality {figure(before)} → {figure(after)}")
    if ripple["count"]:
        parts.append(
            f"{plural(ripple['count'], 'further score')} moved only because "
            f"{'its' if ripple['count'] == 1 else 'their'} neighbours changed"
        )
    return " · ".join(parts)


def diff_markdown(diff: Diff, limit: int = markdown.LIMIT) -> Markdown:
    """Return the comparison as Markdown of at most `limit` bytes, fit for a comment."""
    warnings = [markdown.warning(markdown.prose(text)) for text in _warnings(diff)]
    head = markdown.blocks([markdown.prose(headline(diff)), *warnings])
    return markdown.page(head, _sections(diff), _between(diff), limit)


def diff_text(diff: Diff) -> str:
    """Return the comparison as text for a terminal."""
    warnings = [f"! {visible(text, _WARNING_LIMIT)}" for text in _warnings(diff)]
    sections = (
        replace(section, most=min(section.most, _TERMINAL_ROWS)) for section in _sections(diff)
    )
    return terminal.page("\n".join([headline(diff), *warnings]), sections)


def _relabelled_in_words(diff: Diff) -> str:
    number, verdicts = diff["samples"]["relabelled"], diff["verdicts"]
    if not number:
        return "0 relabelled"
    rest = f", {verdicts['renamed']:,} renamed" if verdicts["renamed"] else ""
    rest += f", {verdicts['reviewed']:,} reviewed and kept" if verdicts["reviewed"] else ""
    usual = usual_change(diff["relabelled"])
    by = "" if usual is None else f" by {amount(usual)} in the median"
    return (
        f"{number:,} relabelled{by}: {verdicts['supported']:,} supported by the rest of the data, "
        f"{verdicts['contradicted']:,} contradicted, {verdicts['undecided']:,} undecided{rest}"
    )


def _warnings(diff: Diff) -> list[str]:
    warnings: list[str] = diff["warnings"]
    more = len(warnings) - _WARNINGS
    return [
        *warnings[:_WARNINGS],
        *([f"{more} more warnings, listed by --json."] if more > 0 else []),
    ]


def _between(diff: Diff) -> Markdown:
    a, b = (markdown.name(side.get("revision", "?")) for side in (diff["a"], diff["b"]))
    how = diff["b"]["provenance"]
    features = markdown.name(how["featurizer"])
    solved = f"{how['method']} (λ = {how['ridge']:g}, recipe {how['recipe']})"
    return markdown.line(
        "Compared: ", a, " with ", b, ", scored by ", features, f" features and {solved}."
    )


def _sections(diff: Diff) -> list[Section]:
    diff = by_concern(diff)
    issues = diff["issues"]
    return [
        _summary(diff["summary"]),
        _relabelled(diff["relabelled"]),
        _list("Boxes drawn anew", _REDRAWN, diff.get("redrawn", []), _redrawn_row),
        _list("Label issues introduced", _ISSUE, issues["introduced"], _issue_row),
        _list("Kept by the change itself", _ISSUE, issues["silenced"], _issue_row),
        _list("Label issues resolved", _ISSUE, issues["resolved"], _issue_row),
        _classes(diff["classes"], of_sets(diff)),
        *_besides(diff),
        *([_learning(diff["learning"])] if "learning" in diff else []),
        *([_imported(diff["imported"])] if "imported" in diff else []),
        _ripple(diff["ripple"]),
    ]


def _list(
    title: str, columns: Sequence[str], rows: Sequence[_Row], cells: Callable[[_Row], list[str]]
) -> Section:
    """Return a list of which no more is made than is shown: a change may have a million rows."""
    return Section(title, columns, list(map(cells, rows[:MOST])), total=len(rows))


#: Metrics that say how another one is to be read.
_BESIDE = frozenset(
    {
        *("expected_errors_low", "expected_errors_high"),
        *("expected_errors_is_lower_bound", "n_doubtful"),
    }
)

_RELABELLED = ("sample", "from", "to", "verdict", "label score", "suggested")
_RESET = ("sample", "change", "labels now", "verdict", "label score", "suggested")
_CHANGED = ("sample", "from", "to", "by", "verdict", "label score", "the others say")
_REDRAWN = ("box", "class", "overlap with before", "label score")
_ISSUE = ("sample", "label", "suggested", "label score", "because")


def _relabelled(rows: Sequence[Relabelled]) -> Section:
    if any("added" in row for row in rows):
        return _list("Relabelled", _RESET, rows, _reset_row)
    if any("by" in row for row in rows):
        return _list("Relabelled", _CHANGED, rows, _changed_row)
    return _list("Relabelled", _RELABELLED, rows, _relabelled_row)


def _changed_row(row: Relabelled) -> list[str]:
    """Return the cells of a number that is another now."""
    sample, before, after, verdict, scores, said = _relabelled_row(row)
    return [sample, before, after, signed(row.get("by")), verdict, scores, said]


def _reset_row(row: Relabelled) -> list[str]:
    """Return the cells of a sample that has other labels now."""
    before, after, suggested = map(known_set, (row["from"], row["to"], row["suggested"]))
    gained = change_in_words(before, after)
    now = None if row["to"] is None else in_words(after)
    sample, _, _, verdict, scores, _ = _relabelled_row(row)
    wanted = change_in_words(after, suggested) or "as it is"
    return [sample, name(gained), name(now), verdict, scores, name(wanted)]


def _relabelled_row(row: Relabelled) -> list[str]:
    verdict = f"{row['verdict']} (reviewed)" if row["reviewed"] else row["verdict"]
    verdict += ", and drawn anew" if "overlap" in row else ""
    names = [name(row["id"]), name(row["from"]), name(row["to"])]
    return [*names, verdict, _scores(row), name(row["suggested"])]


def _redrawn_row(row: Redrawn) -> list[str]:
    return [name(row["id"]), name(row["label"]), figure(row["overlap"]), _scores(row)]


def _issue_row(row: Issue) -> list[str]:
    names = [name(row["id"]), name(row["label"]), name(row["suggested"])]
    return [*names, _scores(row), _because(row)]


def _because(row: Issue) -> str:
    if row["reviewed"]:
        return "reviewed and kept"
    return "neighbours changed" if row["kind"] in UNTOUCHED else row["kind"]


def _scores(row: Moved) -> str:
    return f"{score(row['label_score_a'])} → {score(row['label_score_b'])}"


def _summary(summary: MetricsChange) -> Section:
    a, b, difference = summary["a"], summary["b"], summary["difference"]
    rows = [
        [
            TITLES.get(key, key.replace("_", " ")),
            _metric(key, a),
            _metric(key, b),
            metric_change(None if _is_bound(key, a, b) else difference.get(key)),
        ]
        for key in dict.fromkeys([*a, *b])
        if key not in _BESIDE
    ]
    note = " ".join(_whys(a, b))
    return Section("Summary", ("", "before", "after", "change"), rows, folded=False, note=note)


def _whys(*sides: Mapping[str, Any]) -> list[str]:
    """Return why there are "about" so many wrong labels, or "at least": where it switched, both."""
    found = [it for it in map(Expected.of, sides) if it.is_known]
    whys = dict.fromkeys(it.why for it in found)
    return [f"{why[0].upper()}{why[1:]}." for why in whys]


def _metric(key: str, side: Mapping[str, Any]) -> str:
    """Return a metric as it is to be read: errors are expected within bounds, or there are more."""
    value, expected = side.get(key), Expected.of(side)
    if key == "n_expected_errors" and expected.is_known:
        bounds = (
            f" ({expected.low:,} to {expected.high:,})"
            if not expected.is_bound and expected.low
            else ""
        )
        return f"{expected.in_all}{bounds}"
    more = " or more" if value is not None and _is_bound(key, side) else ""
    return f"{metric(value)}{more}"


def _is_bound(key: str, *sides: Mapping[str, Any]) -> bool:
    """Tell whether a metric is a lower bound on one of the sides: then no difference is known."""
    bounded = any(side.get("expected_errors_is_lower_bound") for side in sides)
    return bounded and key in {"n_expected_errors", "flag_precision"}


def _class_row(row: ClassChange) -> list[str]:
    return [
        name(row["label"]),
        f"{row['n_a']:,} → {row['n_b']:,}",
        f"+{row['relabelled_to']:,} −{row['relabelled_from']:,}",
        f"+{row['added']:,} −{row['removed']:,}",
        f"{row['issues_a']:,} → {row['issues_b']:,}",
        f"{figure(row['label_quality_a'])} → {figure(row['label_quality_b'])}",
    ]


#: Of each kind of change besides another label, so many samples are named.
_FEW = 10


def _besides(diff: Diff) -> list[Section]:
    """Return the first few samples that came, went, moved or got another content."""
    lists = {
        "Removed": diff["removed"],
        "Added": diff["added"],
        "Edited": diff["edited"],
        "Absent, not removed": diff["absent"],
    }
    columns = ("sample", "label", "label score")
    sections = [_list(title, columns, rows, _listed_row) for title, rows in lists.items()]
    moved = _list("Moved", ("sample", "was", "label"), diff["moved"], _moved_row)
    return [replace(section, most=_FEW) for section in [*sections, moved]]


def _listed_row(row: Listed) -> list[str]:
    """Return the cells of a sample, its score in the version that it is in."""
    before, after = row["label_score_a"], row["label_score_b"]
    scores = [score(it) for it in (before, after) if it is not None]
    return [name(row["id"]), name(row["label"]), " → ".join(scores) or NOTHING]


def _moved_row(row: Listed) -> list[str]:
    was = row["id"] if row["id_a"] is None else row["id_a"]
    return [name(row["id"]), name(was), name(row["label"])]


def _classes(classes: Sequence[ClassChange], sets: bool) -> Section:
    columns = ("class", "samples", "relabelled", "added, removed", "label issues", "label quality")
    if sets:
        told = ("label", "samples", "given, taken away", "in added, in removed", "contested")
        return _list("Labels touched", (*told, "not contested"), classes, _class_row)
    return _list("Classes touched", columns, classes, _class_row)


def _learning(learning: Learning) -> Section:
    """Return how fast labels are learned, the relabelled beside the untouched."""
    parts = {"relabelled": learning["relabelled"], "untouched": learning["untouched"]}
    rows = [
        [
            kind,
            f"{of['n']:,}",
            f"{figure(of['mean_loss_a'])} → {figure(of['mean_loss_b'])}",
            f"{of['faster']:,}",
        ]
        for kind, of in parts.items()
    ]
    columns = ("samples", "in both logs", "mean loss", "learned faster")
    return Section("How fast labels are learned", columns, rows)


def _imported(changes: Sequence[ImportedChange]) -> Section:
    """Return how scores of other tools moved, a row a column."""
    rows = [
        [
            name(of["column"]),
            f"{of['n']:,}",
            f"{figure(of['median_a'])} → {figure(of['median_b'])}",
            f"{of['up']:,}, {of['down']:,}",
            figure(of["rank_correlation"]),
        ]
        for of in changes
    ]
    columns = ("column", "in both", "median", "rose, fell", "rank correlation")
    return Section("Scores of other tools", columns, rows)


def _ripple(ripple: Ripple) -> Section:
    rows = [[name(row["id"]), name(row["label"]), _scores(row)] for row in ripple["largest"]]
    title = (
        f"Untouched samples whose score moved by more than {ripple['tolerance']:g}, the largest of "
        f"{ripple['count']:,} (by {figure(ripple['mean'])} on average, {figure(ripple['max'])} at "
        "most)"
    )
    return Section(title, ("sample", "label", "label score"), rows)
