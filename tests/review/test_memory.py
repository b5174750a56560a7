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
from cgaudit.review.memory import remember
from cgaudit.scaffold.setup import MERGED


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
        memory = remember(no_reviews(), [(sample, f"H{sample}", "cat"), ("both", "H", "dog")])
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
