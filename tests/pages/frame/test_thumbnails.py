"""Pictures made small: once each, within the budget."""

from __future__ import annotations

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


def test_a_picture_is_never_enlarged_and_keeps_its_shape():
    wide = encode(Image.new("RGB", (400, 100)), 96)
    assert (wide["width"], wide["height"], wide["crisp"]) == (96, 24, False)
    assert encode(Image.new("RGB", (10, 5)), 96)["width"] == 10


def test_a_line_of_pixels_stays_one():
    assert encode(Image.new("RGB", (1, 50_000)), 96)["height"] == 96
    assert encode(Image.new("RGB", (50_000, 1)), 96)["height"] == 1
