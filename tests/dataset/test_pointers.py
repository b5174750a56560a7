"""Pointers of Git LFS are named as what they are, wherever a content is expected."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cgaudit.dataset import open_source, open_table
from cgaudit.dataset.pointers import LFS_POINTER, is_lfs_pointer
from cgaudit.errors import SourceError, TableError
from cgaudit.featurize import create_featurizer, featurize
from cgaudit.params import SourceParams

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:{0:064}\nsize 12345\n"


def point(file: Path, number: int = 0) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(POINTER.format(number))
    return file


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.parquet", "a.npy", "a.tar"])
def test_tables_arrays_and_shards(tmp_path: Path, name: str) -> None:
    file = point(tmp_path / name)
    with pytest.raises(TableError, match=r"is a Git LFS pointer.*`git lfs pull`"):
        open_source(SourceParams(path=str(file)))
    if name not in ("a.npy", "a.tar"):
        with pytest.raises(TableError, match="Git LFS pointer"):
            open_table(file)


def test_pictures_are_counted_by_their_files(tmp_path: Path) -> None:
    # Three files of one content, and one of another.
    for name, number in (("cat/a", 0), ("cat/b", 0), ("dog/c", 0), ("dog/d", 1)):
        point(tmp_path / "photos" / f"{name}.png", number)
    (tmp_path / "photos/dog/e.png").write_bytes(b"text")
    source = open_source(SourceParams(path=str(tmp_path / "photos")))
    featurizer = create_featurizer("pixels")
    featurizer.state = {"side": np.array(8), "grey": np.array(True)}
    expected = f"None of the 5 samples of .*: 4 × {LFS_POINTER}; 1 × not an image"
    with pytest.raises(SourceError, match=expected):
        featurize(source, featurizer, tmp_path / "out", recipe=2)
    Image.new("RGB", (8, 8)).save(tmp_path / "photos/dog/e.png")
    done = featurize(
        open_source(SourceParams(path=str(tmp_path / "photos"))),
        featurizer,
        tmp_path / "out",
        recipe=2,
    )
    assert set(done.skipped["reason"]) == {LFS_POINTER}


def test_what_only_mentions_lfs_is_no_pointer(tmp_path: Path) -> None:
    long = POINTER.format(0) + "x" * 2000
    assert not is_lfs_pointer(long.encode())
    assert not is_lfs_pointer(b"see " + POINTER.format(0).encode())
