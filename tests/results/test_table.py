"""The scores table: rounding, order, bytes, provenance."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cgaudit import score_labels
from cgaudit.errors import StaleError
from cgaudit.results.table import (
    SCHEMA,
    Provenance,
    Scores,
    read_scores,
    write_scores,
)

PROVENANCE = Provenance(
    recipe=1, featurizer="pixels", featurizer_fingerprint="f", method="exact", ridge=0.1,
    likelihood="gaussian", landmarks=None, seed=0, precision="float64", task="classification",
    device="cpu", version="0",
)  # fmt: skip


@pytest.fixture(scope="module")
def result():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 3, 30)
    # Features that say something: where they say nothing, no error is expected of any label.
    features = rng.standard_normal((30, 4)) + 3 * np.eye(3, 4)[codes]
    labels = np.array(["<b>", "NA", ""])[codes]
    return score_labels(features, labels, precision="float64", device="cpu")


@pytest.fixture
def scores(result):
    ids = [f"{i:02} ü" for i in reversed(range(30))]
    return Scores(result.table(ids, ["0" * 32] * 30), PROVENANCE)


def test_what_is_written_is_read(scores, tmp_path):
    path = tmp_path / "deep" / "scores.parquet"
    write_scores(scores, path)
    back = read_scores(path)
    assert back.provenance == PROVENANCE
    assert back.table["id"].tolist() == sorted(scores.table["id"])
    np.testing.assert_array_equal(back.table["cg_score"], scores.table["cg_score"])
    assert back.table["given_label"].isna().sum() == scores.table["given_label"].isna().sum() > 0
    assert back.table.loc[back.table["given_label"].isna(), "label_score"].isna().all()
    assert [p.name for p in path.parent.iterdir()] == ["scores.parquet"]


def test_columns_and_types_are_the_contract(scores, tmp_path):
    scores.table["split"] = "train"
    write_scores(scores, tmp_path / "s.parquet")
    schema = pq.read_schema(tmp_path / "s.parquet")
    assert schema.names == [*SCHEMA.names, "error_probability", "split"]
    assert [schema.field(name).type for name in SCHEMA.names] == SCHEMA.types


def test_same_table_same_bytes(scores, tmp_path):
    write_scores(scores, tmp_path / "a")
    write_scores(scores, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_last_bit_noise_does_not_reach_the_file(result, scores):
    noisy = dataclasses.replace(result, label_score=result.label_score * (1 + 1e-12))
    frame = noisy.table([f"{i:02} ü" for i in reversed(range(30))], ["0" * 32] * 30)
    pd.testing.assert_frame_equal(frame, scores.table)


def test_repeated_ids_are_a_programming_error(result):
    with pytest.raises(ValueError, match="ids must differ"):
        result.table(["a"] * 30)


def test_a_file_without_provenance_is_refused(scores, tmp_path):
    pq.write_table(pa.Table.from_pandas(scores.table), tmp_path / "x.parquet")
    with pytest.raises(StaleError, match="lacks the record"):
        read_scores(tmp_path / "x.parquet")


def test_a_file_that_lacks_a_column_is_refused(scores, tmp_path):
    pq.write_table(pa.table({"id": ["a"]}), tmp_path / "x.parquet")
    with pytest.raises(StaleError, match="given_label"):
        read_scores(tmp_path / "x.parquet")


def test_a_damaged_file_is_refused(tmp_path):
    (tmp_path / "x.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(StaleError, match=r"x.parquet cannot be read.*cgaudit score"):
        read_scores(tmp_path / "x.parquet")
    with pytest.raises(StaleError, match=r"There is no .*missing.parquet.*cgaudit score"):
        read_scores(tmp_path / "missing.parquet")


def test_differences_of_provenance():
    other = dataclasses.replace(PROVENANCE, ridge=0.2, device="cuda")
    assert PROVENANCE.differences(other) == {"ridge": (0.1, 0.2), "device": ("cpu", "cuda")}
