"""From the comparison of two versions to everything that its page says, as one plain dict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cgaudit.pages.change.cards import DiffOptions, Galleries, Versions
from cgaudit.pages.change.imported import imported_section
from cgaudit.pages.frame.provenance import how_computed
from cgaudit.pages.frame.size import CLASS_ROWS, FRAME_BYTES, PAGE_BYTES, text_bytes
from cgaudit.results.change import BESIDES, ClassChange, Diff, Listed, Ripple, Side, of_sets
from cgaudit.results.learning import Learning
from cgaudit.wording.labelsets import change_in_words, in_words, known_set, set_in
from cgaudit.wording.numbers import amount, count, percent, plural, score, signed
from cgaudit.wording.text import printable

LIST_ROWS = 100

#: Of what needs no look at once, more than so many samples are folded away.
FEW = 12

WARNINGS = 10
WARNING_LIMIT = 400

#: The verdicts in the order of their cards; a relabelling that a person confirmed comes last.
VERDICTS = ("contradicted", "undecided", "supported", "renamed", "reviewed")

_MEANINGS = {
    "contradicted": "to the rest of the data the old label is the more probable one",
    "undecided": "neither label is clearly the more probable one, or one of them has nobody to "
    "speak for it but the change itself",
    "renamed": "the label has another name now, which the rest of the data cannot judge",
    "supported": "to the rest of the data the new label is the more probable one",
    "reviewed": "a person looked and let the new label stand",
}


_OF_NUMBERS = {
    **_MEANINGS,
    "contradicted": "the old value is nearer to what the rest of the data says",
    "undecided": "neither value is clearly the nearer one, or there is nothing to judge by",
    "supported": "the new value is nearer to what the rest of the data says",
}


_OF_SETS = {
    **_MEANINGS,
    "contradicted": "to the rest of the data each label that was added is rather absent, and each "
    "that was taken away rather there",
    "undecided": "the rest of the data does not speak clearly on each label that was changed, or "
    "speaks for one and against another, or nobody but the change itself speaks for one",
    "supported": "to the rest of the data each label that was added is rather there, and each that "
    "was taken away rather absent",
    "reviewed": "a person looked and let the new labels stand",
}


def build_diff_context(
    diff: Diff, *, options: DiffOptions, versions: Versions | None = None
) -> dict[str, Any]:
    """Gather everything that the page of a comparison says.

    Parameters
    ----------
    diff
        What `cgaudit.versions.diff_versions` returned, its lists in the order to show them.
    options
        What to show.
    versions
        Show the samples; they are named only where it is not given.

    Returns
    -------
    dict
        Strings, numbers, None, lists and dicts only. Texts from the data are made printable and
        bounded, not escaped: that is the template's part.
    """
    numbers = are_numbers(diff)
    sets = of_sets(diff)
    means = _OF_NUMBERS if numbers else _OF_SETS if sets else _MEANINGS
    context = {
        "numbers": numbers,
        "sets": sets,
        "title": f"{printable(options.title)}: what changed",
        "versions": [_version(side) for side in (diff["a"], diff["b"])],
        "verdict": _verdict(diff),
        "lead": _lead(diff),
        "few": FEW,
        "figures": _figures(diff),
        "settings": dict(diff["settings"]),
        "verdicts": [{"name": name, "means": means[name]} for name in VERDICTS],
        "warnings": _warnings(diff["warnings"]),
        "classes": _classes(diff["classes"]),
        "lists": [
            _list("added", diff["added"], sets),
            _list("removed", diff["removed"], sets),
            _list("absent", diff["absent"], sets),
            _list("moved", diff["moved"], sets),
        ],
        "imported": imported_section(diff.get("imported", [])),
        "ripple": _ripple(diff["ripple"], sets),
        "provenance": how_computed(diff["b"]["provenance"], diff["a"]["provenance"]),
    }
    room = max(0, PAGE_BYTES - FRAME_BYTES - text_bytes(context))
    galleries = Galleries(options, versions, room)
    # In the order in which they may take the room.
    hash_of = versions.hash_of if versions is not None else _no_hash
    relabelled = galleries.decidable(diff["relabelled"], _relabelled, hash_of)
    introduced = galleries.decidable(diff["issues"]["introduced"], _issue, hash_of)
    redrawn = galleries.of(diff.get("redrawn", []), _redrawn)
    edited = galleries.of(diff["edited"], _edited)
    resolved = galleries.of(diff["issues"]["resolved"], _issue)
    if sets:
        for found in (relabelled, introduced, edited, resolved):
            _read(found["cards"], sets)
    return context | {
        "relabelled": relabelled | {"counts": _counts(relabelled["cards"])},
        "introduced": introduced | {"rippled": diff["issues"]["by_ripple"]["introduced"]},
        "resolved": resolved | {"rippled": diff["issues"]["by_ripple"]["resolved"]},
        "redrawn": redrawn,
        "edited": edited,
        "thumbnails": galleries.thumbnails.items,
        "pictured": bool(galleries.thumbnails.items),
        "without_picture": galleries.thumbnails.budget.spent,
        "choices": galleries.choices,
    }


def are_numbers(diff: Diff) -> bool:
    """Tell whether the labels of a comparison are numbers."""
    task: object = diff["b"]["provenance"].get("task")
    return task == "regression"


def _read(rows: list[dict[str, Any]], sets: bool) -> list[dict[str, Any]]:
    """Return rows that say sets of labels to read, in the place of their notation."""
    for row in rows if sets else ():
        for name in ("from", "label", "suggested"):
            labels = set_in(row[name]) if row.get(name) else None
            if labels is not None:
                row[name] = in_words(labels)
    return rows


def _no_hash(sample: str) -> str | None:
    """Return None: without the data nobody knows the content."""
    return None


def _version(side: Side) -> dict[str, Any]:
    return {
        "name": printable(side.get("revision", "?")),
        "commit": side.get("commit"),
    }


def _unbroken(text: str) -> str:
    """Return text in which no line ends beside an arrow, nor between a number and its sign."""
    return text.replace(" → ", "\u00a0→\u00a0").replace(" %", "\u00a0%")


def _verdict(diff: Diff) -> dict[str, str]:
    """Return the comparison at first sight: what was relabelled, and what speaks against it."""
    verdicts, relabelled = diff["verdicts"], diff["samples"]["relabelled"]
    if not relabelled:
        return {"says": "No label was changed.", "marked": ""}
    says = f"{count(relabelled)}\u00a0relabelled, {count(verdicts['supported'])}\u00a0supported"
    contradicted = verdicts["contradicted"]
    if not contradicted:
        return {"says": f"{says}, none contradicted.", "marked": ""}
    return {"says": f"{says},", "marked": f"{count(contradicted)}\u00a0contradicted."}


def _lead(diff: Diff) -> str:
    """Return where to look first; the verdict and the figures say how many there are."""
    issues = diff["issues"]
    introduced = len(issues["introduced"])
    direct = introduced - issues["by_ripple"]["introduced"]
    says = [_where_to_look(diff)]
    if direct:
        says.append(
            f"Of {plural(introduced, 'label issue')} introduced, {count(direct)} "
            f"{'is' if direct == 1 else 'are'} among what was changed itself."
        )
    return " ".join(says)


def _where_to_look(diff: Diff) -> str:
    samples, verdicts = diff["samples"], diff["verdicts"]
    if verdicts["contradicted"]:
        if of_sets(diff):
            return "Look at the contradicted first: to the rest of the data their old labels fit."
        how = "nearer" if are_numbers(diff) else "more probable"
        return (
            "Look at the contradicted first: to the rest of the data their old label is the "
            f"{how} one."
        )
    if verdicts["undecided"]:
        return (
            "The rest of the data speaks clearly against no new label, but not for all: "
            f"{count(verdicts['undecided'])} undecided."
        )
    if samples["relabelled"]:
        return "The rest of the data speaks against no new label."
    others = [kind for kind in BESIDES if samples.get(kind)]
    if others:
        return f"Samples were {', '.join(others)}; their effect on the label issues is below."
    return "Both versions hold the same samples with the same labels."


def _figures(diff: Diff) -> list[dict[str, str]]:
    """Return the headline figures, each with a sentence that says what it means."""
    samples, issues, ripple = diff["samples"], diff["issues"], diff["ripple"]
    a, b = diff["summary"]["a"], diff["summary"]["b"]
    verdicts = [f"{count(n)} {name}" for name, n in diff["verdicts"].items() if n]
    others = [f"{count(samples[kind])} {kind}" for kind in BESIDES if samples.get(kind)]
    if diff["absent"]:
        others.append(f"{count(len(diff['absent']))} absent")
    return [
        {
            "name": "Relabelled",
            "value": count(samples["relabelled"]),
            "means": f"{', '.join(verdicts)}." if verdicts else "No label differs.",
        },
        {
            "name": "Label issues",
            "value": _from_to(count(a["n_label_issues"]), count(b["n_label_issues"])),
            "means": f"{count(len(issues['resolved']))} resolved, "
            f"{count(len(issues['introduced']))} introduced, "
            f"{count(len(issues['persisting']))} persisting. Flagged: "
            + _unbroken(f"{percent(a['label_issue_rate'])} → {percent(b['label_issue_rate'])}."),
        },
        _quality(diff, a, b),
        {
            "name": "Samples",
            "value": _from_to(count(a["n_samples"]), count(b["n_samples"])),
            "means": f"{', '.join(others) if others else 'The same ones'}.",
        },
        {
            "name": "Ripple",
            "value": count(ripple["count"]),
            "means": "Untouched samples whose score moved only because their neighbours changed. "
            "They are in no other figure but the label issues and the label quality.",
        },
        *(_learning(diff["learning"]) if "learning" in diff else []),
    ]


def _quality(diff: Diff, a: dict[str, Any], b: dict[str, Any]) -> dict[str, str]:
    if are_numbers(diff):
        return {
            "name": "Typical residual",
            "value": _from_to(amount(a["typical_residual"]), amount(b["typical_residual"])),
            "means": "Half of the values are nearer than this to what the rest of the data says.",
        }
    return {
        "name": "Label quality",
        "value": _from_to(score(a["label_quality"]), score(b["label_quality"])),
        "means": "The mean label_score: how probable the given labels are, on average, to the "
        "rest of the data. 1 is best.",
    }


def _learning(learning: Learning) -> list[dict[str, str]]:
    """Return the figure of how fast changed labels are learned; none where no log has them."""
    changed, others = learning["relabelled"], learning["untouched"]
    if not changed["n"]:
        return []
    return [
        {
            "name": "Mean loss",
            "value": _from_to(score(changed["mean_loss_a"]), score(changed["mean_loss_b"])),
            "means": f"Of {plural(changed['n'], 'relabelled sample')} in both training logs; "
            f"{count(changed['faster'])} are learned faster. Of untouched samples "
            + _unbroken(f"{score(others['mean_loss_a'])} → {score(others['mean_loss_b'])}."),
        }
    ]


def _from_to(before: str, after: str) -> str:
    """Return both values of a figure; where they are too long for one line, the arrow leads."""
    return f"{before} →\u00a0{after}"


def _warnings(warnings: Sequence[str]) -> dict[str, Any]:
    shown = [printable(text, WARNING_LIMIT) for text in warnings[:WARNINGS]]
    return {"texts": shown, "more": len(warnings) - len(shown)}


def _classes(classes: Sequence[ClassChange]) -> dict[str, Any]:
    rows = [{**row, "label": printable(row["label"])} for row in classes[:CLASS_ROWS]]
    return {"rows": rows, "total": len(classes)}


def _list(kind: str, rows: Sequence[Listed], sets: bool) -> dict[str, Any]:
    shown = _read([_named(row) | _scores(row) for row in rows[:LIST_ROWS]], sets)
    return {"kind": kind, "rows": shown, "total": len(rows)}


def _ripple(ripple: Ripple, sets: bool) -> dict[str, Any]:
    return {
        **ripple,
        "largest": _read([_named(row) | _scores(row) for row in ripple["largest"]], sets),
        "sentence": _ripple_sentence(ripple),
    }


def _ripple_sentence(ripple: Ripple) -> str:
    if not ripple["count"]:
        return (
            f"No untouched sample's label_score moved by more than {ripple['tolerance']:g}: the "
            "change is felt where it was made."
        )
    return (
        f"The label_score of {plural(ripple['count'], 'untouched sample')} moved by more than "
        f"{ripple['tolerance']:g}: {count(ripple['up'])} up, {count(ripple['down'])} down, by "
        f"{score(ripple['mean'])} on average and {score(ripple['max'])} at most. Their labels and "
        "contents are what they were; the samples near them are not."
    )


def _counts(cards: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return how many of the shown cards carry which verdict."""
    shown = [card["verdict"] for card in cards]
    return [{"name": name, "count": shown.count(name)} for name in VERDICTS if name in shown]


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": printable(row["id"]),
        "id_a": None if row["id_a"] is None else printable(row["id_a"]),
        "label": _label(row["label"]),
    }


def _label(label: str | None) -> str:
    return "(no label)" if label is None else printable(label)


def _scores(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("label_score_a", "label_score_b")}


def _relabelled(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_named({**row, "label": row["to"]}),
        **_scores(row),
        "from": _label(row["from"]),
        "verdict": "reviewed" if row["reviewed"] else row["verdict"],
        "support": row["support"],
        "suggested": _suggested(row, row["from"], row["to"]),
        "suggested_score": row["suggested_score"],
        "cg_score_a": row["cg_score_a"],
        "cg_score_b": row["cg_score_b"],
        "overlap": row.get("overlap"),
        "by": None if row.get("by") is None else signed(row["by"]),
        "gained": printable(change_in_words(known_set(row["from"]), known_set(row["to"])))
        if "added" in row
        else None,
        "first": row["from"] is None,
    }


def _issue(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_named(row),
        **_scores(row),
        "suggested": _suggested(row, row["label"]),
        "suggested_score": row["suggested_score"],
        "kind": "reviewed" if row["reviewed"] else row["kind"],
    }


def _suggested(row: Mapping[str, Any], *said: str | None) -> str | None:
    """Return the suggested label unless it is one that is said anyway."""
    suggested = row["suggested"]
    return None if suggested in (None, *said) else printable(suggested)


def _edited(row: Mapping[str, Any]) -> dict[str, Any]:
    return _named(row) | _scores(row)


def _redrawn(row: Mapping[str, Any]) -> dict[str, Any]:
    return _edited(row) | {"overlap": row["overlap"]}
