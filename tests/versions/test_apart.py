"""What two large versions have alike is counted: the comparison is what it is of all of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from provenance import PROVENANCE

from cgaudit.errors import StaleError
from cgaudit.results import parts
from cgaudit.results.table import Scores, open_scores, read_scores, write_scores
from cgaudit.review import no_reviews
from cgaudit.versions import compare
from cgaudit.versions.apart import set_apart
from cgaudit.wording.labelsets import known_set, set_as_text

CLASSES = np.array([f"class {number}" for number in range(7)], dtype=object)


def scores_of(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    given, predicted = rng.integers(0, 7, n), rng.integers(0, 7, n)
    score = np.round(rng.random(n), 4).astype(np.float32)
    top = np.sort(rng.dirichlet(np.ones(5), n).astype(np.float32), axis=1)[:, ::-1]
    order = np.argsort(rng.random((n, 7)), axis=1)[:, :5]
    return pd.DataFrame(
        {
            "id": [f"{number:07}" for number in range(n)],
            "given_label": np.where(rng.random(n) < 0.01, None, CLASSES[given]),
            "predicted_label": CLASSES[predicted],
            "label_score": score,
            "is_label_issue": rng.random(n) < 0.03,
            "cg_score": 1 - score,
            "margin": 1 - 2 * score,
            "top_labels": list(CLASSES[order]),
            "top_scores": list(top),
            "content_hash": [f"{int(it):016x}{int(it):016x}" for it in rng.integers(0, 2**62, n)],
        }
    )


def as_can_be(table: pd.DataFrame) -> pd.DataFrame:
    unlabelled = table["given_label"].isna()
    table["is_label_issue"] &= ~unlabelled
    table.loc[unlabelled, ["label_score", "cg_score", "margin"]] = np.nan
    return table


def two_versions(n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Samples that were added, removed, relabelled, edited, moved, reviewed, and moved scores."""
    a = scores_of(n, 0)
    b, rng = a.copy(), np.random.default_rng(1)
    b["label_score"] = np.where(
        rng.random(n) < 0.3, np.round(rng.random(n), 3), b["label_score"]
    ).astype(np.float32)
    b["is_label_issue"] = np.where(rng.random(n) < 0.01, rng.random(n) < 0.5, b["is_label_issue"])
    b.loc[rng.random(n) < 0.02, "given_label"] = "class 2"
    edited, moved = rng.random(n) < 0.01, rng.random(n) < 0.01
    b.loc[edited, "content_hash"] = [f"{it:032x}" for it in range(int(edited.sum()))]
    b.loc[moved, "id"] = "new/" + b.loc[moved, "id"]
    # Contents that come more than once.
    b.loc[b.index[10:40], "content_hash"] = b["content_hash"].iloc[5]
    a = a.drop(index=a.index[: n // 100])
    b = b.drop(index=b.index[-n // 100 :])
    return as_can_be(a), as_can_be(b.sort_values("id", ignore_index=True))


def as_sets(table: pd.DataFrame) -> pd.DataFrame:
    """Return the same where a class stands for a set: itself, and for most another one."""

    def of(name: object) -> str | None:
        if not isinstance(name, str):
            return None
        number = int(name.removeprefix("class "))
        return set_as_text(["class 0"][: number % 3] + ([name] if number else []))

    given, predicted = (
        [of(name) for name in table[it]] for it in ("given_label", "predicted_label")
    )
    contested = [
        sorted(known_set(text))[:1] if flag else []
        for text, flag in zip(given, table["is_label_issue"], strict=True)
    ]
    return table.assign(
        given_label=given,
        predicted_label=predicted,
        worst_label="class 1",
        labels_doubtful=contested,
        labels_missing=[[] for _ in contested],
    )


@pytest.fixture(params=["both in parts", "one in parts", "files", "parts of two sizes"])
def forms(request: pytest.FixtureRequest) -> tuple[bool, bool]:
    return {
        "both in parts": (True, True),
        "one in parts": (False, True),
        "files": (False, False),
        "parts of two sizes": (True, True),
    }[request.param]


@pytest.mark.parametrize("ids_are_paths", [False, True])
def test_the_answer_is_that_of_all_samples(
    forms: tuple[bool, bool], ids_are_paths: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    monkeypatch.setattr(parts, "BLOCK", 500)
    _same(tmp_path, 5_000, forms, ids_are_paths, monkeypatch, "two sizes" in request.node.name)


@pytest.mark.parametrize("ids_are_paths", [False, True])
def test_so_it_is_where_samples_have_several_labels(
    ids_are_paths: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "BLOCK", 500)
    _same(tmp_path, 5_000, (True, True), ids_are_paths, monkeypatch, False, "multilabel")


@pytest.mark.slow
def test_the_answer_is_that_of_all_of_200_000(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "BLOCK", 50_000)
    _same(tmp_path, 200_000, (True, True), False, monkeypatch, False)


def _same(
    folder: Path, n: int, forms: tuple[bool, bool], ids_are_paths: bool,
    monkeypatch: pytest.MonkeyPatch, other_size: bool, task: str = "classification",
) -> None:  # fmt: skip
    tables = two_versions(n)
    if task == "multilabel":
        tables = as_sets(tables[0]), as_sets(tables[1])
    made = replace(PROVENANCE, task=task)
    reviewed = no_reviews()
    of = tables[1][tables[1]["given_label"].notna()].iloc[50:90]
    for row, (_, sample) in enumerate(of.iterrows()):
        cells = [sample["id"], sample["content_hash"], sample["given_label"], "keep", "", "", ""]
        reviewed.loc[row] = cells
    paths = []
    for name, table, parted in zip("ab", tables, forms, strict=True):
        monkeypatch.setattr(parts, "PART_ROWS", n // 50 if name == "b" and other_size else n // 8)
        paths.append(folder / name / "scores.parquet")
        write_scores(Scores(table, made), paths[-1], parted=parted)
    whole = [read_scores(path) for path in paths]
    for stored, table in zip(whole, tables, strict=True):
        assert stored.table["id"].tolist() == table["id"].tolist()
        assert stored.table["content_hash"].tolist() == table["content_hash"].tolist()
    settings = {"ids_are_paths": ids_are_paths, "reviewed": reviewed,
                "reviewed_before": no_reviews()}  # fmt: skip
    expected = compare(*whole, **settings)
    scratch = folder / "scratch"
    scratch.mkdir()
    found = set_apart(*map(open_scores, paths), kept=set(reviewed["content_hash"]),
                      tolerance=0.01, scratch=scratch)  # fmt: skip
    assert len(found.b.table) < len(tables[1]) / 2
    assert found.apart.n > len(tables[1]) / 2
    assert found.apart.ids_are_paths is False
    assert compare(found.a, found.b, **settings, apart=found.apart) == expected


def test_nothing_changed(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    write_scores(Scores(as_can_be(scores_of(300, 0)), PROVENANCE), path)
    (tmp_path / "scratch").mkdir()
    opened = open_scores(path)
    found = set_apart(opened, opened, kept=(), tolerance=0.01, scratch=tmp_path / "scratch")
    whole = read_scores(path)
    expected = compare(whole, whole, ids_are_paths=False)
    assert compare(found.a, found.b, ids_are_paths=False, apart=found.apart) == expected


@pytest.fixture
def in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(parts, "BLOCK", 100)
    monkeypatch.setattr(parts, "PART_ROWS", 100)
    path = tmp_path / "scores.parquet"
    write_scores(Scores(as_can_be(scores_of(350, 0)), PROVENANCE), path, parted=True)
    return path


def test_a_part_that_is_missing_renamed_or_too_many_is_named(in_parts: Path) -> None:
    folder = in_parts.with_suffix("")
    assert [file.name for file in sorted(folder.iterdir())] == [
        f"part-000{part}.parquet" for part in range(4)
    ]
    third, second = folder / "part-0002.parquet", folder / "part-0001.parquet"
    content = third.read_bytes()
    third.unlink()
    with pytest.raises(StaleError, match=r"lacks .*part-0002.parquet.*Run `cgaudit score` again"):
        read_scores(in_parts)
    third.write_bytes(second.read_bytes())
    with pytest.raises(
        StaleError, match=r"part-0002.parquet is the part that was called part-0001"
    ):
        read_scores(in_parts)
    third.write_bytes(content)
    (folder / "part-0004.parquet").write_bytes(content)
    with pytest.raises(StaleError, match=r"part-0004.parquet is none of its 4 parts"):
        read_scores(in_parts)
    write_scores(Scores(as_can_be(scores_of(350, 0)), PROVENANCE), in_parts, parted=True)
    assert len(read_scores(in_parts).table) == 350


def test_parts_of_different_scores_are_told(in_parts: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "scores.parquet"
    write_scores(
        Scores(as_can_be(scores_of(350, 0)), replace(PROVENANCE, ridge=0.5)), other, parted=True
    )
    name = "part-0002.parquet"
    (in_parts.with_suffix("") / name).write_bytes((other.with_suffix("") / name).read_bytes())
    with pytest.raises(StaleError, match=r"part-0002.parquet.* are of different scores"):
        read_scores(in_parts)


def test_the_other_form_goes_and_both_are_refused(in_parts: Path) -> None:
    table = read_scores(in_parts)
    content = (in_parts.with_suffix("") / "part-0000.parquet").read_bytes()
    write_scores(table, in_parts)
    assert not in_parts.with_suffix("").exists()
    in_parts.with_suffix("").mkdir()
    (in_parts.with_suffix("") / "part-0000.parquet").write_bytes(content)
    with pytest.raises(StaleError, match="remove the one"):
        read_scores(in_parts)


def test_two_parts_with_one_id_are_told(in_parts: Path) -> None:
    open_scores(in_parts).check()
    folder = in_parts.with_suffix("")
    table = scores_of(350, 0)
    # The same id, and a content that belongs to another part.
    twice = pd.concat([table, table.iloc[:1].assign(content_hash="f" * 32)])
    assert table["content_hash"].iloc[0][0] != "f"
    write_scores(Scores(as_can_be(twice.reset_index(drop=True)), PROVENANCE), in_parts, parted=True)
    assert len(list(folder.iterdir())) == 4
    with pytest.raises(StaleError, match="its ids are not unique"):
        open_scores(in_parts).check()
