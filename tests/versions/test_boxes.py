"""Boxes of two versions are told by id, by content, or by the place they cover."""

from __future__ import annotations

import pandas as pd
import pytest

from cgaudit.versions.boxes import overlaps_of
from cgaudit.versions.match import match

Row = tuple[str, str, str, tuple[float, float, float, float]]


def table(*rows: Row, contents: str = "") -> pd.DataFrame:
    """Return boxes (id, picture, label, place); their content follows from picture and place."""
    return pd.DataFrame(
        [
            {
                "id": name,
                "given_label": label,
                "content_hash": f"{contents}{picture} {place}",
                "picture": picture,
                **dict(zip(("box_left", "box_top", "box_width", "box_height"), place, strict=True)),
            }
            for name, picture, label, place in rows
        ]
    )


def kinds(a: pd.DataFrame, b: pd.DataFrame, *, own_ids: bool) -> dict[tuple[str, str], str]:
    found = match(a, b, ids_are_paths=not own_ids)
    return {
        (a["id"][row.a] if row.a >= 0 else "", b["id"][row.b] if row.b >= 0 else ""): row.kind
        for row in found.itertuples()
    }


A = (0.1, 0.1, 0.2, 0.2)
A_MOVED = (0.12, 0.1, 0.2, 0.2)
B = (0.6, 0.6, 0.2, 0.2)
C = (0.1, 0.6, 0.1, 0.1)


@pytest.mark.parametrize("own_ids", [True, False])
def test_relabelled_and_redrawn_are_told_apart(own_ids: bool) -> None:
    a = table(("p#1", "p", "x", A), ("p#2", "p", "x", B), ("p#3", "p", "x", C))
    b = table(("p#1", "p", "x", A_MOVED), ("p#2", "p", "y", B), ("p#3", "p", "x", C))
    assert kinds(a, b, own_ids=own_ids) == {
        ("p#1", "p#1"): "redrawn",
        ("p#2", "p#2"): "relabelled",
        ("p#3", "p#3"): "unchanged",
    }
    shared = overlaps_of(a, b, match(a, b, ids_are_paths=not own_ids))
    assert shared.tolist() == pytest.approx([0.18 / 0.22, 1, 1])


def test_places_in_a_file_may_shift() -> None:
    a = table(("p#1", "p", "x", A), ("p#2", "p", "y", B), ("p#3", "p", "x", C))
    b = table(("p#1", "p", "y", B), ("p#2", "p", "x", A), ("p#3", "p", "z", (0.8, 0.1, 0.1, 0.1)))
    assert kinds(a, b, own_ids=False) == {
        ("p#2", "p#1"): "unchanged",
        ("p#1", "p#2"): "unchanged",
        ("p#3", ""): "removed",
        ("", "p#3"): "added",
    }


def test_ids_that_an_export_counted_anew_are_not_believed() -> None:
    a = table(("1", "p", "x", A), ("2", "p", "y", B), ("3", "q", "x", A))
    b = table(("1", "p", "y", B), ("2", "q", "x", A), ("3", "p", "x", A_MOVED))
    assert kinds(a, b, own_ids=True) == {
        ("2", "1"): "unchanged",
        ("3", "2"): "unchanged",
        ("1", "3"): "redrawn",
    }


def test_an_id_follows_its_box_across_the_picture() -> None:
    a, b = table(("7", "p", "x", A)), table(("7", "p", "x", B))
    assert kinds(a, b, own_ids=True) == {("7", "7"): "redrawn"}
    assert kinds(a, b, own_ids=False) == {("7", ""): "removed", ("", "7"): "added"}


def test_the_same_class_is_preferred_among_boxes_on_one_thing() -> None:
    a = table(("p#1", "p", "x", A), ("p#2", "p", "y", A))
    b = table(("p#1", "p", "y", A_MOVED), ("p#2", "p", "x", A_MOVED))
    assert kinds(a, b, own_ids=False) == {("p#2", "p#1"): "redrawn", ("p#1", "p#2"): "redrawn"}


def test_another_picture_of_the_name_is_an_edit_and_a_renamed_one_a_move() -> None:
    a = table(("p#1", "p", "x", A))
    assert kinds(a, table(("p#1", "p", "x", A), contents="new "), own_ids=False) == {
        ("p#1", "p#1"): "edited"
    }
    renamed = table(("q#1", "q", "x", A))
    renamed["content_hash"] = a["content_hash"]
    assert kinds(a, renamed, own_ids=False) == {("p#1", "q#1"): "moved"}
