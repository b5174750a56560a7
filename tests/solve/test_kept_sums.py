"""Kept sums: other labels of the same rows make of them what summing anew makes, to the bit."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from solve_cases import asking, spread_rows
from where import DEVICE

from cgaudit.errors import StaleError
from cgaudit.executor import Inline, Serial
from cgaudit.numerics.classes import UNLABELLED
from cgaudit.numerics.contents import gathered, keys_of, row_digests
from cgaudit.solve import Keeping, solve_in_parts, sums
from cgaudit.solve.kept_sums import KeptSums, Moves, sums_bytes, sums_key

N, CLASSES, PART = 1500, 4, 640


@pytest.fixture(scope="module")
def rows():
    return spread_rows(N).cpu().numpy()


@pytest.fixture(scope="module")
def codes():
    given = np.random.default_rng(0).integers(CLASSES, size=N)
    given[::7] = UNLABELLED
    return given


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Have parts of several blocks, the last of them shorter."""
    monkeypatch.setattr(sums, "_BLOCK", 128)
    monkeypatch.setitem(sums.BATCH_ELEMENTS, "cpu", 1)
    monkeypatch.setitem(sums.BATCH_ELEMENTS, "cuda", 1)


def solved(rows, codes, folder=None, executor=None, own=False, **options):
    spans = [(start, min(N, start + PART)) for start in range(0, N, PART)]
    asked = asking(**{"precision": "float32", "ridge": 0.1, "landmarks": 60, **options})
    keeping = None if folder is None else Keeping(folder, own=own)
    keys = keys_of(row_digests(rows), asked.seed)
    return solve_in_parts(
        *(rows, codes, keys, int(codes.max()) + 1, replace(asked, keep_factor=keeping), spans),
        executor or Inline(),
    )


def assert_same(found, expected):
    assert torch.equal(found.class_complexity, expected.class_complexity)
    for part, same in zip(found.figures, expected.figures, strict=True):
        for name in ("values", "given", "cg_score", "explained"):
            assert torch.equal(getattr(part, name), getattr(same, name)), name
    assert found.info == expected.info


def moved(codes, count, seed=1):
    """Return labels of which some are others."""
    other, rng = codes.copy(), np.random.default_rng(seed)
    picked = rng.choice(np.flatnonzero(codes != UNLABELLED), count, replace=False)
    other[picked] = (other[picked] + rng.integers(1, CLASSES, size=count)) % CLASSES
    return other


@pytest.fixture
def not_summed(monkeypatch):
    monkeypatch.setattr("cgaudit.solve.parted.sums_of", lambda *_: pytest.fail("summed again"))


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("count", [0, 1, 60, 900])
def test_other_labels_get_the_bytes_of_a_whole_computation(
    rows, codes, tmp_path, monkeypatch, precision, count
):
    now = moved(codes, count)
    expected = solved(rows, now, precision=precision)
    solved(rows, codes, tmp_path / "kept", precision=precision)
    monkeypatch.setattr("cgaudit.solve.parted.sums_of", lambda *_: pytest.fail("summed again"))
    assert_same(solved(rows, now, tmp_path / "kept", precision=precision), expected)


def test_relabelling_again_and_back_ends_where_it_began(rows, codes, tmp_path, request):
    expected = solved(rows, codes, tmp_path / "kept")
    request.getfixturevalue("not_summed")
    for seed in range(3):
        solved(rows, moved(codes, 50, seed), tmp_path / "kept")
    assert_same(solved(rows, codes, tmp_path / "kept"), expected)


def test_a_class_that_comes_or_goes_only_renumbers_the_others(
    rows, codes, tmp_path, monkeypatch, request
):
    labelled = codes != UNLABELLED
    more = np.where(labelled, codes + 1, UNLABELLED)
    more[np.flatnonzero(labelled)[:3]] = 0
    expected = solved(rows, more), solved(rows, codes)
    solved(rows, codes, tmp_path / "kept")
    request.getfixturevalue("not_summed")
    seen = []
    monkeypatch.setattr(
        "cgaudit.solve.kept_sums.Moves", lambda *given: seen.append(given[1]) or Moves(*given)
    )
    assert_same(solved(rows, more, tmp_path / "kept"), expected[0])
    assert sum(map(len, seen)) == 3
    assert_same(solved(rows, codes, tmp_path / "kept"), expected[1])
    assert sum(map(len, seen)) <= 6


@pytest.mark.skipif(DEVICE != "cpu", reason="threads are the CPU's")
def test_it_holds_part_by_part_on_threads_and_for_rows_of_a_file(rows, codes, tmp_path):
    np.save(tmp_path / "rows.npy", rows[::-1])
    mapped = gathered(np.load(tmp_path / "rows.npy", mmap_mode="r"), np.arange(N)[::-1])
    now = moved(codes, 200)
    expected = solved(rows, now, executor=Serial())
    solved(mapped, codes, tmp_path / "kept", executor=Serial())
    assert_same(solved(mapped, now, tmp_path / "kept", executor=Serial()), expected)


def test_few_rows_take_few_blocks(rows, codes, tmp_path, monkeypatch):
    solved(rows, codes, tmp_path / "kept")
    seen = []
    monkeypatch.setattr(
        "cgaudit.solve.kept_sums.Moves", lambda *given: seen.append(given) or Moves(*given)
    )
    solved(rows, moved(codes, 12), tmp_path / "kept")
    assert sum(len(places) for _, places, *_ in seen) == 12
    assert len(seen) < 6, "the rows of 11 blocks"


@pytest.mark.parametrize(
    "change",
    [
        {"ridge": 0.2},
        {"landmarks": 50},
        {"seed": 1},
        {"precision": "float64"},
        {"rows": "another"},
        {"codes": "a label more"},
        {"machine": "another"},
    ],
    ids=lambda it: next(iter(it)),
)
def test_sums_of_anything_else_are_not_used(rows, codes, tmp_path, monkeypatch, change):
    solved(rows, codes, tmp_path / "kept")
    before = (tmp_path / "kept" / "header.json").read_text()
    if change.pop("rows", None):
        rows = rows.copy()
        rows[5, 2] += 1
    if change.pop("codes", None):
        codes = np.where(np.arange(N) == 7, 0, codes)
    if change.pop("machine", None):
        monkeypatch.setenv("MKL_ENABLE_INSTRUCTIONS", "AVX2")
    expected = solved(rows, codes, **change)
    assert_same(solved(rows, codes, tmp_path / "kept", **change), expected)
    assert (tmp_path / "kept" / "header.json").read_text() != before


@pytest.mark.parametrize(
    "damage",
    [
        lambda it: (it / "header.json").write_text("{"),
        lambda it: (it / "header.json").unlink(),
        lambda it: (it / "moments.bin").write_bytes(b"12345678"),
        lambda it: (it / "codes.bin").write_bytes(np.full(N, 99, np.int32).tobytes()),
        lambda it: edit(it, grain="many"),
        lambda it: edit(it, format=99),
    ],
    ids=["torn", "headless", "short", "codes", "odd", "newer"],
)
def test_damaged_sums_are_refused_and_made_anew(rows, codes, tmp_path, damage):
    expected = solved(rows, codes, tmp_path / "kept")
    asked = asking(precision="float32", ridge=0.1, landmarks=60)
    whole = gathered(rows, np.arange(N))
    key = sums_key(whole, codes, keys_of(row_digests(rows), asked.seed), asked)
    kept = KeptSums.load(tmp_path / "kept", key, torch.device(DEVICE))
    damage(tmp_path / "kept")
    with pytest.raises(StaleError):
        KeptSums.load(tmp_path / "kept", key, torch.device(DEVICE))
    if (tmp_path / "kept" / "header.json").exists():
        assert_same(solved(rows, codes, tmp_path / "kept"), expected)
        again = KeptSums.load(tmp_path / "kept", key, torch.device(DEVICE))
        assert torch.equal(again.sums.moments, kept.sums.moments)


def test_our_own_folder_is_replaced_whatever_became_of_it(rows, codes, tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "codes.bin").write_bytes(b"")
    with pytest.raises(StaleError, match="Name another folder"):
        solved(rows, codes, tmp_path / "kept")
    solved(rows, codes, tmp_path / "kept", own=True)
    assert (tmp_path / "kept" / "header.json").is_file()


def edit(folder, **fields):
    header = json.loads((folder / "header.json").read_text())
    (folder / "header.json").write_text(json.dumps({**header, **fields}))


def test_what_it_takes_on_disk_is_what_was_said(rows, codes, tmp_path):
    solved(rows, codes, tmp_path / "kept")
    size = sum(it.stat().st_size for it in (tmp_path / "kept").glob("*.bin"))
    assert size == sums_bytes(N, 60, CLASSES, "float32")


def test_what_cannot_be_kept_is_an_error_only_where_it_was_asked_for(rows, codes, tmp_path):
    (tmp_path / "file").write_text("")
    expected, spans = solved(rows, codes), [(0, N)]
    asked = asking(precision="float32", ridge=0.1, landmarks=60)
    keys = keys_of(row_digests(rows), asked.seed)
    for limit in (2**30, None):
        keeping = Keeping(tmp_path / "file" / "kept", limit, own=True)
        given = rows, codes, keys, CLASSES, replace(asked, keep_factor=keeping), spans, Inline()
        if limit is None:
            with pytest.raises(OSError, match="file"):
                solve_in_parts(*given)
        else:
            assert solve_in_parts(*given).info == expected.info


def test_nothing_changed_is_nothing_to_do(rows, codes, tmp_path):
    solved(rows, codes, tmp_path / "kept")
    before = [it.stat().st_mtime_ns for it in sorted((tmp_path / "kept").iterdir())]
    solved(rows, codes, tmp_path / "kept")
    assert before == [it.stat().st_mtime_ns for it in sorted((tmp_path / "kept").iterdir())]
