"""Rows known by what they hold: digests, keyed order, rows read through an index."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch

from cgaudit.numerics.contents import (
    Gathered,
    content_order,
    gathered,
    keys_of,
    parsed_digests,
    row_digests,
    smallest,
)

ROWS = np.random.default_rng(0).normal(size=(5000, 7)).astype(np.float32)


def test_a_digest_is_that_of_the_bytes():
    expected = hashlib.blake2b(ROWS[4321].tobytes(), digest_size=16).hexdigest()
    found = row_digests(ROWS)
    assert f"{found[4321, 0]:016x}{found[4321, 1]:016x}" == expected
    np.testing.assert_array_equal(found, parsed_digests(hexadecimal(found)))


def hexadecimal(digests):
    return [f"{high:016x}{low:016x}" for high, low in digests.tolist()]


@pytest.mark.parametrize(
    "same",
    [np.asfortranarray(ROWS), ROWS.astype(">f4"), torch.from_numpy(ROWS), ROWS.tolist],
    ids=["Fortran order", "big-endian", "tensor", "gathered"],
)
def test_a_digest_does_not_depend_on_how_rows_lie_in_memory(same):
    rows = Gathered(ROWS, np.arange(len(ROWS))) if callable(same) else same
    np.testing.assert_array_equal(row_digests(rows), row_digests(ROWS))


def test_order_is_that_of_the_hexadecimal_digits_then_of_the_ties():
    digests = row_digests(np.repeat(ROWS[:50], 2, axis=0))
    ties = np.tile([1, 0], 50)
    texts = hexadecimal(digests)
    expected = sorted(range(100), key=lambda row: (texts[row], ties[row]))
    assert content_order(digests, ties).tolist() == expected


@pytest.mark.parametrize("seed", [0, 1, -5])
def test_what_is_drawn_does_not_depend_on_the_order_of_the_rows(seed):
    order = np.random.default_rng(1).permutation(len(ROWS))
    digests = row_digests(ROWS)
    plain = smallest(keys_of(digests, seed), 100)
    moved = smallest(keys_of(digests[order], seed), 100)
    assert order[moved].tolist() == plain.tolist()


def test_another_seed_draws_others():
    digests = row_digests(ROWS)
    one, other = (set(smallest(keys_of(digests, seed), 500).tolist()) for seed in (0, 1))
    # Chance has 50 in common.
    assert 20 < len(one & other) < 90


def test_what_shards_draw_contains_what_the_whole_draws():
    keys = keys_of(row_digests(ROWS), 0)
    shards = np.array_split(np.arange(len(ROWS)), 7)
    drawn = np.concatenate([shard[smallest(keys[shard], 100)] for shard in shards])
    assert drawn[smallest(keys[drawn], 100)].tolist() == smallest(keys, 100).tolist()


def test_one_row_more_displaces_one_at_most():
    keys = keys_of(row_digests(ROWS), 0)
    for n in range(1000, 1100):
        before, after = set(smallest(keys[:n], 100)), set(smallest(keys[: n + 1], 100))
        assert len(before - after) == len(after - before) <= 1


def test_a_content_is_drawn_once():
    rows = np.repeat(ROWS[:30], 4, axis=0)
    drawn = smallest(keys_of(row_digests(rows), 0), 100)
    assert sorted(drawn // 4) == list(range(30))


def test_keys_are_spread_evenly():
    shares = keys_of(row_digests(ROWS), 3) / 2.0**64
    counts = np.histogram(shares, bins=10, range=(0, 1))[0]
    assert abs(counts - 500).max() < 90


def test_gathered_rows_are_read_through_the_index(tmp_path):
    np.save(tmp_path / "rows.npy", ROWS)
    mapped = np.load(tmp_path / "rows.npy", mmap_mode="r")
    index = np.random.default_rng(2).permutation(len(ROWS))
    rows = gathered(gathered(mapped, index), np.arange(100, 4000))
    assert rows.matrix is mapped
    assert rows.shape == (3900, 7)
    assert len(rows) == 3900
    np.testing.assert_array_equal(rows[5:50], ROWS[index[105:150]])
    np.testing.assert_array_equal(rows[np.array([7, 3])], ROWS[index[[107, 103]]])
    assert rows[:0].shape == (0, 7)
    straight = gathered(mapped, np.arange(len(ROWS)) >= 20)
    np.testing.assert_array_equal(straight[:30], ROWS[20:50])
