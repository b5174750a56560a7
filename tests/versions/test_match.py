"""Which sample of one version is which of the other."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cgaudit.versions.match import look_like_paths, match

Row = tuple[str, str | None, str | None]


def table(*rows: Row) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["id", "given_label", "content_hash"], dtype=object)


def folder(*paths_and_contents: str) -> pd.DataFrame:
    """Return samples labelled by folder, from texts like ``cat/1=X``."""
    rows = [text.split("=") for text in paths_and_contents]
    return table(*((path, path.split("/")[0], content) for path, content in rows))


def kinds(a: pd.DataFrame, b: pd.DataFrame, *, paths: bool) -> list[tuple[str | None, ...]]:
    found = match(a, b, ids_are_paths=paths)
    return [
        (
            None if row.a < 0 else a["id"][row.a],
            None if row.b < 0 else b["id"][row.b],
            row.kind,
        )
        for row in found.itertuples()
    ]


def test_folder_every_kind() -> None:
    a = folder("cat/1=A", "cat/2=B", "cat/3=C", "dog/4=D", "dog/5=E")
    b = folder("cat/1=A", "cat/22=B", "dog/3=C", "dog/4=D2", "fox/6=F")
    assert kinds(a, b, paths=True) == [
        ("cat/1", "cat/1", "unchanged"),
        ("cat/2", "cat/22", "moved"),
        ("cat/3", "dog/3", "relabelled"),
        ("dog/4", "dog/4", "edited"),
        (None, "fox/6", "added"),
        ("dog/5", None, "removed"),
    ]


def test_two_files_that_swapped_names_are_two_moves() -> None:
    a, b = folder("cat/1=A", "cat/2=B"), folder("cat/1=B", "cat/2=A")
    assert kinds(a, b, paths=True) == [("cat/2", "cat/1", "moved"), ("cat/1", "cat/2", "moved")]


def test_two_files_that_swapped_folders_are_two_relabellings() -> None:
    a, b = folder("cat/1=A", "dog/1=B"), folder("cat/1=B", "dog/1=A")
    assert kinds(a, b, paths=True) == [
        ("dog/1", "cat/1", "relabelled"),
        ("cat/1", "dog/1", "relabelled"),
    ]


def test_exact_duplicates_are_told_apart_by_path() -> None:
    a = folder("cat/1=A", "cat/2=A", "dog/3=A")
    b = folder("cat/1=A", "dog/2=A", "dog/3=A")
    assert kinds(a, b, paths=True) == [
        ("cat/1", "cat/1", "unchanged"),
        ("cat/2", "dog/2", "relabelled"),
        ("dog/3", "dog/3", "unchanged"),
    ]


def test_duplicates_that_all_move_keep_their_file_names() -> None:
    a = folder("cat/1=A", "dog/2=A")
    b = folder("cat/2=A", "dog/1=A")
    assert kinds(a, b, paths=True) == [
        ("dog/2", "cat/2", "relabelled"),
        ("cat/1", "dog/1", "relabelled"),
    ]


def test_duplicates_without_name_to_go_by_keep_their_label() -> None:
    a = folder("cat/1=A", "dog/2=A")
    b = folder("cat/8=A", "dog/7=A")
    assert kinds(a, b, paths=True) == [("cat/1", "cat/8", "moved"), ("dog/2", "dog/7", "moved")]


def test_given_ids_win_over_content() -> None:
    a = table(("1", "cat", "A"), ("2", "cat", "B"), ("3", "cat", "C"), ("4", "cat", "D"))
    b = table(("1", "cat", "B"), ("2", "dog", "A"), ("3", None, "C"), ("5", "cat", "D"))
    assert kinds(a, b, paths=False) == [
        ("1", "1", "edited"),
        ("2", "2", "relabelled"),
        ("3", "3", "relabelled"),
        ("4", "5", "moved"),
    ]


def test_relabelled_comes_before_edited_and_moved() -> None:
    a = table(("1", "cat", "A"), ("2", "cat", "B"))
    b = table(("1", "dog", "A2"), ("3", "dog", "B"))
    assert [kind for *_, kind in kinds(a, b, paths=False)] == ["relabelled", "relabelled"]


def test_without_hashes_only_ids_match() -> None:
    a, b = (
        table(("1", "cat", None), ("2", "cat", None)),
        table(("1", "cat", None), ("3", "x", None)),
    )
    for paths in (True, False):
        assert kinds(a, b, paths=paths) == [
            ("1", "1", "unchanged"),
            (None, "3", "added"),
            ("2", None, "removed"),
        ]


def test_nothing_against_something() -> None:
    assert kinds(table(), folder("cat/1=A"), paths=True) == [(None, "cat/1", "added")]
    assert kinds(folder("cat/1=A"), table(), paths=False) == [("cat/1", None, "removed")]
    assert kinds(table(), table(), paths=True) == []


def test_ids_that_look_like_paths() -> None:
    assert look_like_paths(["a/b.png", "c.jpg"])
    assert not look_like_paths(["a/b.png", "17"])
    assert not look_like_paths([])


SAMPLES = st.dictionaries(
    st.sampled_from([f"{label}/{n}" for label in "xy" for n in range(4)]),
    st.sampled_from("ABC"),
    max_size=8,
)


@settings(deadline=None, max_examples=150)
@given(SAMPLES, SAMPLES, st.booleans())
def test_every_sample_falls_in_one_kind(a: dict, b: dict, paths: bool) -> None:
    left = folder(*(f"{path}={content}" for path, content in sorted(a.items())))
    right = folder(*(f"{path}={content}" for path, content in sorted(b.items())))
    found = kinds(left, right, paths=paths)
    assert sorted(x for x, *_ in found if x is not None) == sorted(a)
    assert sorted(y for _, y, _ in found if y is not None) == sorted(b)
    for before, after, kind in found:
        assert kind == expected_kind(a, b, before, after)
    if paths:
        # By content first: nothing is added whose content was removed.
        added = {b[y] for _, y, kind in found if kind == "added"}
        assert not added & {a[x] for x, _, kind in found if kind == "removed"}
    same = {path for path in a if a[path] == b.get(path)}
    assert {x for x, y, kind in found if x == y and kind == "unchanged"} == same


def expected_kind(a: dict, b: dict, before: str | None, after: str | None) -> str:
    if before is None or after is None:
        return "added" if before is None else "removed"
    if before[0] != after[0]:
        return "relabelled"
    if a[before] != b[after]:
        return "edited"
    return "unchanged" if before == after else "moved"


@pytest.mark.parametrize("paths", [True, False])
def test_the_order_of_the_rows_changes_nothing(paths: bool) -> None:
    a = folder("cat/1=A", "cat/2=A", "dog/3=B", "dog/4=C")
    b = folder("cat/2=A", "dog/1=A", "dog/3=B", "cat/4=C")
    shuffled = a.iloc[::-1].reset_index(drop=True), b.iloc[[2, 0, 3, 1]].reset_index(drop=True)
    assert sorted(kinds(a, b, paths=paths), key=str) == sorted(
        kinds(*shuffled, paths=paths), key=str
    )


def test_another_spelling_is_no_other_label() -> None:
    a = table(("1", "0", "A"), ("2", "1", "B"), ("3", "cat ", "C"), ("4", "1", "D"))
    b = table(("1", "0.0", "A"), ("2", None, "B"), ("3", "Cat", "C2"), ("4", "0.0", "D"))
    found = match(a, b, ids_are_paths=False)["kind"].tolist()
    assert found == ["unchanged", "relabelled", "edited", "relabelled"]


def test_spellings_that_both_versions_keep_apart_are_two_labels() -> None:
    a = table(("1", "a", "X"), ("2", "A", "Y"), ("3", "a", "Z"))
    b = table(("1", "a", "X"), ("2", "A", "Y"), ("3", "A", "Z"))
    assert match(a, b, ids_are_paths=False)["kind"].tolist()[2] == "relabelled"
