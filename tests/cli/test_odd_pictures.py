"""``cgaudit audit`` on pictures that go wrong elsewhere: no file ends it, no guess is silent."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from drawn import folders, greys
from PIL import Image
from rawfiles import Entry, entry, ifd, with_exif

from cgaudit.cli import cli
from cgaudit.dataset import OVER_BLACK, white_guess
from cgaudit.results.table import read_scores


def audited(*words: object, out: Path) -> Result:
    done = CliRunner().invoke(cli, ["audit", *map(str, words), "--out", str(out), "--json"])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def table(out: Path):
    return read_scores(out / "scores.parquet").table.set_index("id")


ODD = {
    "software": Entry(305, 5, 1, struct.pack("<II", 1, 1)),
    "resolution": Entry(282, 10, 1, struct.pack("<ii", -72, 1)),
    "width": Entry(256, 2, 5, b"4000\0"),
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_exif_tag_beside_a_valid_orientation(tmp_path, odd):
    folders(tmp_path / "data")
    upright = Image.fromarray(greys("stripes", 90, (48, 32)))
    stored = upright.transpose(Image.Transpose.ROTATE_90)
    exif = ifd([entry(0x0112, 6), ODD[odd]])
    (tmp_path / "data/stripes/odd.jpg").write_bytes(with_exif(stored, "JPEG", exif))
    done = audited(tmp_path / "data", out=tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    found = table(tmp_path / "out")
    assert len(found) == 25
    assert found.loc["stripes/odd.jpg", "predicted_label"] == "stripes"
    assert 'width="48" height="32"' in (tmp_path / "out/index.html").read_text()


def test_12_bit_grey_is_seen_and_said(tmp_path):
    folders(tmp_path / "data", draw=lambda grey: (grey.astype(np.uint16) * 257) >> 4)
    done = audited(tmp_path / "data", out=tmp_path / "out")
    assert json.loads(done.stdout)["guesses"] == {white_guess(4095): 24}
    assert "24 to 4,095" in done.stderr
    named = audited(tmp_path / "data", "--grey-bits", 12, out=tmp_path / "named")
    assert "guesses" not in json.loads(named.stdout)
    assert "pictures of grey" not in named.stderr
    both = [table(tmp_path / name)["label_score"] for name in ("out", "named")]
    assert both[0].equals(both[1])
    # As if the camera had written all of its 16 bits.
    folders(tmp_path / "full", draw=lambda grey: grey.astype(np.uint16) * 257)
    audited(tmp_path / "full", out=tmp_path / "wide")
    assert np.allclose(both[0], table(tmp_path / "wide")["label_score"], atol=0.02)


def test_white_shapes_on_transparent_ground(tmp_path):
    def white(grey):
        return np.dstack([*[np.full_like(grey, 255)] * 3, np.where(grey > 120, 255, 0)]).astype(
            np.uint8
        )

    folders(tmp_path / "data", draw=white)
    done = audited(tmp_path / "data", out=tmp_path / "out")
    assert json.loads(done.stdout)["guesses"] == {OVER_BLACK: 24}
    assert "24 pictures: transparent" in done.stderr
    found = table(tmp_path / "out")
    assert (found["given_label"] == found["predicted_label"]).all()


def test_ordinary_pictures_are_not_guessed_about(tmp_path):
    folders(tmp_path / "data")
    done = audited(tmp_path / "data", out=tmp_path / "out")
    assert "guesses" not in json.loads(done.stdout)


def splits(root: Path, *names: str) -> None:
    for number, name in enumerate(names):
        folders(root / name, each=6 - 2 * number, start=100 * number)


@pytest.mark.parametrize(
    "names", [("train", "eval"), ("seg_train", "seg_test"), ("train", "holdout")]
)
def test_splits_are_not_taken_for_labels(tmp_path, names):
    splits(tmp_path / "data", *names)
    done = audited(tmp_path / "data", out=tmp_path / "out")
    assert set(json.loads(done.stdout)["class"]) == {"checks", "columns", "stripes"}
    assert set(table(tmp_path / "out")["split"]) == set(names)
    assert "--no-split-folders" in done.stderr
    told = audited(tmp_path / "data", "--no-split-folders", out=tmp_path / "told")
    assert set(json.loads(told.stdout)["class"]) == set(names)


def by_hand(root: Path) -> None:
    """Write splits that hold their pictures directly, each with a table of its own."""
    for number, split in enumerate(("train", "test")):
        rows = ["file_name,label"]
        for file in folders(root / "all", each=6, start=100 * number):
            (root / split).mkdir(exist_ok=True)
            rows.append(f"{file.name},{file.parent.name}")
            file.rename(root / split / file.name)
        (root / split / "metadata.csv").write_text("\n".join(rows) + "\n")
    for empty in (root / "all").iterdir():
        empty.rmdir()
    (root / "all").rmdir()


def test_splits_without_label_folders_are_refused_and_the_remedies_work(tmp_path):
    by_hand(tmp_path / "data")
    done = audited(tmp_path / "data", out=tmp_path / "out")
    assert done.exit_code == 2
    assert "directly in 'test', 'train', which are taken for splits" in done.stderr
    [_, source, _, labels] = done.stderr.split("`")[1].split()[1:]
    helped = audited(source, "--labels", labels, out=tmp_path / "out")
    assert set(json.loads(helped.stdout)["class"]) == {"checks", "columns", "stripes"}
    told = audited(tmp_path / "data", "--no-split-folders", out=tmp_path / "out")
    assert set(json.loads(told.stdout)["class"]) == {"test", "train"}
    assert "these are the names of splits" in told.stderr


def test_labels_below_one_folder_are_found_by_what_is_said(tmp_path):
    folders(tmp_path / "data/images", each=6)
    done = audited(tmp_path / "data", out=tmp_path / "out")
    assert done.exit_code == 2
    assert "Its sub-folders may be the labels ('checks', 'columns', 'stripes')" in done.stderr
    source = done.stderr.split(": give ")[1].split(" as the data")[0]
    helped = audited(source, out=tmp_path / "out")
    assert set(json.loads(helped.stdout)["class"]) == {"checks", "columns", "stripes"}


def test_pictures_in_no_folder(tmp_path):
    for file in folders(tmp_path / "all", each=3):
        (tmp_path / "data").mkdir(exist_ok=True)
        file.rename(tmp_path / "data" / file.name)
    done = audited(tmp_path / "data", out=tmp_path / "out")
    assert done.exit_code == 2
    assert "they lie in no folder below it. Put them into a folder per label" in done.stderr
