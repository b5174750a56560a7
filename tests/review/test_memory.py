"""The memory of what was looked at and kept."""

from __future__ import annotations

import pytest
from datarepo import make_scores

from cgaudit.errors import DecisionError
from cgaudit.review import (
    no_reviews,
    read_reviewed,
    reviewed_bytes,
    still_reviewed,
)
from cgaudit.review.memory import remember


def test_memory_round_trip() -> None:
    memory = remember(no_reviews(), [("b", "H2", 'c,"at'), ("a", "H1", "cat\nx")])
    data = reviewed_bytes(memory)
    assert data.startswith(b"id,content_hash,label,decision\na,H1,")
    assert reviewed_bytes(read_reviewed(data)) == data
    assert read_reviewed(b"").empty


def test_a_later_decision_replaces_the_earlier_one() -> None:
    memory = remember(no_reviews(), [("a", "H1", "cat"), ("b", "H2", "cat"), ("c", "H3", "cat")])
    memory = remember(memory, [("a", "H1", "dog")], changed=["b"])
    assert reviewed_bytes(memory).decode().splitlines()[1:] == ["a,H1,dog,keep", "c,H3,cat,keep"]


@pytest.mark.parametrize(
    "data", [b"id,label\n1,2\n", b"id,content_hash,label,decision\n1,2\n", b"\xff"]
)
def test_a_broken_memory_is_named(data: bytes) -> None:
    with pytest.raises(DecisionError, match=r"reviewed\.csv"):
        read_reviewed(data)


def test_a_decision_holds_until_content_or_label_change() -> None:
    memory = remember(no_reviews(), [("1", "A", "cat"), ("2", "B", "cat"), ("3", "C", "cat")])
    table = make_scores(
        ["1", "2", "renamed", "4"], ["cat", "dog", "cat", None], hashes=["X", "B", "C", "D"]
    ).table
    assert still_reviewed(memory, table).tolist() == [False, False, False, True]
    assert table["id"].tolist() == ["1", "2", "4", "renamed"]
    assert not still_reviewed(no_reviews(), table).any()
    assert not still_reviewed(memory, table.assign(content_hash=None)).any()
