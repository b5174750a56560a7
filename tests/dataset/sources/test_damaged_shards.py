"""WebDataset shards: real tar archives, damaged and made to harm."""

import hashlib
import io
import tarfile

import numpy as np
import pytest
from PIL import Image
from shards import labels, opened, picture, samples_of, skipped, write_tar

from cgaudit.errors import ColumnError, SourceError, UnreadableSample


def special(name, type_, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = type_, target
    return info, b""


def test_members_that_are_refused(tmp_path):
    (tmp_path / "secret.png").write_bytes(picture(66))
    members = [
        *samples_of(1),
        ("../out.png", picture(2)),
        ("/etc/abs.png", picture(2)),
        ("a/../../b.png", picture(2)),
        special("link.png", tarfile.SYMTYPE, "../secret.png"),
        special("hard.png", tarfile.LNKTYPE, "0001.png"),
        special("pipe.png", tarfile.FIFOTYPE),
        special("device.png", tarfile.CHRTYPE),
        special("folder", tarfile.DIRTYPE),
        ("._0001.png", b"Mac OS"),
        ("noextension", b"x"),
        ("0001.png", picture(3)),
        ("0002.png", b""),
        ("./0003.png", picture(4)),
    ]
    source = opened(write_tar(tmp_path / "in/a.tar", members))
    samples, _ = source.samples()
    assert samples["id"].tolist() == ["0001", "0003"]
    assert samples["content_hash"][0] == hashlib.md5(picture(1)).hexdigest()
    left = "its name leaves the archive"
    assert skipped(source) == {
        "../out.png": left,
        "etc/abs.png": left,
        "../b.png": left,
        "link.png": "a link, which is not followed",
        "hard.png": "a link, which is not followed",
        "pipe.png": "not a regular file",
        "device.png": "not a regular file",
        "._0001.png": "hidden (a name with a dot first)",
        "noextension": "no field of a sample: it has no extension",
        "0001.png": "the shard holds this name twice; the first is used",
        "0002": "empty (zero bytes)",
    }


def test_bombs(tmp_path):
    members = [
        *samples_of(1),
        ("big.png", b"\x89PNG" + bytes(3 << 20)),
        ("wide.png", picture_of(3000, 3000)),
        ("label.png", picture(5)),
        ("label.cls", b"x" * (2 << 20)),
    ]
    source = opened(write_tar(tmp_path / "a.tar", members), max_pixels=1000)
    samples, _ = source.samples()
    assert samples["id"].tolist() == ["0001", "wide"]
    assert "more than a picture of max_pixels" in skipped(source)["big"]
    assert skipped(source)["label"] == "its label takes 2,097,152 bytes"
    wide = next(iter(source.loaders(["wide.png"])))
    with pytest.raises(UnreadableSample, match="above the limit"):
        wide.load()


def picture_of(width, height):
    buffer = io.BytesIO()
    Image.new("1", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("kept", [1024, 1500, 2048 + 40, 4000])
def test_a_shard_that_is_cut_off_gives_what_comes_before(tmp_path, kept):
    whole = write_tar(tmp_path / "b.tar", samples_of(1, 2, 3)).read_bytes()
    (tmp_path / "b.tar").write_bytes(whole[:kept])
    write_tar(tmp_path / "a.tar", samples_of(8, 9))
    source = opened(tmp_path)
    found = labels(source)
    assert {"0008", "0009"} <= found.keys() < {"0001", "0002", "0003", "0008", "0009"}
    assert "damaged" in skipped(source)["b.tar"]


@pytest.mark.parametrize("size", [-512, -1, -(1 << 40), 1 << 60])
def test_sizes_that_lie_neither_hang_nor_read_beyond(tmp_path, size):
    members = samples_of(1, 2)
    write_tar(tmp_path / "a.tar", members)
    lie = tarfile.TarInfo("x.png")
    lie.size = size
    header = lie.tobuf(tarfile.GNU_FORMAT)
    data = (tmp_path / "a.tar").read_bytes()
    end = 512 * 2 * len(members)
    (tmp_path / "a.tar").write_bytes(data[:end] + header + data[end:])
    source = opened(tmp_path)
    assert labels(source).keys() == {"0001", "0002"}
    assert "damaged" in skipped(source)["a.tar"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no readable tar archive"),
        (b"not a tar archive" * 100, "no readable tar archive"),
        (b"\x1f\x8b\x08" + bytes(600), "compressed with gzip"),
    ],
)
def test_no_archive_at_all(tmp_path, data, words):
    (tmp_path / "a.tar").write_bytes(data)
    with pytest.raises(SourceError, match=words):
        opened(tmp_path / "a.tar")
    with pytest.raises(SourceError, match=words):
        opened(tmp_path)


def test_changed_bytes_never_raise_anything_else(tmp_path):
    good = write_tar(tmp_path / "a.tar", samples_of(1, 2, 3), format=tarfile.PAX_FORMAT)
    data, rng = good.read_bytes(), np.random.default_rng(0)
    for _ in range(150):
        changed = bytearray(data)
        for at in rng.integers(0, 3 * 2048, 6):
            changed[at] = rng.integers(256)
        good.write_bytes(changed)
        try:
            source = opened(good)
            list(source.samples())
        except (SourceError, ColumnError):
            continue


def test_a_link_to_a_shard_elsewhere(tmp_path):
    elsewhere = write_tar(tmp_path / "elsewhere.tar", samples_of(1))
    write_tar(tmp_path / "in/a.tar", samples_of(2))
    (tmp_path / "in/b.tar").symlink_to(elsewhere)
    source = opened(tmp_path / "in")
    assert labels(source).keys() == {"0002"}
    assert skipped(source) == {"b.tar": "a link that leaves the source"}


# --- as the library itself writes them, and through the command line ---
