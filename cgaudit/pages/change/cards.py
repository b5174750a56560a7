"""The cards of a comparison's page and their pictures, within the room that there is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from cgaudit.pages.frame.album import Album, Shot
from cgaudit.pages.frame.asked import Evidence, Neighbour, Question, Sights
from cgaudit.pages.frame.exact import exact, exact_bytes
from cgaudit.pages.frame.size import EXCERPT_LIMIT, Audit, Change, text_bytes
from cgaudit.pages.frame.thumbnails import Budget, Thumbnails
from cgaudit.wording.labelsets import in_words, set_in
from cgaudit.wording.text import printable

#: The text of a neighbour is cut after so many characters.
NEAR_LIMIT = 120

#: How often a card says its labels, besides the first time.
LABELS_AGAIN = 3

#: The share of the room that pictures may take, where there are any.
PICTURES_SHARE = 0.5


class Versions(NamedTuple):
    """How the samples of both versions are shown.

    Attributes
    ----------
    before, after
        Show those of the earlier and the later version.
    same
        Tells whether a sample of the earlier and one of the later have the same content.
    hash_of
        Gives the content hash of a sample of the later version.
    """

    before: Sights
    after: Sights
    same: Callable[[str, str], bool]
    hash_of: Callable[[str], str | None] = lambda sample: None


@dataclass(frozen=True)
class DiffOptions:
    """What the page of a comparison shows.

    Attributes
    ----------
    title
        The page's heading.
    samples
        How many samples of a kind the page shows at most.
    thumbnail
        The longer side of a picture, in pixels.
    """

    title: str = "Dataset change"
    samples: int = 500
    thumbnail: int = 128


class Galleries:
    """The cards of the page and their pictures.

    Cards and pictures take from budgets of their own, so that many pictures leave no list without
    cards. Where a budget is spent, the rest goes without.

    Parameters
    ----------
    options
        What to show.
    versions
        Show the samples; None names them only.
    room
        Bytes of the page that all of it may take.
    """

    def __init__(self, options: DiffOptions, versions: Versions | None, room: int) -> None:
        reserved = round(PICTURES_SHARE * room) if versions else 0
        self.thumbnails = Thumbnails(Budget(reserved))
        #: What it takes to decide on a card, by the number that it has.
        self.choices: list[dict[str, str | None]] = []
        self._options = options
        self._versions = versions
        self._cards = Budget(room - reserved)
        self._shots = _Shots(versions, self.thumbnails, options.thumbnail) if versions else None

    def of(
        self,
        rows: Sequence[Mapping[str, Any]],
        card_of: Callable[[Mapping[str, Any]], dict[str, Any]],
    ) -> dict[str, Any]:
        """Return the cards of the first rows, and how many rows there are."""
        cards = []
        for row in rows[: self._options.samples]:
            card = card_of(row)
            card |= {"at": None, "near": []}
            card["shots"] = self._shots.of(*_ids(row)) if self._shots else []
            labels = [card.get(name) for name in ("from", "label", "suggested")]
            again = LABELS_AGAIN * text_bytes(labels)
            if not self._cards.take(Change.CARD + text_bytes(card) + again):
                break
            cards.append(card)
        return {"cards": cards, "total": len(rows)}

    def decidable(
        self,
        rows: Sequence[Mapping[str, Any]],
        card_of: Callable[[Mapping[str, Any]], dict[str, Any]],
        hash_of: Callable[[str], str | None],
    ) -> dict[str, Any]:
        """Return the same, each card with what it takes to decide on it, and its neighbours.

        Parameters
        ----------
        rows
            Samples of the later version, with ``id``, the label ``to`` or ``label``, and what
            stands against it: ``from``, or else ``suggested``.
        card_of
            Makes a card of a row.
        hash_of
            Gives the content hash of a sample of the later version.
        """
        found = self.of(rows, card_of)
        kept = list(zip(rows, found["cards"], strict=False))
        for row, card in kept:
            choice = _choice(row, hash_of(row["id"]))
            if self._cards.take(sum(exact_bytes(text) for text in choice.values() if text) + 60):
                card["at"] = len(self.choices)
                self.choices.append(choice)
        self._testify(kept)
        return found

    def _testify(self, kept: Sequence[tuple[Mapping[str, Any], dict[str, Any]]]) -> None:
        """Give each card the nearest samples of both labels, where the features are at hand."""
        find = self._versions.after.neighbours if self._versions else None
        if find is None or self._shots is None:
            return
        asked = [
            (card, Question(row["id"], label, rival))
            for row, card in kept
            for label, rival in [_sides(row)]
            if label is not None
        ]
        answers = find([question for _, question in asked])
        for (card, question), answer in zip(asked, answers, strict=True):
            near = self._near(self._shots, question, answer)
            size = len(near) * Audit.EVIDENCE + text_bytes(near)
            size += sum(Audit.NEIGHBOUR * len(side["shots"]) for side in near)
            if near and self._cards.take(size):
                card["near"] = near

    @staticmethod
    def _near(shots: _Shots, question: Question, answer: Evidence) -> list[dict[str, Any]]:
        """Return the nearest of both labels; of numbers the nearest, and their values."""
        values = [it.label for it in answer.given if it.label is not None]
        if values:
            title = _beside(values)
            return [{"title": title, "shots": shots.near(answer.given)}]
        return [
            {"title": printable(label), "shots": shots.near(others)}
            for label, others in (
                (question.given, answer.given),
                (question.rival, answer.rival),
            )
            if label is not None and others
        ]


def _beside(labels: Sequence[str]) -> str:
    """Return what the nearest samples have: values, or labels where each has a set of them."""
    sets = [set_in(label) for label in labels]
    known = [it for it in sets if it is not None]
    if len(known) == len(sets):
        return f"and their labels: {'; '.join(printable(in_words(it)) for it in known)}"
    return f"and their values: {', '.join(map(printable, labels))}"


class _Shots:
    """Shows a sample as it is, and as it was where its content was another."""

    def __init__(self, versions: Versions, thumbnails: Thumbnails, side: int) -> None:
        self._before = Album(versions.before, thumbnails)
        self._after = Album(versions.after, thumbnails)
        self._same = versions.same
        self._side = side
        self._known: dict[tuple[str | None, str | None], list[dict[str, Any]]] = {}

    def of(self, id_a: str | None, id_b: str | None) -> list[dict[str, Any]]:
        """Return what there is to show of a sample, by its ids in both versions."""
        if (id_a, id_b) not in self._known:
            self._known[id_a, id_b] = self._taken(id_a, id_b)
        return self._known[id_a, id_b]

    def near(self, others: Sequence[Neighbour]) -> list[Shot]:
        """Return what there is to show of neighbours in the later version."""
        side = max(16, self._side // 2)
        return [self._after.shot(other.sample, side, NEAR_LIMIT) for other in others]

    def _taken(self, id_a: str | None, id_b: str | None) -> list[dict[str, Any]]:
        if id_a is None or id_b is None:
            album, sample = (self._after, id_b) if id_a is None else (self._before, id_a)
            return [] if sample is None else [self._shot(album, sample)]
        if not self._same(id_a, id_b):
            return [
                self._shot(self._before, id_a, "before"),
                self._shot(self._after, id_b, "after"),
            ]
        later = self._shot(self._after, id_b)
        if later["lacking"] is None:
            return [later]
        earlier = self._shot(self._before, id_a)
        return [earlier if earlier["lacking"] is None else later]

    def _shot(self, album: Album, sample: str, side: str | None = None) -> dict[str, Any]:
        return {"side": side, **album.shot(sample, self._side, EXCERPT_LIMIT)}


def _ids(row: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return a row's ids in both versions; what was added or removed has one."""
    kind = row.get("kind")
    if kind == "added":
        return None, row["id"]
    if kind == "removed":
        return row["id"], None
    return row["id_a"] if row["id_a"] is not None else row["id"], row["id"]


def _sides(row: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return the label that a sample has, and the one that stands against it."""
    if "to" in row:
        return row["to"], row["from"]
    label, suggested = row["label"], row["suggested"]
    return label, suggested if suggested != label else None


def _choice(row: Mapping[str, Any], content_hash: str | None) -> dict[str, str | None]:
    """Return what it takes to decide on a sample, exactly; None for what is too long."""
    label, rival = _sides(row)
    suggested = row["suggested"]
    texts = {
        "id": row["id"],
        "given": label,
        "back": rival if "to" in row else None,
        "suggested": None if suggested in (label, rival if "to" in row else None) else suggested,
    }
    return {name: text and exact(text) for name, text in texts.items()} | {"hash": content_hash}
