"""What pictures are taken for where their file does not say it, and what of that is told."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms, TiffImagePlugin
from rawfiles import TiffMode, deep_png, tiff

from cgaudit.dataset import (
    CLIPPED,
    DARK,
    FAINT,
    GAPS,
    OPAQUE,
    OVER_BLACK,
    OWN_RANGE,
    guesses_of,
    read_picture,
    white_guess,
)
from cgaudit.errors import UnreadableSample


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def grey(values, kind="PNG", dtype=np.uint16, bits=None, **options):
    """Return the grey values that a picture is read as, and what was guessed."""
    data = encoded(Image.fromarray(np.array(values, dtype=dtype)), kind, **options)
    picture = read_picture(data, grey_bits=bits)
    pixels = np.asarray(picture)
    assert (pixels == pixels[..., :1]).all()
    return pixels[..., 0].tolist(), guesses_of(picture)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("white", [255, 1023, 4095, 16_383])
def test_deep_grey_is_scaled_by_the_fewest_bits_that_hold_it(kind, white):
    values = [[0, white // 2, white - 1, white]] * 4
    expected = [round(value * 255 / white) for value in values[0]]
    assert grey(values, kind) == ([expected] * 4, (white_guess(white),))


def test_the_full_range_is_no_guess():
    assert grey([[0, 257, 65_535]] * 3) == ([[0, 1, 255]] * 3, ())


def test_named_bits_win_and_say_what_they_cut_off():
    assert grey([[0, 1000, 1023]], bits=12) == ([[0, 62, 64]], ())
    assert grey([[0, 1000, 4096]], bits=10) == ([[0, 249, 255]], (CLIPPED,))


def test_stray_pixels_do_not_hide_that_a_picture_has_fewer_bits():
    values = np.full((32, 32), 1000)
    values[0, 0] = 65_535
    assert grey(values)[1] == (FAINT,)
    values[:8] = 65_535
    assert grey(values)[1] == ()


@pytest.mark.parametrize(
    ("values", "expected", "guesses"),
    [
        ([[0.0, 0.5], [1.0, 0.25]], [[0, 128], [255, 64]], (white_guess(1),)),
        ([[0.0, 100.0], [255.0, 7.0]], [[0, 100], [255, 7]], (white_guess(255),)),
        ([[0.0, 4095.0], [2048.0, 1.0]], [[0, 255], [128, 0]], (white_guess(4095),)),
        ([[-1.0, 1.0], [0.0, 0.0]], [[0, 255], [128, 128]], (OWN_RANGE,)),
        ([[np.nan, 255.0], [np.inf, 1.0]], [[0, 255], [0, 1]], (GAPS, white_guess(255))),
        ([[np.nan, -4.0], [-np.inf, -2.0]], [[0, 0], [0, 255]], (GAPS, OWN_RANGE)),
        ([[70_000.0] * 2] * 2, [[0, 0], [0, 0]], (OWN_RANGE,)),
        ([[-3e38, 3e38]], [[0, 255]], (OWN_RANGE,)),
    ],
)
def test_float_grey(values, expected, guesses):
    assert grey(values, "TIFF", np.float32) == (expected, guesses)


def test_grey_of_no_number_is_refused():
    with pytest.raises(UnreadableSample, match="no value of it is a number"):
        grey([[np.nan, np.inf]], "TIFF", np.float32)


def test_signed_grey_uses_its_own_range():
    assert grey([[-1000, 0, 1000]], "TIFF", np.int32) == ([[0, 128, 255]], (OWN_RANGE,))


def test_a_pgm_says_what_is_white():
    data = b"P5 2 1 4095\n" + np.array([100, 819], ">u2").tobytes()
    picture = read_picture(data)
    assert np.asarray(picture)[..., 0].tolist() == [[6, 51]]
    assert guesses_of(picture) == ()


def test_a_tiff_of_deep_grey_in_which_0_is_white():
    image = Image.fromarray(np.array([[0, 65_535]], np.uint16))
    data = encoded(image, "TIFF", tiffinfo={TiffImagePlugin.PHOTOMETRIC_INTERPRETATION: 0})
    assert np.asarray(read_picture(data))[..., 0].tolist() == [[255, 0]]


def test_lab_comes_out_in_its_colours():
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    red = Image.new("RGB", (8, 8), (200, 30, 30))
    lab = ImageCms.profileToProfile(red, *profiles, outputMode="LAB")
    pixel = read_picture(encoded(lab, "TIFF")).getpixel((0, 0))
    assert np.abs(np.subtract(pixel, (200, 30, 30))).max() <= 4


def test_premultiplied_grey():
    mode = TiffMode(b"II", 1, (1,), 1, (8, 8), (1,))
    picture = read_picture(tiff(mode, (2, 1), bytes([0, 0, 128, 255])))
    assert [picture.getpixel((x, 0))[0] for x in (0, 1)] == [255, 128]


def glyph(colour, *, hidden=(0, 0, 0), size=32):
    """A square of one colour on transparent ground."""
    pixels = np.zeros((size, size, 4), np.uint8)
    pixels[..., :3] = hidden
    pixels[8:20, 8:20] = (*colour, 255)
    return Image.fromarray(pixels)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "TGA"])
@pytest.mark.parametrize("white", [(255, 255, 255), (250, 250, 250), (255, 255, 180)])
def test_a_white_shape_is_laid_over_black(kind, white):
    options = {"lossless": True} if kind == "WEBP" else {}
    picture = read_picture(encoded(glyph(white, hidden=white), kind, **options))
    assert guesses_of(picture) == (OVER_BLACK,)
    assert picture.getpixel((0, 0)) == (0, 0, 0)
    assert picture.getpixel((10, 10)) == white


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 0, 0), (128, 128, 128), (230, 230, 230)])
def test_any_other_shape_stays_on_white(colour):
    picture = read_picture(encoded(glyph(colour, hidden=(255, 255, 255))))
    assert guesses_of(picture) == ()
    assert picture.getpixel((0, 0)) == (255, 255, 255)
    assert picture.getpixel((10, 10)) == colour


def test_a_white_picture_with_something_on_it_stays_on_white():
    image = glyph((255, 255, 255))
    image.paste((0, 0, 0, 255), (10, 10, 14, 12))
    assert guesses_of(read_picture(encoded(image))) == ()


def test_a_white_palette_with_transparency():
    image = Image.new("P", (16, 16), 0)
    image.putpalette([255, 255, 255, 255, 255, 255])
    image.paste(1, (4, 4, 12, 12))
    picture = read_picture(encoded(image, transparency=0))
    assert [picture.getpixel(at)[0] for at in ((0, 0), (8, 8))] == [0, 255]


@pytest.mark.parametrize("kind", ["PNG", "TGA"])
def test_a_picture_that_is_transparent_everywhere_shows_its_colours(kind):
    image = glyph((200, 100, 50), hidden=(10, 20, 30))
    image.putalpha(0)
    picture = read_picture(encoded(image, kind))
    assert guesses_of(picture) == (OPAQUE,)
    assert picture.getpixel((10, 10)) == (200, 100, 50)


def test_deep_colour_that_eight_bits_do_not_hold():
    pixels = np.random.default_rng(0).integers(0, 65_536, (8, 8, 3))
    assert guesses_of(read_picture(deep_png(pixels >> 4))) == (DARK,)
    assert guesses_of(read_picture(deep_png(pixels))) == ()


def test_nothing_of_the_file_stays_with_the_picture():
    image = Image.new("RGB", (4, 4))
    exif = Image.Exif()
    exif[0x0131] = "software"
    assert read_picture(encoded(image, "JPEG", exif=exif, comment=b"x")).info == {}
