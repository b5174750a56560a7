"""The report in short, as GitHub's Markdown, for the summary of a CI step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cgaudit.report.words import count, percent, plural, score

#: Rows of each table.
ROWS = 10

#: Ids of a set that are named.
NAMED = 3

#: No name takes more characters than this.
NAME_LIMIT = 80

#: What stands for itself in Markdown or HTML only when it is escaped. Mentions of people and links
#: to issues would reach out of the page, so @ and # are among them.
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&:@$])")


def report_markdown(context: Mapping[str, Any]) -> str:
    """Return the report in a few tables: no pictures, names inert, length bounded.

    A step summary holds 1 MiB; this is a few kilobytes, whatever the data.

    Parameters
    ----------
    context
        What `cgaudit.report.build_context` returned.
    """
    verdict = context["verdict"]
    headline = " ".join(part for part in (verdict["says"], verdict["marked"]) if part)
    parts = [
        f"## {name(context['title'])}",
        f"**{headline}** {verdict['means']}",
        _table(
            ["", ""], ([figure["name"], figure["value"]] for figure in context["figures"]), "lr"
        ),
        *_pairs(context["confusion"]),
        *_classes(context["classes"]),
        *_worst(context["gallery"]),
        *_duplicates(context["oddities"]),
        *_skipped(context["skipped"]),
    ]
    return "\n\n".join(parts) + "\n"


def name(text: str | None) -> str:
    """Return untrusted text that Markdown shows as it is, on one line, bounded."""
    if text is None:
        return "–"
    short = text if len(text) <= NAME_LIMIT else text[: NAME_LIMIT - 1] + "…"
    # A numeric reference is shown as the character and never read as markup.
    return _SPECIAL.sub(lambda match: f"&#{ord(match[1])};", " ".join(short.split()))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], align: str) -> str:
    rules = {"l": "---", "r": "--:"}
    lines = [head, [rules[side] for side in align], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _details(title: str, body: str) -> str:
    """Return a part that is folded away until it is asked for."""
    return f"<details><summary>{title}</summary>\n\n{body}\n\n</details>"


def _pairs(confusion: Mapping[str, Any]) -> list[str]:
    pairs = confusion["pairs"][:ROWS]
    if not pairs:
        return []
    rows = ([name(p["given"]), name(p["suggested"]), count(p["count"])] for p in pairs)
    table = _table(["Given", "Suggested", "Flagged"], rows, "llr")
    more = f"\n\nThe first {len(pairs)} of {plural(confusion['n_pairs'], 'pair')}."
    cut = len(pairs) < confusion["n_pairs"]
    return ["### Confused pairs", table + (more if cut else "")]


def _classes(classes: Mapping[str, Any]) -> list[str]:
    rows = classes["rows"][:ROWS]
    if not rows:
        return []
    cells = (
        [
            name(row["name"]),
            count(row["n"]),
            count(row["issues"]),
            percent(row["rate"]),
            score(row["quality"]),
        ]
        for row in rows
    )
    table = _table(["Class", "Samples", "Flagged", "Share", "Label quality"], cells, "lrrrr")
    title = "Class health"
    if len(rows) < classes["total"]:
        title += f": the {len(rows)} classes with most flags, of {count(classes['total'])}"
    return [_details(title, table)]


def _worst(gallery: Mapping[str, Any]) -> list[str]:
    cards = [card for card in gallery["cards"][: gallery["n_worst"]] if card["flagged"]][:ROWS]
    if not cards:
        return []
    cells = (
        [
            name(card["id"]),
            name(card["given"]),
            name(card["suggested"]),
            score(card["label_score"]),
            score(card["suggested_score"]),
        ]
        for card in cards
    )
    head = ["Sample", "Given", "Suggested", "label_score", "of the suggestion"]
    return [_details("The most suspicious samples", _table(head, cells, "lllrr"))]


def _duplicates(oddities: Mapping[str, Any] | None) -> list[str]:
    """Return the sets of near-duplicates that need a decision: labels differ, or splits share."""
    cards = [] if oddities is None else oddities["duplicates"]["cards"]
    cells = [
        [
            ", ".join(name(sample["id"]) for sample in card["members"][:NAMED]),
            count(card["size"]),
            ", ".join(map(name, card["labels"])),
            ", ".join(map(name, card["splits"])),
        ]
        for card in cards
        if card["conflict"] or card["leak"]
    ][:ROWS]
    if not cells:
        return []
    table = _table(["The first of the set", "Samples", "Labels", "Splits"], cells, "lrll")
    return [_details("Near-duplicates whose labels differ or that cross splits", table)]


def _skipped(skipped: Mapping[str, Any]) -> list[str]:
    if not skipped["total"]:
        return []
    rows = ([name(group["reason"]), count(group["count"])] for group in skipped["reasons"][:ROWS])
    title = f"{plural(skipped['total'], 'sample')} could not be read"
    return [_details(title, _table(["Reason", "Samples"], rows, "lr"))]
