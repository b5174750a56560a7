"""Every mode and format comes out as upright 8-bit RGB; anything else is refused with a reason."""

import io

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin, features
from rawfiles import Entry, TiffMode, entry, ifd, png, tiff, with_exif

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
        (flat("I;16", 200), (200, 200, 200)),
    ],
)
def test_png_modes(image, expected):
    assert pixel(encoded(image, "PNG")) == expected


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


#: Numbers, texts, pointers to other directories, and some that Pillow gives a meaning of its own.
ODD_TAGS = (256, 271, 282, 305, 306, 320, 513, 700, 33434, 34665, 34853, 34675, 37500, 40965, 65535)
ORIENTATION = entry(0x0112, 6)
WIDE = Image.new("RGB", (48, 32))
WIDE.paste((250, 250, 250), (0, 0, 24, 32))
TURNED = WIDE.transpose(Image.Transpose.ROTATE_90)


def odd_entries():
    rng = np.random.default_rng(0)
    for tag in ODD_TAGS:
        for kind in (*range(14), 16, 99):
            for count in (0, 1, 5, 0xFFFFFFFF):
                yield Entry(tag, kind, count, rng.bytes(min(count, 5) * 8))


def is_upright(data):
    picture = read_picture(data)
    grey = np.asarray(picture)[..., 0]
    return picture.size == (48, 32) and grey[:, :20].min() > 200 and grey[:, 28:].max() < 60


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_no_odd_exif_tag_costs_the_picture_or_its_orientation(kind):
    for odd in odd_entries():
        assert is_upright(with_exif(TURNED, kind, ifd([ORIENTATION, odd]))), odd


def test_no_odd_tag_costs_a_tiff_its_orientation():
    width, height = TURNED.size
    pixels = np.asarray(TURNED).tobytes()
    tags = {256: width, 257: height, 259: 1, 262: 2, 277: 3, 278: height, 279: len(pixels)}
    basic = [entry(258, 8, 8, 8), ORIENTATION, *(entry(tag, it) for tag, it in tags.items())]
    for odd in odd_entries():
        # Those that say how the pixels are stored are no matter of metadata; one that ends the
        # directory for Pillow takes the pixels with it.
        if odd.tag not in {256, 320, 513} and odd.count <= 5:
            assert is_upright(ifd([*basic, odd], pixels=pixels)), odd


@pytest.mark.parametrize("number", range(1, 9))
def test_every_orientation(number):
    turned = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = WIDE.transpose(turned[number]) if number > 1 else WIDE
    for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
        exif = Image.Exif()
        exif[0x0112] = number
        assert is_upright(encoded(stored, kind, exif=exif)), kind


#: Bits in reverse order, in modes for which Pillow knows them in name only.
UNKNOWN = {"L;IR", "P;1R", "P;2R", "P;4R"}


@pytest.mark.parametrize(
    ("mode", "raw"), [(TiffMode(*key), raw) for key, (_, raw) in TiffImagePlugin.OPEN_INFO.items()]
)
def test_every_mode_of_tiff_is_read_or_refused(mode, raw):
    row = (8 * sum(mode.bits) + 7) // 8
    data = tiff(mode, (8, 4), np.random.default_rng(0).bytes(4 * row))
    assert outcome(data) in {"RGB", "damaged image (unknown raw mode for given image mode)"}
    assert outcome(data) == "RGB" or raw in UNKNOWN


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
        assert "\n" not in outcome(bytes(damaged))


def outcome(data):
    try:
        return read_picture(data, max_pixels=100_000).mode
    except UnreadableSample as error:
        return str(error)


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


def test_a_bomb_inside_an_icon_is_refused():
    inner = encoded(flat("RGB", (0, 0, 0), (2000, 2000)), "PNG")
    head = bytes([0, 0, 1, 0, 1, 0, 16, 16, 0, 0, 1, 0, 32, 0])
    icon = head + len(inner).to_bytes(4, "little") + (22).to_bytes(4, "little") + inner
    assert read_picture(icon).size == (2000, 2000)
    for limit in (1_000_000, 3_000_000):
        with pytest.raises(UnreadableSample, match="limit"):
            read_picture(icon, max_pixels=limit)


def test_a_limit_above_that_of_pillow_is_kept(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    assert read_picture(encoded(flat("L", 0), "PNG")).size == (8, 8)


def test_a_jpeg_of_thousands_of_scans_is_refused():
    data = encoded(noise(16), "JPEG", progressive=True)
    assert outcome(data) == "RGB"
    assert "5,000 scans" not in outcome(data)
    start = data.rindex(b"\xff\xda")
    many = data[:start] + data[start:-2] * 5_000 + data[-2:]
    assert outcome(many).startswith("a JPEG of 5,0")


@pytest.mark.parametrize("size", [(1, 50_000), (50_000, 1)])
def test_a_line_of_pixels(size):
    assert read_picture(encoded(flat("RGB", (9, 9, 9), size), "PNG")).size == size


def test_damaged_chunks_of_a_png():
    header = bytes([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0])
    for name in (b"iCCP", b"tRNS", b"pHYs", b"zTXt", b"iTXt", b"eXIf", b"acTL", b"fcTL", b"gAMA"):
        for data in (b"", b"\0", b"\xff" * 40, b"a\0\0" + b"x" * 9):
            file = png([(b"IHDR", header), (name, data), (b"IEND", b"")])
            assert "\n" not in outcome(file)


def test_reason_names_no_path(tmp_path):
    (tmp_path / "notes.png").write_text("not a picture")
    with pytest.raises(UnreadableSample) as caught:
        read_picture(tmp_path / "notes.png")
    assert str(tmp_path) not in str(caught.value)
