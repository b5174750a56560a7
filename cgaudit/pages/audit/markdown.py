"""The report in short, as GitHub's Markdown, for the summary of a CI step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cgaudit.wording.markdown import (
    Markdown,
    blocks,
    bold,
    details,
    heading,
    line,
    name,
    prose,
    table,
)
from cgaudit.wording.numbers import count, percent, plural, score

#: Rows of each table.
ROWS = 10

#: Ids of a set that are named.
NAMED = 3


def report_markdown(context: Mapping[str, Any]) -> Markdown:
    """Return the report in a few tables: no pictures, names inert, length bounded.

    A step summary holds 1 MiB; this is a few kilobytes, whatever the data.

    Parameters
    ----------
    context
        What `build_context` returned.
    """
    verdict = context["verdict"]
    headline = " ".join(part for part in (verdict["says"], verdict["marked"]) if part)
    figures = ([prose(figure["name"]), prose(figure["value"])] for figure in context["figures"])
    return blocks(
        [
            heading(prose(context["title"]), 2),
            line(bold(prose(headline)), f" {verdict['means']}"),
            table([prose(""), prose("")], figures, "lr"),
            *(prose(sentence) for sentence in context["expected"]),
            *(_pairs(context["confusion"]) if context["confusion"] else []),
            *(_classes(context["classes"]) if context["classes"] else []),
            *(_labels(context["several"]) if context["several"] else []),
            *_worst(context["gallery"]),
            *_duplicates(context["oddities"]),
            *_skipped(context["skipped"]),
        ]
    )


def _head(*columns: str) -> list[Markdown]:
    return [prose(column) for column in columns]


def _names(texts: list[str]) -> Markdown:
    """Return names in a row, a comma between them."""
    parts = [part for text in texts for part in (prose(", "), name(text))]
    return line(*parts[1:])


def _pairs(confusion: Mapping[str, Any]) -> list[Markdown]:
    pairs = confusion["pairs"][:ROWS]
    if not pairs:
        return []
    rows = ([name(p["given"]), name(p["suggested"]), prose(count(p["count"]))] for p in pairs)
    parts = [
        heading(prose("Confused pairs"), 3),
        table(_head("Given", "Suggested", "Flagged"), rows, "llr"),
    ]
    if len(pairs) < confusion["n_pairs"]:
        more = f"The first {len(pairs)} of {plural(confusion['n_pairs'], 'pair')}."
        parts.append(prose(more))
    return parts


def _classes(classes: Mapping[str, Any]) -> list[Markdown]:
    rows = classes["rows"][:ROWS]
    if not rows:
        return []
    cells = (
        [
            name(row["name"]),
            prose(count(row["n"])),
            prose(count(row["issues"])),
            prose(percent(row["rate"])),
            prose(score(row["quality"])),
        ]
        for row in rows
    )
    body = table(_head("Class", "Samples", "Flagged", "Share", "Label quality"), cells, "lrrrr")
    title = "Class health"
    if len(rows) < classes["total"]:
        title += f": the {len(rows)} classes with most flags, of {count(classes['total'])}"
    return [details(prose(title), body)]


def _worst(gallery: Mapping[str, Any]) -> list[Markdown]:
    cards = [card for card in gallery["cards"][: gallery["n_worst"]] if card["flagged"]][:ROWS]
    if not cards:
        return []
    if cards[0]["numeric"]:
        return [_farthest(cards)]
    if cards[0]["several"]:
        return [_contested(cards)]
    cells = (
        [
            *(name(card[key]) for key in ("id", "given", "suggested")),
            prose(score(card["label_score"])),
            prose(score(card["suggested_score"])),
        ]
        for card in cards
    )
    head = _head("Sample", "Given", "Suggested", "label_score", "of the suggestion")
    return [details(prose("The most suspicious samples"), table(head, cells, "lllrr"))]


def _labels(labels: Mapping[str, Any]) -> list[Markdown]:
    """Return the health of labels where a sample may have several."""
    rows = labels["rows"][:ROWS]
    cells = (
        [name(row["name"]), *(prose(count(row[it])) for it in ("n", "contested", "missing"))]
        for row in rows
    )
    body = table(_head("Label", "Given to", "Contested", "Seems missing"), cells, "lrrr")
    more = f": the first {len(rows)} of {count(labels['total'])}"
    return [details(prose(f"Labels{more if len(rows) < labels['total'] else ''}"), body)]


def _contested(cards: Sequence[Mapping[str, Any]]) -> Markdown:
    """Return the flagged samples with several labels, and which to add and to take away."""

    def chips(card: Mapping[str, Any], *marks: str) -> Markdown:
        return _names([it["name"] for it in card["several"]["chips"] if it["mark"] in marks])

    cells = (
        [
            name(card["id"]),
            *(chips(card, *marks) for marks in (("", "extra"), ("missing",), ("extra",))),
            prose(score(card["label_score"])),
        ]
        for card in cards
    )
    head = _head("Sample", "Given", "To add", "To take away", "label_score")
    return details(prose("The most suspicious samples"), table(head, cells, "llllr"))


def _farthest(cards: Sequence[Mapping[str, Any]]) -> Markdown:
    """Return the flagged numbers, the farthest from what the rest of the data says first."""
    cells = (
        [
            *(name(card[key]) for key in ("id", "given", "suggested")),
            *(prose(card["numeric"][key]) for key in ("residual", "deviation")),
        ]
        for card in cards
    )
    head = _head("Sample", "Given", "The others say", "Residual", "Deviation")
    return details(prose("The values farthest off"), table(head, cells, "lllrr"))


def _duplicates(oddities: Mapping[str, Any] | None) -> list[Markdown]:
    """Return the sets of near-duplicates that need a decision: labels differ, or splits share."""
    cards = [] if oddities is None else oddities["duplicates"]["cards"]
    cells = [
        [
            _names([sample["id"] for sample in card["members"][:NAMED]]),
            prose(count(card["size"])),
            _names(card["labels"]),
            _names(card["splits"]),
        ]
        for card in cards
        if card["conflict"] or card["leak"]
    ][:ROWS]
    if not cells:
        return []
    body = table(_head("The first of the set", "Samples", "Labels", "Splits"), cells, "lrll")
    title = prose("Near-duplicates whose labels differ or that cross splits")
    return [details(title, body)]


def _skipped(skipped: Mapping[str, Any]) -> list[Markdown]:
    if not skipped["total"]:
        return []
    rows = (
        [prose(group["reason"]), prose(count(group["count"]))]
        for group in skipped["reasons"][:ROWS]
    )
    title = f"{plural(skipped['total'], 'sample')} could not be read"
    return [details(prose(title), table(_head("Reason", "Samples"), rows, "lr"))]
