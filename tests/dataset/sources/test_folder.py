"""Folders of images: labels, splits, hashes, and what is refused."""

import hashlib
import os
import unicodedata

import pytest
from PIL import Image

from cgaudit.dataset import has_splits, open_source, placed, refuse_skips
from cgaudit.errors import SourceError
from cgaudit.params import SourceParams


def put(root, path, color=0, size=(6, 6)):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, color).save(file)
    return file


def opened(root, **params):
    return open_source(SourceParams(path=str(root), **params))


def listed(root, **params):
    samples, skipped = opened(root, **params).samples()
    return samples, dict(zip(skipped["id"], skipped["reason"], strict=True))


def test_label_is_the_first_folder(tmp_path):
    put(tmp_path, "cat/a.png", 1)
    put(tmp_path, "cat/deep/er/b.png", 2)
    put(tmp_path, "dog/c.JPG", 3)
    put(tmp_path, "loose.png", 4)
    samples, skipped = listed(tmp_path)
    assert skipped == {}
    assert samples["path"].tolist() == ["cat/a.png", "cat/deep/er/b.png", "dog/c.JPG", "loose.png"]
    assert samples["folder_label"].tolist() == ["cat", "cat", "dog", None]
    assert samples["split"].tolist() == [None] * 4
    expected = hashlib.md5((tmp_path / "cat/a.png").read_bytes()).hexdigest()
    assert samples["content_hash"][0] == expected


def test_splits_above_the_labels(tmp_path):
    put(tmp_path, "train/cat/a.png")
    put(tmp_path, "Val/dog/b.png", 1)
    put(tmp_path, "test/c.png", 2)
    source = opened(tmp_path)
    samples, _ = source.samples()
    rows = samples[["path", "folder_label", "split"]].to_numpy().tolist()
    assert rows == [
        ["Val/dog/b.png", "dog", "Val"],
        ["test/c.png", None, "test"],
        ["train/cat/a.png", "cat", "train"],
    ]
    assert "split" in source.notes[-1]


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["train/cat/a.png", "test/cat/b.png"], True),
        (["train/cat/a.png"], True),
        (["train/a.png", "test/b.png"], True),  # without labels, which a table may give
        (["train/a.png", "test/x/b.png"], True),
        (["train/a.png", "tram/b.png"], False),
        (["train/x/a.png", "holdout/x/b.png", "eval/y/b.png"], True),
        (["seg_train/x/a.png", "seg_test/x/b.png"], True),
        (["train2017/x/a.png", "val2017/x/b.png", "val2017/y/b.png"], True),
        (["train/x/a.png", "train/y/a.png", "fold b/x/b.png", "fold b/y/b.png"], True),
        (["crash_test/x/a.png", "test_tube/y/b.png"], False),
        (["seg_train/a.png", "seg_test/b.png"], False),
        (["cat/front/a.png", "cat/side/b.png", "dog/front/c.png", "dog/side/d.png"], False),
        (["train/a.png", "bus/b.png", "car/c.png"], False),
        (["train/x/a.png", "bus/b.png", "car/c.png"], False),
        (["train/x/a.png", "val/x/b.png", "extra/x/c.png"], True),
        (["train/x/a.png", "val/x/b.png", "bus/c.png"], False),
        (["a.png"], False),
        ([], False),
    ],
)
def test_has_splits(paths, expected):
    assert has_splits(paths) is expected


def test_what_the_user_says_of_the_folders_stands():
    assert has_splits(["cat/x/a.png", "dog/y/b.png"], told=True)
    assert not has_splits(["train/x/a.png", "test/x/b.png"], told=False)


def test_the_guess_is_said_with_what_undoes_it(tmp_path):
    for split in ("seg_train", "seg_test"):
        for label in ("cat", "dog"):
            put(tmp_path, f"{split}/{label}/a.png", len(split + label))
    source = opened(tmp_path)
    assert source.samples()[0]["folder_label"].tolist() == ["cat", "dog"] * 2
    assert "split ('seg_test', 'seg_train')" in source.notes[-1]
    assert "source.split_folders: false" in source.notes[-1]
    told = opened(tmp_path, split_folders=False)
    assert set(told.samples()[0]["folder_label"]) == {"seg_train", "seg_test"}
    assert len(told.notes) == 1


def test_folders_with_the_same_sub_folders_are_doubted(tmp_path):
    for label in ("cat", "dog"):
        for view in ("front", "side"):
            put(tmp_path, f"{label}/{view}/a.png", len(label + view))
    source = opened(tmp_path)
    assert set(source.samples()[0]["folder_label"]) == {"cat", "dog"}
    assert "hold the same sub-folders: 'front', 'side'" in source.notes[-1]
    told = opened(tmp_path, split_folders=True)
    assert set(told.samples()[0]["folder_label"]) == {"front", "side"}


def test_what_other_programs_leave_is_listed_as_what_it_is(tmp_path):
    put(tmp_path, "cat/a.png")
    put(tmp_path, "cat/@eaDir/a.png/SYNOPHOTO_THUMB_XL.jpg")
    put(tmp_path, "__MACOSX/cat/b.png")
    (tmp_path / "cat/Thumbs.db").write_text("x")
    samples, skipped = listed(tmp_path)
    assert samples["path"].tolist() == ["cat/a.png"]
    assert {path: reason.split()[-1] for path, reason in skipped.items()} == {
        "cat/@eaDir/a.png/SYNOPHOTO_THUMB_XL.jpg": "(@eaDir)",
        "__MACOSX/cat/b.png": "(__MACOSX)",
        "cat/Thumbs.db": "extension",
    }


def test_paths_that_differ_in_case_alone(tmp_path):
    put(tmp_path, "cat/A.png", 1)
    put(tmp_path, "cat/a.png", 2)
    put(tmp_path, "cat/b.png", 3)
    source = opened(tmp_path)
    assert len(source.samples()[0]) == 3
    assert source.notes[-1].startswith("2 paths are the same but for upper and lower case")


def test_placed():
    assert placed("train/cat/x/a.png", splits=True) == ("cat", "train")
    assert placed("a.png", splits=True) == (None, None)


@pytest.mark.parametrize(
    "name",
    [
        "with space.png",
        "ümlaut-日本.png",
        unicodedata.normalize("NFD", "é.png"),
        unicodedata.normalize("NFC", "é.png"),
        "new\nline.png",
        "quo'te\"s;$&<b>.png",
        "back\\slash.png",
    ],
)
def test_any_name_works(tmp_path, name):
    put(tmp_path, f"<b>é 1.0/{name}", 5)
    source = opened(tmp_path)
    samples, skipped = source.samples()
    assert skipped.empty
    assert samples["path"].tolist() == [f"<b>é 1.0/{name}"]
    assert samples["folder_label"].tolist() == ["<b>é 1.0"]
    assert source.picture(samples["path"][0]).size == (6, 6)


def test_names_that_are_not_utf8_are_listed(tmp_path):
    put(tmp_path, "cat/a.png")
    bad = os.fsencode(tmp_path) + b"/cat/b\xff.png"
    with open(bad, "wb") as file:  # noqa: PTH123 - a Path cannot show the bytes
        file.write((tmp_path / "cat/a.png").read_bytes())
    samples, skipped = listed(tmp_path)
    assert len(samples) == 1
    assert skipped == {"cat/b\\xff.png": "its name is not valid UTF-8"}


def test_hidden_files_and_dvc_files_are_ignored(tmp_path):
    put(tmp_path, "cat/a.png")
    put(tmp_path, ".hidden/b.png")
    put(tmp_path, "cat/.c.png")
    (tmp_path / "cat.dvc").write_text("outs: []")
    (tmp_path / ".gitignore").write_text("/cat")
    samples, skipped = listed(tmp_path)
    assert samples["path"].tolist() == ["cat/a.png"]
    assert skipped == {}
    assert opened(tmp_path).notes[-1].endswith("with a dot first): '.hidden', 'cat/.c.png'")


def test_the_labels_table_is_not_a_skipped_file(tmp_path):
    put(tmp_path, "a.png")
    (tmp_path / "labels.csv").write_text("id,label\na,cat\n")
    (tmp_path / "notes.txt").write_text("hello")
    _, skipped = listed(tmp_path, labels=str(tmp_path / "labels.csv"))
    assert skipped == {"notes.txt": "not an image by its extension"}


def test_links(tmp_path):
    root, outside = tmp_path / "data", tmp_path / "outside"
    inside = put(root, "cat/a.png")
    secret = put(outside, "secret.png", 9)
    (root / "cat/in.png").symlink_to(inside)
    (root / "cat/out.png").symlink_to(secret)
    (root / "cat/broken.png").symlink_to(tmp_path / "nothing.png")
    (root / "cat/loop.png").symlink_to(root / "cat/loop.png")
    (root / "folder").symlink_to(outside, target_is_directory=True)
    samples, skipped = listed(root)
    assert samples["path"].tolist() == ["cat/a.png", "cat/in.png"]
    assert skipped["cat/out.png"] == "a link that leaves the source"
    assert skipped["folder"] == "a link to a folder, which is not followed"
    assert skipped["cat/broken.png"] == "a broken link"
    assert skipped["cat/loop.png"] == "a broken link"


def test_a_pipe_is_not_opened(tmp_path):
    put(tmp_path, "cat/a.png")
    os.mkfifo(tmp_path / "cat" / "pipe.png")
    assert listed(tmp_path)[1] == {"cat/pipe.png": "not a regular file"}


def test_zero_bytes_are_listed(tmp_path):
    put(tmp_path, "cat/a.png")
    (tmp_path / "cat/empty.png").touch()
    samples, skipped = listed(tmp_path)
    assert samples["path"].tolist() == ["cat/a.png"]
    assert skipped == {"cat/empty.png": "empty (zero bytes)"}
    with pytest.raises(SourceError, match=r"cat/empty\.png.*zero bytes"):
        refuse_skips(opened(tmp_path).samples()[1], "fail")


def test_known_hashes_need_no_reading(tmp_path):
    put(tmp_path, "cat/a.png")
    samples, _ = opened(tmp_path).samples({"cat/a.png": "f" * 32})
    assert samples["content_hash"].tolist() == ["f" * 32]


def test_pictures(tmp_path):
    put(tmp_path, "cat/a.png", 50)
    (tmp_path / "cat/b.png").write_text("text renamed")
    source = opened(tmp_path)
    assert source.picture("cat/a.png").getpixel((0, 0)) == (50, 50, 50)
    assert source.picture("cat/b.png") is None
    [loader] = source.loaders(["cat/a.png"])
    assert loader.path == "cat/a.png"
    assert loader.load().mode == "RGB"


def test_missing_empty_and_imageless(tmp_path):
    with pytest.raises(SourceError, match="does not exist"):
        opened(tmp_path / "nowhere")
    with pytest.raises(SourceError, match="is empty"):
        opened(tmp_path)
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "b.txt").write_text("x")
    (tmp_path / "c.csv").write_text("x")
    with pytest.raises(SourceError, match=r"\.txt × 2.*\.csv × 1"):
        opened(tmp_path)


def test_a_folder_is_no_features(tmp_path):
    put(tmp_path, "a.png")
    with pytest.raises(SourceError, match="is a folder"):
        open_source(SourceParams(path=str(tmp_path)), kind="features")


def test_an_unknown_file_is_named(tmp_path):
    (tmp_path / "data.xyz").write_text("x")
    with pytest.raises(SourceError, match=r"data\.xyz is no data"):
        opened(tmp_path / "data.xyz")
