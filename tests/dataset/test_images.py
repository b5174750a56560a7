"""Every mode and format comes out as upright 8-bit RGB; anything else is refused with a reason."""

import io

import numpy as np
import pytest
from PIL import Image, features

from cgaudit.dataset import read_picture
from cgaudit.errors import UnreadableSample


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def pixel(data, at=(0, 0)):
    picture = read_picture(data)
    assert picture.mode == "RGB"
    return picture.getpixel(at)


def flat(mode, value, size=(8, 8)):
    return Image.new(mode, size, value)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (flat("L", 77), (77, 77, 77)),
        (flat("1", 1), (255, 255, 255)),
        (flat("RGB", (10, 20, 30)), (10, 20, 30)),
        (flat("RGBA", (10, 20, 30, 255)), (10, 20, 30)),
        (flat("RGBA", (10, 20, 30, 0)), (255, 255, 255)),
        (flat("RGBA", (0, 0, 0, 51)), (204, 204, 204)),
        (flat("LA", (40, 255)), (40, 40, 40)),
        (flat("LA", (40, 0)), (255, 255, 255)),
        (flat("I;16", 65535), (255, 255, 255)),
        (flat("I;16", 257 * 100), (100, 100, 100)),
        (flat("I;16", 200), (1, 1, 1)),
    ],
)
def test_png_modes(image, expected):
    assert pixel(encoded(image, "PNG")) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([[0.0, 0.5], [1.0, 0.25]], [[0, 128], [255, 64]]),
        ([[0.0, 100.0], [255.0, 7.0]], [[0, 100], [255, 7]]),
        ([[0.0, 65535.0], [257.0, 514.0]], [[0, 255], [1, 2]]),
        ([[-1.0, 1.0], [0.0, 0.0]], [[0, 255], [128, 128]]),
        ([[np.nan, 255.0], [np.inf, 1.0]], [[0, 255], [0, 1]]),
        ([[0.0, 0.0], [0.0, 0.0]], [[0, 0], [0, 0]]),
    ],
)
def test_float_grey(values, expected):
    image = Image.fromarray(np.array(values, dtype=np.float32))
    grey = np.asarray(read_picture(encoded(image, "TIFF")))[..., 0]
    assert grey.tolist() == expected


def test_32_bit_grey():
    image = Image.fromarray(np.array([[0, 65535]], dtype=np.int32))
    assert image.mode == "I"
    assert np.asarray(read_picture(encoded(image, "TIFF")))[..., 0].tolist() == [[0, 255]]


def test_palette_with_and_without_transparency():
    palette = flat("RGB", (200, 100, 50)).quantize(4)
    assert pixel(encoded(palette, "PNG")) == (200, 100, 50)
    assert pixel(encoded(palette, "PNG", transparency=0)) == (255, 255, 255)


def test_grey_png_with_a_transparent_value():
    assert pixel(encoded(flat("L", 9), "PNG", transparency=9)) == (255, 255, 255)


def test_cmyk_jpeg():
    red, green, blue = pixel(encoded(flat("CMYK", (0, 255, 255, 0)), "JPEG", quality=95))
    assert red > 240
    assert max(green, blue) < 15


def test_exif_orientation_is_applied():
    image = Image.new("RGB", (20, 10))
    image.paste((255, 255, 255), (0, 0, 10, 10))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = read_picture(encoded(image, "JPEG", exif=exif, quality=95))
    assert picture.size == (10, 20)
    assert picture.getpixel((5, 2))[0] > 240
    assert picture.getpixel((5, 17))[0] < 15


def test_broken_exif_does_not_cost_the_picture():
    data = encoded(flat("RGB", (1, 2, 3)), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff")
    assert read_picture(data).size == (8, 8)


def test_animation_gives_its_first_frame():
    frames = [flat("RGB", color) for color in ((250, 0, 0), (0, 250, 0))]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    red, green, _ = pixel(data)
    assert red > 240
    assert green < 15


@pytest.mark.parametrize("kind", ["BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP", "TGA"])
def test_formats(kind):
    assert read_picture(encoded(flat("RGB", (90, 90, 90)), kind)).size == (8, 8)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow has no AVIF")
def test_avif():
    assert read_picture(encoded(flat("RGB", (90, 90, 90)), "AVIF")).size == (8, 8)


def noise(size=64):
    rng = np.random.default_rng(0)
    return Image.fromarray(rng.integers(0, 256, (size, size, 3), dtype=np.uint8))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_truncated(kind):
    data = encoded(noise(), kind)
    with pytest.raises(UnreadableSample):
        read_picture(data[: len(data) // 2])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP", "TGA", "PPM"])
def test_damaged_bytes_never_raise_anything_else(kind):
    good = encoded(noise(16), kind)
    rng = np.random.default_rng(1)
    for _ in range(60):
        damaged = bytearray(good)
        for at in rng.integers(0, len(damaged), 6):
            damaged[at] = rng.integers(256)
        assert outcome(bytes(damaged)) in {"RGB", "refused"}


def outcome(data):
    try:
        return read_picture(data, max_pixels=100_000).mode
    except UnreadableSample as error:
        return "refused" if str(error) and "\n" not in str(error) else repr(error)


def test_zero_bytes_and_text():
    with pytest.raises(UnreadableSample, match="zero bytes"):
        read_picture(b"")
    with pytest.raises(UnreadableSample, match="not an image"):
        read_picture(b"id,label\n1,cat\n")


def test_postscript_is_not_opened():
    with pytest.raises(UnreadableSample, match="not an image"):
        read_picture(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n")


def test_a_bomb_is_refused_before_it_is_decoded():
    header = encoded(flat("1", 0, (30_000, 30_000)), "PNG")[:100]
    with pytest.raises(UnreadableSample, match=r"pixels"):
        read_picture(header)
    with pytest.raises(UnreadableSample, match="8 × 8 pixels, above the limit of 63"):
        read_picture(encoded(flat("L", 0), "PNG"), max_pixels=63)


def test_reason_names_no_path(tmp_path):
    (tmp_path / "notes.png").write_text("not a picture")
    with pytest.raises(UnreadableSample) as caught:
        read_picture(tmp_path / "notes.png")
    assert str(tmp_path) not in str(caught.value)
