"""NumPy's files: headers that lie, members that unpack without end, and pickles."""

from __future__ import annotations

import io
import struct
import zipfile

import numpy as np
import pytest
from memory import within

from cgaudit.dataset.tables.arrays import load_arrays
from cgaudit.errors import SourceError
from cgaudit.reading.arrays import mapped_npy, npy_array, npz_arrays
from cgaudit.reading.files import Damage

ARRAYS = {
    "matrix": np.arange(12, dtype=np.float32).reshape(3, 4),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "texts": np.array([b"ab", b"c"], dtype="S32"),
    "number": np.array(7),
    "empty": np.zeros((0, 8), np.float32),
}


def saved(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def forged(header: str, body: bytes = b"") -> bytes:
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + body


@pytest.mark.parametrize("name", ARRAYS)
def test_what_numpy_saves_is_read(tmp_path, name):
    (tmp_path / "a.npy").write_bytes(saved(ARRAYS[name]))
    for read in (npy_array(saved(ARRAYS[name])), mapped_npy(tmp_path / "a.npy")):
        np.testing.assert_array_equal(read, ARRAYS[name])
        assert read.dtype == ARRAYS[name].dtype


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_archive_gives_its_arrays(tmp_path, save):
    save(tmp_path / "a.npz", **ARRAYS)
    found = npz_arrays(tmp_path / "a.npz")
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (
            forged("{'descr': '<f8', 'fortran_order': False, 'shape': (64000000000000,), }"),
            "asks for 512,000,000,000,000 bytes, and there are 0",
        ),
        (saved(ARRAYS["matrix"])[:-1], "asks for 48 bytes, and there are 47"),
        (saved(ARRAYS["matrix"]) + b"x", "asks for 48 bytes, and there are 49"),
        (forged("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }"), "header"),
        (forged("{'descr': '|S0', 'fortran_order': False, 'shape': (9,), }"), "header"),
        (forged("(" * 3000), "header cannot be read"),
        (forged("'''"), "header cannot be read"),
        (forged("{'descr': \x00"), "header cannot be read"),
        (forged("__import__('os').system('id')"), "header cannot be read"),
        (b"", "header cannot be read"),
        (b"\x93NUMPY\x09\x09", "version"),
        (saved(np.array([{"a": 1}], dtype=object)), "pickle"),
    ],
)
def test_headers_that_lie_are_damage(tmp_path, data, why):
    (tmp_path / "a.npy").write_bytes(data)
    with pytest.raises(Damage, match=why):
        npy_array(data)
    with pytest.raises(Damage, match=why):
        mapped_npy(tmp_path / "a.npy")


def test_archives_that_are_none_are_damage(tmp_path):
    file = tmp_path / "a.npz"
    whole = io.BytesIO()
    np.savez_compressed(whole, matrix=np.random.default_rng(0).random((50, 50)))
    cut = bytearray(whole.getvalue())
    cut[200] ^= 255
    for data, why in ((b"PK nonsense", "no .npz"), (b"", "no .npz"), (bytes(cut), "no .npz")):
        file.write_bytes(data)
        with pytest.raises(Damage, match=why):
            npz_arrays(file)
    for member, content, why in (
        ("readme.txt", b"hello", "no array"),
        ("a.npy", b"no array", "a.npy: its .npy header"),
        ("a.npy", saved(np.array([None])), "pickle"),
    ):
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(member, content)
        with pytest.raises(Damage, match=why):
            npz_arrays(file)


def test_a_small_archive_does_not_fill_the_memory(tmp_path):
    """A few MB that unpack to 2 GB: refused before, in a process that may take 300 MB."""
    header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2000000000,), }"
    with (
        zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("a.npy", "w", force_zip64=True) as member,
    ):
        member.write(forged(header.ljust(117) + "\n"))
        for _ in range(200):
            member.write(bytes(10_000_000))
    assert (tmp_path / "a.npz").stat().st_size < 12_000_000
    said = within(
        300 << 20,
        "from pathlib import Path\nfrom cgaudit.reading.arrays import Damage, npz_arrays",
        """
        try:
            npz_arrays(Path(argv[0]))
        except Damage as damage:
            print(damage)
        """,
        str(tmp_path / "a.npz"),
    )
    assert "are not read" in said


@pytest.mark.parametrize("order", "<>")
def test_text_of_numbers_that_are_no_characters(tmp_path, order):
    array = np.array([["cat", "\U0010ffff"], ["", "d"]], dtype=f"{order}U3")
    np.testing.assert_array_equal(npy_array(saved(array)), array)
    codes = array.view(f"{order}u4")
    codes[1, 1] = 0x110000
    data = saved(array)
    (tmp_path / "a.npy").write_bytes(data)
    np.savez(tmp_path / "a.npz", labels=array)
    for read in (
        lambda: npy_array(data),
        lambda: mapped_npy(tmp_path / "a.npy"),
        lambda: npz_arrays(tmp_path / "a.npz"),
    ):
        with pytest.raises(Damage, match="no character"):
            read()
    with pytest.raises(SourceError, match="no character"):
        load_arrays(tmp_path / "a.npz")
