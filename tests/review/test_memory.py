"""The memory of what was looked at and kept."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pandas as pd
import pytest
from datarepo import ENVIRONMENT, DataRepo, make_scores

from cgaudit.errors import DecisionError
from cgaudit.review import (
    no_reviews,
    read_reviewed,
    reviewed_bytes,
    still_reviewed,
)
from cgaudit.review.memory import Remembered, remember
from cgaudit.scaffold.ignored import MERGED


def memory_of(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return remember(no_reviews(), [Remembered(*row) for row in rows])


def test_memory_round_trip() -> None:
    memory = memory_of(("b", "H2", 'c,"at'), ("a", "H1", "cat\nx"))
    data = reviewed_bytes(memory)
    assert data.startswith(b"id,content_hash,label,decision\na,H1,")
    assert reviewed_bytes(read_reviewed(data)) == data
    assert read_reviewed(b"").empty


def test_a_later_decision_replaces_the_earlier_one() -> None:
    memory = memory_of(("a", "H1", "cat"), ("b", "H2", "cat"), ("c", "H3", "cat"))
    memory = remember(memory, [Remembered("a", "H1", "dog")], changed=["b"])
    assert reviewed_bytes(memory).decode().splitlines()[1:] == ["a,H1,dog,keep", "c,H3,cat,keep"]


@pytest.mark.parametrize(
    "data", [b"id,label\n1,2\n", b"id,content_hash,label,decision\n1,2\n", b"\xff"]
)
def test_a_broken_memory_is_named(data: bytes) -> None:
    with pytest.raises(DecisionError, match=r"reviewed\.csv"):
        read_reviewed(data)


def test_a_decision_holds_until_content_or_label_change() -> None:
    memory = memory_of(("1", "A", "cat"), ("2", "B", "cat"), ("3", "C", "cat"))
    table = make_scores(
        ["1", "2", "renamed", "4"], ["cat", "dog", "cat", None], hashes=["X", "B", "C", "D"]
    ).table
    assert still_reviewed(memory, table).tolist() == [False, False, False, True]
    assert table["id"].tolist() == ["1", "2", "4", "renamed"]
    assert not still_reviewed(no_reviews(), table).any()
    assert not still_reviewed(memory, table.assign(content_hash=None)).any()


@pytest.mark.parametrize("union", [True, False])
@pytest.mark.parametrize("first", ["header alone", "nothing"])
def test_two_branches_that_each_keep_a_sample(tmp_path: Path, union: bool, first: str) -> None:
    repo = DataRepo(tmp_path)
    repo.git("init", "--quiet", "--initial-branch=main")
    if union:
        repo.write(".gitattributes", f"{MERGED[0]}\n")
    if first == "header alone":
        repo.write("reviewed.csv", reviewed_bytes(no_reviews()))
    repo.commit("v1")
    repo.git("checkout", "--quiet", "-b", "other")
    for branch, sample in (("other", "b"), ("main", "a")):
        repo.git("checkout", "--quiet", branch)
        memory = memory_of((sample, f"H{sample}", "cat"), ("both", "H", "dog"))
        repo.write("reviewed.csv", reviewed_bytes(memory))
        repo.commit(sample)
    merge = ["git", "merge", "--quiet", "other"]
    done = subprocess.run(merge, cwd=repo.root, env=ENVIRONMENT, capture_output=True)
    assert (done.returncode == 0) == union
    data = (repo.root / "reviewed.csv").read_bytes()
    if not union:
        with pytest.raises(DecisionError, match="the conflict markers of a merge") as caught:
            read_reviewed(data)
        assert "keep the rows" in str(caught.value)
        # As it says.
        lines = data.splitlines(keepends=True)
        data = b"".join(it for it in lines if not it.startswith((b"<<<<<<<", b"=====", b">>>>>>>")))
    kept = read_reviewed(data)
    table = pd.DataFrame({"content_hash": ["Ha", "Hb", "H"], "given_label": ["cat", "cat", "dog"]})
    assert still_reviewed(kept, table).all()


WHO = Remembered("a", "H1", "cat", "keep", "Ada", "2026-11-27T10:00:00Z", "a cat, yes")


def test_who_decided_and_when_stands_in_columns_at_the_end() -> None:
    memory = remember(no_reviews(), [WHO, Remembered("b", "H2", "dog", "relabel", "Bo")])
    data = reviewed_bytes(memory)
    assert data.decode().splitlines() == [
        "id,content_hash,label,decision,reviewer,decided_at,comment",
        'a,H1,cat,keep,Ada,2026-11-27T10:00:00Z,"a cat, yes"',
        "b,H2,dog,relabel,Bo,,",
    ]
    assert reviewed_bytes(read_reviewed(data)) == data


def test_branches_of_both_widths_merge_line_by_line() -> None:
    narrow = reviewed_bytes(memory_of(("c", "H3", "cat"), ("a", "H1", "cat"))).decode()
    wide = reviewed_bytes(remember(no_reviews(), [WHO])).decode()
    for text in (narrow + wide, wide + narrow, narrow + narrow):
        memory = read_reviewed(text.encode())
        assert set(memory["id"]) <= {"a", "c"}
        again = reviewed_bytes(memory)
        assert again.count(b"content_hash") == 1
        assert reviewed_bytes(read_reviewed(again)) == again


def test_what_was_changed_is_told_and_not_honoured() -> None:
    memory = remember(no_reviews(), [Remembered("1", "A", "dog", "relabel", "Bo")])
    table = make_scores(["1"], ["dog"], hashes=["A"]).table
    assert not still_reviewed(memory, table).any()
