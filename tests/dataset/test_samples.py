"""The tables that sources yield survive their files."""

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cgaudit.dataset import read_samples, read_skipped, write_samples, write_skipped
from cgaudit.dataset.samples import SAMPLES_SCHEMA, Sample, Skip, samples_table, skipped_table
from cgaudit.errors import SourceError

DIGEST = "0" * 32


def test_samples_round_trip(tmp_path):
    samples = samples_table(
        [Sample("b\n,é.png", "1" * 32, "<b>", "train"), Sample("a.png", "2" * 32, None, None, "7")]
    )
    write_samples(samples, tmp_path / "samples.parquet")
    pd.testing.assert_frame_equal(read_samples(tmp_path / "samples.parquet"), samples)
    first = (tmp_path / "samples.parquet").read_bytes()
    write_samples(samples, tmp_path / "samples.parquet")
    assert (tmp_path / "samples.parquet").read_bytes() == first


def test_damaged_samples(tmp_path):
    with pytest.raises(SourceError, match=r"There is no .*none.parquet. Run `cgaudit featurize`"):
        read_samples(tmp_path / "none.parquet")
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(SourceError, match="has the columns 'a'"):
        read_samples(tmp_path / "other.parquet")


@pytest.mark.parametrize("skips", [[], [Skip('a\n"b",c', "why, so"), Skip("é", "x")]])
def test_skipped_round_trip(tmp_path, skips):
    skipped = skipped_table(skips)
    write_skipped(skipped, tmp_path / "skipped.csv")
    assert (
        read_skipped(tmp_path / "skipped.csv", "cgaudit score").to_numpy().tolist()
        == skipped.to_numpy().tolist()
    )


@pytest.mark.parametrize(
    ("column", "values", "why"),
    [
        ("path", ["a", "a"], "a path twice"),
        ("path", ["a", None], "path is empty in 1 rows"),
        ("content_hash", [DIGEST, None], "content_hash is empty in 1 rows"),
        ("content_hash", [DIGEST, "../x"], "no MD5"),
        ("content_hash", [DIGEST, "a" * 5000], "no MD5"),
        ("path", [1, 2], "path holds int64"),
        ("split", [1.5, None], "split holds double"),
    ],
)
def test_samples_that_none_can_be(tmp_path, column, values, why):
    columns = {name: [None, None] for name in SAMPLES_SCHEMA.names}
    columns |= {"path": ["a", "b"], "content_hash": [DIGEST, DIGEST], column: values}
    types = {field.name: field.type for field in SAMPLES_SCHEMA}
    arrays = {
        name: pa.array(
            cells, None if name == column and isinstance(cells[0], int | float) else kind
        )
        for (name, cells), kind in zip(columns.items(), types.values(), strict=True)
    }
    pq.write_table(pa.table(arrays), tmp_path / "samples.parquet")
    with pytest.raises(SourceError, match=rf"{why}.*Run `cgaudit featurize` again"):
        read_samples(tmp_path / "samples.parquet")


@pytest.mark.parametrize(
    "content", [b"", b"id\n1\n", b"id,reason\n1\n", b"\xff", b'id,reason\n"1', b"a,b\n1,2\n"]
)
def test_a_list_of_what_was_skipped_that_is_none(tmp_path, content):
    (tmp_path / "skipped.csv").write_bytes(content)
    with pytest.raises(SourceError, match=r"skipped.csv cannot be read.*Run `cgaudit score` again"):
        read_skipped(tmp_path / "skipped.csv", "cgaudit score")
    with pytest.raises(SourceError, match=r"There is no .*none.csv. Run `cgaudit score`"):
        read_skipped(tmp_path / "none.csv", "cgaudit score")
