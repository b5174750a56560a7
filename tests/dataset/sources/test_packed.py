"""Folders whose files hold many samples each, as the rest of the program sees them."""

import io
import tarfile

import pytest
from PIL import Image

from cgaudit.dataset import is_packed, packed_files
from cgaudit.errors import DecisionError
from cgaudit.params import SourceParams
from cgaudit.review.targets import open_target

SAVED = ["state.json", "dataset_info.json", "data-00000-of-00001.arrow"]


def png():
    buffer = io.BytesIO()
    Image.new("L", (4, 4)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def folders(tmp_path):
    for name in ("saved", "splits", "shards", "images"):
        (tmp_path / name).mkdir()
    for file in SAVED:
        (tmp_path / "saved" / file).touch()
    (tmp_path / "splits/dataset_dict.json").touch()
    with tarfile.open(tmp_path / "shards/a.tar", "w") as archive:
        info = tarfile.TarInfo("1.png")
        info.size = len(png())
        archive.addfile(info, io.BytesIO(png()))
    (tmp_path / "images/1.png").write_bytes(png())
    return tmp_path


def test_which_folders_are_packed(folders):
    packed = {folder.name for folder in folders.iterdir() if is_packed(folder)}
    assert packed == {"saved", "splits", "shards"}
    assert not is_packed(folders / "images/1.png")


@pytest.mark.parametrize(
    ("names", "needed"),
    [
        (["cat/1.png", "labels.json", "old.tar"], []),
        (["README.md", "train-0.tar", "val/0.TAR"], ["train-0.tar", "val/0.TAR"]),
        ([*SAVED, "preview.png"], SAVED),
        (
            ["dataset_dict.json", "train/state.json", "train/data-0.arrow"],
            ["dataset_dict.json", "train/state.json", "train/data-0.arrow"],
        ),
    ],
)
def test_what_must_be_there_to_open_a_folder(names, needed):
    assert packed_files(names) == needed


@pytest.mark.parametrize("name", ["saved", "shards"])
def test_their_labels_are_not_edited_in_place(folders, name):
    with pytest.raises(DecisionError, match=r"cannot be edited in place.*source\.labels"):
        open_target(folders, SourceParams(path=name), ["1"])
