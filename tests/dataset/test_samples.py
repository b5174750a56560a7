"""The tables that sources yield survive their files."""

import pandas as pd
import pytest

from cgaudit.dataset import read_samples, read_skipped, write_samples, write_skipped
from cgaudit.dataset.samples import Sample, Skip, samples_table, skipped_table
from cgaudit.errors import SourceError


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
    with pytest.raises(SourceError, match=r"There is no .*cgaudit featurize"):
        read_samples(tmp_path / "none.parquet")
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(SourceError, match="has the columns 'a'"):
        read_samples(tmp_path / "other.parquet")


@pytest.mark.parametrize("skips", [[], [Skip('a\n"b",c', "why, so"), Skip("é", "x")]])
def test_skipped_round_trip(tmp_path, skips):
    skipped = skipped_table(skips)
    write_skipped(skipped, tmp_path / "skipped.csv")
    assert (
        read_skipped(tmp_path / "skipped.csv", "cgaudit featurize").to_numpy().tolist()
        == skipped.to_numpy().tolist()
    )
