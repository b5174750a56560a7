"""Short texts about several things at once, a few of them tagged wrong."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

TOPICS = {
    "sport": ["ball", "goal", "team", "match", "player", "league", "coach", "race"],
    "money": ["bank", "price", "market", "stock", "loan", "profit", "budget", "tax"],
    "music": ["song", "guitar", "band", "concert", "drum", "melody", "album", "singer"],
    "food": ["bread", "soup", "cheese", "recipe", "oven", "salt", "dinner", "kitchen"],
}
FILLERS = ["the", "a", "of", "and", "it", "was", "very", "today", "again", "people"]
COUNT = 120
#: What is tagged wrong: of which post, and how.
WRONG = {7: ("sport",), 30: (), 55: ("food", "money", "music", "sport")}
#: Nobody tagged this one.
UNTAGGED = 5


class Post(NamedTuple):
    """A text, and what it is tagged with; None where nobody did."""

    id: str
    text: str
    tags: Sequence[str] | None


def true_tags(number: int) -> list[str]:
    """Return what a post is about."""
    rng = random.Random(f"tags {number}")
    chosen = [topic for topic in TOPICS if rng.random() < 0.4]
    return {7: ["food", "music"], 30: ["money"], 55: []}.get(number, chosen)


def post(number: int) -> Post:
    rng = random.Random(f"text {number}")
    words = [word for topic in true_tags(number) for word in rng.sample(TOPICS[topic], 4)]
    words += rng.sample(FILLERS, 4)
    rng.shuffle(words)
    tags = None if number == UNTAGGED else WRONG.get(number, true_tags(number))
    return Post(f"p{number:03d}", " ".join(words), tags)


def posts(count: int = COUNT) -> list[Post]:
    return [post(number) for number in range(count)]


def separated(path: Path, separator: str = ";") -> bytes:
    """Write a CSV whose tags stand in one cell with a separator; return its bytes."""
    return _csv(path, lambda tags: separator.join(tags) or "[]")


def as_json(path: Path) -> bytes:
    """Write a CSV whose tags are lists written as JSON; return its bytes."""
    return _csv(path, json.dumps)


def _csv(path: Path, write) -> bytes:
    rows = [(it.id, it.text, "" if it.tags is None else write(it.tags)) for it in posts()]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([("id", "text", "labels"), *rows])
    return path.read_bytes()


def lines(path: Path) -> bytes:
    """Write JSON lines with real lists; return their bytes."""
    rows = [{"id": it.id, "text": it.text, "labels": it.tags} for it in posts()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path.read_bytes()
