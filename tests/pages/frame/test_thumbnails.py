"""Pictures made small: whatever their mode, once each, within the budget."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image
from report_inputs import picture_of

from cgaudit.pages.frame.thumbnails import Budget, Thumbnails, encode


def test_equal_pictures_are_kept_once():
    album = Thumbnails(Budget(10**6))
    assert [album.add(picture_of(seed), 32) for seed in (1, 2, 1)] == [0, 1, 0]
    assert len(album.items) == 2


def test_pictures_stop_at_the_budget():
    one = len(encode(picture_of(0), 32)["uri"])
    album = Thumbnails(Budget(int(one * 2.5)))
    kept = [album.add(picture_of(seed), 32) is not None for seed in range(4)]
    assert kept == [True, True, False, False]
    assert album.budget.spent


@pytest.mark.parametrize(
    "mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "YCbCr", "I", "F", "I;16", "PA"]
)
def test_every_mode_becomes_a_picture(mode):
    grey = Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8))
    if mode == "I;16":
        image = Image.fromarray(np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000)
    elif mode == "PA":
        image = grey.convert("P").convert("PA")
    else:
        image = grey.convert(mode)
    thumbnail = encode(image, 96)
    assert (thumbnail["width"], thumbnail["height"], thumbnail["crisp"]) == (8, 8, True)


def test_sixteen_bit_grey_keeps_its_range():
    deep = Image.fromarray(np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8))
    uri = encode(deep, 96)["uri"]
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",", 1)[1]))).convert("L"))
    assert shown.min() == 0
    assert shown.max() == 255


def test_a_picture_is_never_enlarged_and_keeps_its_shape():
    wide = encode(Image.new("RGB", (400, 100)), 96)
    assert (wide["width"], wide["height"], wide["crisp"]) == (96, 24, False)
    assert encode(Image.new("RGB", (10, 5)), 96)["width"] == 10
