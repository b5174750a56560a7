"""What pages hold of scores, and what they read of the rows that they show: the same everywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from report_inputs import four_classes, overview_of

from cgaudit.errors import StaleError
from cgaudit.numerics.contents import drawn
from cgaudit.results import parts
from cgaudit.results.columns import OF_ONE
from cgaudit.results.overview import Overview, open_overview
from cgaudit.results.stored import Stored
from cgaudit.results.table import Scores, write_scores

N = 60


def table() -> pd.DataFrame:
    """Return scores of which some have no label, and one no content that anybody knows."""
    rng = np.random.default_rng(0)
    scores = four_classes(N).assign(
        path=[f"p/{at}" for at in range(N)],
        content_hash=[rng.bytes(16).hex() for _ in range(N)],
        near_duplicate_set=np.arange(N) // 2,
        is_mine_alone=np.arange(N) % 3 == 0,
    )
    scores.loc[[4, 9], "given_label"] = None
    scores.loc[[4, 9], "is_label_issue"] = False
    scores.loc[7, "content_hash"] = None
    return scores


def one_file(scores: Scores, folder: Path) -> Overview:
    write_scores(scores, folder / "scores.parquet")
    return open_overview(folder / "scores.parquet")


def in_parts(scores: Scores, folder: Path) -> Overview:
    write_scores(scores, folder / "scores.parquet", parted=True)
    assert len(list((folder / "scores").iterdir())) == 8
    return open_overview(folder / "scores.parquet")


def shuffled(scores: Scores, folder: Path) -> Overview:
    """Return that of a file that somebody wrote in another order."""
    write_scores(scores, folder / "scores.parquet")
    whole = pq.read_table(folder / "scores.parquet")
    order = np.random.default_rng(1).permutation(N)
    pq.write_table(whole.take(pa.array(order)), folder / "scores.parquet", row_group_size=7)
    return open_overview(folder / "scores.parquet")


@pytest.fixture(params=[one_file, in_parts, shuffled])
def overview(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Overview:
    monkeypatch.setattr(parts, "PART_ROWS", 8)
    monkeypatch.setattr(parts, "BLOCK", 8)
    made: Callable[[Scores, Path], Overview] = request.param
    return made(Scores(table(), overview_of(table()).provenance), tmp_path)


def test_what_is_counted_is_held_in_the_order_of_ids(overview: Overview) -> None:
    assert OF_ONE.isdisjoint(overview.table.columns)
    held = [name for name in table() if name in overview.table]
    assert {"id", "given_label", "label_score", "near_duplicate_set"} <= set(held)
    pd.testing.assert_frame_equal(
        overview.table[held], table()[held], check_dtype=False, check_like=True
    )


def test_all_is_said_of_rows_that_are_asked_for(overview: Overview) -> None:
    rows = overview.rows([31, 4, 7])
    assert rows.index.tolist() == [31, 4, 7]
    assert set(rows.columns) == set(table().columns)
    for name in ("id", "path", "cg_score", "is_mine_alone"):
        assert rows[name].tolist() == table()[name].iloc[[31, 4, 7]].tolist()
    assert list(rows["top_labels"].iloc[0]) == table()["top_labels"].iloc[31]
    assert rows["content_hash"].isna().tolist() == [False, False, True]
    assert overview.rows([]).columns.tolist() == rows.columns.tolist()


def test_columns_that_are_not_held_are_read_in_the_same_order(overview: Overview) -> None:
    read = overview.columns("id", "cg_score")
    assert read["id"].tolist() == table()["id"].tolist()
    np.testing.assert_array_equal(read["cg_score"], table()["cg_score"])
    assert overview.places.tolist() == table()["path"].tolist()


def test_contents_and_what_is_drawn_by_them(overview: Overview) -> None:
    known = table()["content_hash"].fillna("").tolist()
    contents = overview.contents()
    assert contents.tolist() == [text.encode() for text in known]
    names = [it or one for it, one in zip(known, table()["id"], strict=True)]
    np.testing.assert_array_equal(overview.drawn(contents, 3), drawn(names, 3))


def test_samples_are_found_by_their_ids(overview: Overview) -> None:
    assert [overview.find(name) for name in table()["id"]] == list(range(N))
    for unknown in ("", "s0", "t"):
        with pytest.raises(KeyError):
            overview.find(unknown)


def test_rows_are_read_once(overview: Overview, monkeypatch: pytest.MonkeyPatch) -> None:
    passes = []
    pieces = Stored.pieces

    def spied(self: Stored, *asked: object) -> object:
        passes.append(asked)
        return pieces(self, *asked)

    monkeypatch.setattr(Stored, "pieces", spied)
    overview.rows([3, 1])
    overview.rows([1, 3, 3])
    overview.rows([])
    assert len(passes) == 1
    assert overview.rows([1, 20])["id"].tolist() == ["s001", "s020"]
    assert len(passes) == 2


def test_scores_that_were_written_anew_meanwhile_are_told(tmp_path: Path) -> None:
    made = overview_of(table()).provenance
    overview = one_file(Scores(table(), made), tmp_path)
    write_scores(Scores(table().iloc[:50], made), tmp_path / "scores.parquet")
    with pytest.raises(StaleError, match="written anew while it was read"):
        overview.rows([3])
    write_scores(Scores(table(), made), tmp_path / "scores.parquet")
    assert overview.rows([3])["id"].tolist() == ["s003"]


def test_other_rows_in_their_place_are_told(tmp_path: Path) -> None:
    made = overview_of(table()).provenance
    overview = one_file(Scores(table(), made), tmp_path)
    others = table().assign(id=[f"x{name}" for name in table()["id"]])
    write_scores(Scores(others, made), tmp_path / "scores.parquet")
    with pytest.raises(StaleError, match="written anew while it was read"):
        overview.rows([3])
    write_scores(Scores(table().drop(columns="path"), made), tmp_path / "scores.parquet")
    with pytest.raises(StaleError, match="written anew while it was read"):
        _ = overview.places


def test_columns_that_nobody_knows_are_checked_too(tmp_path: Path) -> None:
    mine = pd.array([True] * 59 + [None], dtype="boolean")
    made = overview_of(table()).provenance
    with pytest.raises(StaleError, match="is_mine_alone is empty in some rows"):
        one_file(Scores(table().assign(is_mine_alone=mine), made), tmp_path)


def test_hashes_that_are_none_are_told_apart(tmp_path: Path) -> None:
    long = [f"{'é' * 40}{at}" for at in range(N)]
    made = overview_of(table()).provenance
    contents = one_file(Scores(table().assign(content_hash=long), made), tmp_path).contents()
    assert len(set(contents.tolist())) == N


def test_no_rows_at_all(tmp_path: Path) -> None:
    made = overview_of(table()).provenance
    overview = one_file(Scores(table().iloc[:0], made), tmp_path)
    assert len(overview.table) == len(overview.rows([])) == len(overview.contents()) == 0


def test_two_rows_of_one_id_are_refused(tmp_path: Path) -> None:
    twice = table()
    twice.loc[9, "id"] = "s008"
    made = overview_of(table()).provenance
    with pytest.raises(StaleError, match="not unique"):
        one_file(Scores(twice, made), tmp_path)
