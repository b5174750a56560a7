"""Only regular files have bytes to read."""

from __future__ import annotations

import os

import pytest

from cgaudit.reading.files import Damage, bytes_of


def test_the_bytes_of_a_file_and_of_a_link_to_it(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("a")
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "link") == b"abc"


@pytest.mark.parametrize("path", ["none", "dangling", "file/below"])
def test_what_is_not_there_is_not_found(tmp_path, path):
    (tmp_path / "dangling").symlink_to("nothing")
    (tmp_path / "file").touch()
    with pytest.raises(FileNotFoundError):
        bytes_of(tmp_path / path)


def test_what_is_no_file_is_damage_and_nothing_waits(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    for name, why in (("loop", "links"), ("fifo", "no regular file"), ("folder", "a folder")):
        with pytest.raises(Damage, match=why):
            bytes_of(tmp_path / name)
