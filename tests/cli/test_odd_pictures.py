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
