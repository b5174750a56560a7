"""What was guessed of pictures lies in the store with their vectors, and is counted and said."""

import json

import numpy as np
import pytest
from PIL import Image

from cgaudit.dataset import OVER_BLACK, open_source, white_guess
from cgaudit.errors import StaleError
from cgaudit.featurize import counted, featurize, featurizer_of, open_store, said
from cgaudit.featurize.guesses import GUESSES
from cgaudit.params import FeaturizeParams, Params, SourceParams


def put(root, name, pixels):
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(file)


def deep(seed, white=4095):
    pixels = np.random.default_rng(seed).integers(0, white + 1, (12, 12)).astype(np.uint16)
    pixels[0, 0] = white
    return pixels


def glyph():
    pixels = np.full((12, 12, 4), 255, np.uint8)
    pixels[4:] = (255, 255, 255, 0)
    return pixels


def plain(seed):
    return np.random.default_rng(seed).integers(0, 256, (12, 12, 3), dtype=np.uint8)


def stored(root, out, reuse=None, **source):
    params = Params(
        source=SourceParams(path=str(root), **source),
        featurize=FeaturizeParams(name="pixels", options={"largest_side": 8}),
    )
    opened = open_source(params.source)
    featurizer = featurizer_of(params, opened)
    featurizer.state = {"side": np.array(8), "grey": np.array(False)}
    done = featurize(opened, featurizer, out, recipe=2, reuse=reuse)
    return done, counted(done.store.guesses, done.samples["content_hash"].tolist())


def test_guesses_are_kept_counted_and_carried_over(tmp_path):
    data = tmp_path / "data"
    put(data, "a/1.png", deep(1))
    put(data, "a/2.png", deep(2, 1023))
    put(data, "b/3.png", glyph())
    put(data, "b/copy of 3.png", glyph())
    put(data, "b/4.png", plain(4))
    expected = {white_guess(1023): 1, white_guess(4095): 1, OVER_BLACK: 2}
    first, counts = stored(data, tmp_path / "one")
    assert counts == expected
    again, counts = stored(data, tmp_path / "two", reuse=first.store)
    assert (again.computed, again.reused) == (0, 4)
    assert counts == expected
    one, two = (tmp_path / name / GUESSES for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
    (data / "a/1.png").unlink()
    assert stored(data, tmp_path / "three", reuse=again.store)[1] == {
        white_guess(1023): 1,
        OVER_BLACK: 2,
    }


def test_ordinary_pictures_leave_no_trace(tmp_path):
    put(tmp_path / "data", "a/1.png", plain(1))
    put(tmp_path / "data", "a/2.png", deep(2, 65_535))
    done, counts = stored(tmp_path / "data", tmp_path / "store")
    assert counts == {}
    assert done.store.guesses == {}
    assert not (tmp_path / "store" / GUESSES).exists()


def test_named_bits_are_part_of_what_made_the_vectors(tmp_path):
    put(tmp_path / "data", "a/1.png", deep(1, 1023))
    guessed, _ = stored(tmp_path / "data", tmp_path / "one")
    named, counts = stored(tmp_path / "data", tmp_path / "two", reuse=guessed.store, grey_bits=12)
    assert counts == {}
    assert named.reused == 0
    assert named.store.meta.fingerprint != guessed.store.meta.fingerprint
    assert np.allclose(named.store.vectors * 4, guessed.store.vectors, atol=0.02)


def test_what_is_said():
    counts = {white_guess(1023): 2, white_guess(4095): 1000, OVER_BLACK: 1}
    grey, black = said(counts)
    assert grey.startswith("1,002 pictures of grey in more than 8 bits do not say")
    assert "2 to 1,023, 1,000 to 4,095." in grey
    assert "--grey-bits" in grey
    assert (
        black
        == "1 picture: transparent with nothing but white to be seen: laid over black, "
        + ("not white.")
    )
    assert said({}) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[" * 100_000,
        b"[]",
        b"3",
        json.dumps({"unheard of": []}).encode(),
        json.dumps({OVER_BLACK: 3}).encode(),
        json.dumps({OVER_BLACK: [None]}).encode(),
        json.dumps({OVER_BLACK: {"a": 1}}).encode(),
    ],
)
def test_a_damaged_file_is_named(tmp_path, content):
    put(tmp_path / "data", "a/1.png", glyph())
    stored(tmp_path / "data", tmp_path / "store")
    (tmp_path / "store" / GUESSES).write_bytes(content)
    with pytest.raises(StaleError, match=r"guesses\.json is damaged.*cgaudit featurize"):
        open_store(tmp_path / "store")
