"""WebDataset shards: real tar archives, as they should be."""

import hashlib
import io
import json
import subprocess
import sys
import tarfile

import numpy as np
import pytest
from PIL import Image
from shards import labels, opened, picture, sample, samples_of, skipped, write_tar
from sklearn.datasets import load_digits

from cgaudit.dataset import Columns, join_labels, read_labels
from cgaudit.errors import ColumnError, SourceError
from cgaudit.results.table import read_scores


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_folder_of_shards(tmp_path, form):
    long = "klasse/" + "ordner/" * 15 + "ü" * 9
    write_tar(tmp_path / "b.tar", [*samples_of(3, 4, label="dog\n")], format=form)
    write_tar(tmp_path / "a.tar", [*samples_of(2, 1), *sample(long, 9)], format=form)
    (tmp_path / "README.md").write_text("shards")
    source = opened(tmp_path)
    assert source.kind == "images"
    assert source.notes == [
        f"5 images in 2 WebDataset shards ({tmp_path}), field 'png'",
        "labels: field 'cls'",
    ]
    samples, _ = source.samples()
    assert labels(source) == {
        "0001": "cat", "0002": "cat", "0003": "dog", "0004": "dog", long: "cat",
    }  # fmt: skip
    by_id = samples.set_index("id")
    assert by_id.loc["0003", "path"] == "b.tar/0003.png"
    assert by_id.loc["0003", "content_hash"] == hashlib.md5(picture(3)).hexdigest()
    assert skipped(source) == {"README.md": "not a shard by its extension (.tar)"}
    order = [loader.path for loader in source.loaders(samples["path"].tolist())]
    assert order[:2] == ["a.tar/0002.png", "a.tar/0001.png"]
    [loader] = source.loaders(["b.tar/0004.png"])
    assert loader.load().getpixel((0, 0)) == (4, 4, 4)
    assert source.picture("a.tar/0002.png").size == (6, 6)
    assert source.excerpt("a.tar/0002.png") is None


def test_a_hidden_shard_is_left_out_and_said(tmp_path):
    write_tar(tmp_path / "a.tar", samples_of(1, 2))
    write_tar(tmp_path / ".b.tar", samples_of(3))
    write_tar(tmp_path / ".old/c.tar", samples_of(4))
    source = opened(tmp_path)
    assert len(source.samples()[0]) == 2
    assert source.notes[-1] == "left out, being hidden (a name with a dot first): '.old', '.b.tar'"


def test_one_shard(tmp_path):
    source = opened(write_tar(tmp_path / "only.tar", samples_of(1, 2)))
    assert source.samples()[0]["path"].tolist() == ["0001.png", "0002.png"]


def test_known_hashes_need_no_reading(tmp_path):
    source = opened(write_tar(tmp_path / "only.tar", samples_of(1, 2)))
    samples, _ = source.samples({"0001.png": "f" * 32})
    assert samples["content_hash"].tolist() == ["f" * 32, hashlib.md5(picture(2)).hexdigest()]


def test_splits_by_name_or_folder(tmp_path):
    write_tar(tmp_path / "train-0000.tar", samples_of(0, 1))
    write_tar(tmp_path / "val/0000.tar", samples_of(0))
    source = opened(tmp_path)
    samples, skips = source.samples()
    assert skips.empty
    assert dict(zip(samples["id"], samples["split"], strict=True)) == {
        "train/0000": "train", "train/0001": "train", "val/0000": "val",
    }  # fmt: skip
    assert source.notes[-1] == "splits by the shards' names: train, val; ids are split/key"


def test_keys_that_come_up_again_are_listed(tmp_path):
    write_tar(tmp_path / "a.tar", samples_of(1, 2))
    write_tar(tmp_path / "b.tar", [*samples_of(2, label="dog"), *samples_of(3)])
    source = opened(tmp_path)
    assert labels(source) == {"0001": "cat", "0002": "cat", "0003": "cat"}
    assert skipped(source) == {"0002": "its key is in b.tar, and was in a.tar already"}


def test_keys_that_begin_anew_in_each_shard_lose_no_sample(tmp_path):
    for shard in range(3):
        members = [it for i in range(4) for it in sample(f"{i:04}", 10 * shard + i)]
        write_tar(tmp_path / f"part/{shard:02}.tar", members)
    source = opened(tmp_path)
    samples, skips = source.samples()
    assert skips.empty
    assert sorted(samples["id"]) == [f"part/{s:02}/{i:04}" for s in range(3) for i in range(4)]
    assert source.notes[-1] == "keys begin anew in each shard: ids are shard/key"
    assert source.picture("part/02.tar/0003.png").getpixel((0, 0)) == (23, 23, 23)


def test_keys_with_dots(tmp_path):
    members = [it for i in range(4) for it in sample(f"v1.{i}_crop", i)]
    source = opened(write_tar(tmp_path / "a.tar", members))
    assert labels(source) == {f"v1.{i}_crop": "cat" for i in range(4)}
    assert source.notes[-1].startswith("the names have dots")


def test_fields_with_dots_stay_fields(tmp_path):
    members = [(f"{i}.{it}", picture(i)) for i in range(4) for it in ("left.png", "right.png")]
    members += [(f"{i}.cls", b"cat") for i in range(4)]
    source = opened(write_tar(tmp_path / "a.tar", members), image_column="right.png")
    assert labels(source) == {str(i): "cat" for i in range(4)}


def test_a_chain_of_long_names_is_a_damaged_archive(tmp_path):
    link = tarfile.TarInfo("././@LongLink")
    link.type, link.size = tarfile.GNUTYPE_LONGNAME, 1
    chain = (link.tobuf(tarfile.GNU_FORMAT) + b"a" + bytes(511)) * 3000
    good = write_tar(tmp_path / "good.tar", samples_of(1, 2))
    (tmp_path / "long.tar").write_bytes(chain + good.read_bytes())
    reasons = skipped(opened(tmp_path))
    assert list(reasons) == ["long.tar"]
    assert "damaged" in reasons["long.tar"]


def test_what_other_programs_put_into_archives(tmp_path):
    members = [*samples_of(1), ("__MACOSX/0001.png", b"x"), ("@eaDir/0001.png", b"x")]
    source = opened(write_tar(tmp_path / "a.tar", members))
    assert set(skipped(source)) == {"__MACOSX/0001.png", "@eaDir/0001.png"}


def test_images_beside_a_tar_are_an_image_folder(tmp_path):
    write_tar(tmp_path / "backup.tar", samples_of(1))
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat/1.png").write_bytes(picture(1))
    source = opened(tmp_path)
    assert source.samples()[0]["path"].tolist() == ["cat/1.png"]
    assert skipped(source) == {"backup.tar": "not an image by its extension"}


# --- fields ---


def test_labels_from_json(tmp_path):
    facts = [{"label": 7, "box": [1], "w": 1.50}, {"label": None, "w": 2}, {"label": "x", "w": ""}]
    members = [
        (f"{i}{end}", data)
        for i, fact in enumerate(facts)
        for end, data in ((".jpg", picture(i, "JPEG")), (".json", json.dumps(fact).encode()))
    ]
    path = write_tar(tmp_path / "a.tar", [*members, ("3.jpg", picture(3)), ("3.json", b"[1]")])
    source = opened(path)
    assert labels(source) == {"0": "7", "1": None, "2": "x"}
    assert "labels: field 'json', key 'label'" in source.notes
    assert skipped(source) == {"3": "its label is no JSON object"}
    assert labels(opened(path, label_column="w")) == {"0": "1.5", "1": "2", "2": None}
    with pytest.raises(ColumnError, match="'jpg', 'json', 'label', 'w'"):
        opened(path, label_column="box")


def test_labels_from_text_unless_it_is_prose(tmp_path):
    words = [(f"{i}.txt", b"cat" if i % 2 else b"dog") for i in range(4)]
    pictures = [(f"{i}.png", picture(i)) for i in range(4)]
    assert labels(opened(write_tar(tmp_path / "a.tar", words + pictures)))["1"] == "cat"
    prose = [(f"{i}.txt", f"a photo of animal number {i}".encode()) for i in range(4)]
    path = write_tar(tmp_path / "b.tar", prose + pictures)
    with pytest.raises(ColumnError, match="no column that looks like a label"):
        opened(path)
    assert labels(opened(path, label_column="txt"))["1"] == "a photo of animal number 1"


def test_the_picture_is_chosen_by_its_field(tmp_path):
    members = [
        (f"{i}.{end}", data)
        for i in range(3)
        for end, data in (
            ("cls", b"a"), ("seg.png", picture(200)), ("JPG", picture(i, "JPEG")),
        )
    ]  # fmt: skip
    path = write_tar(tmp_path / "a.tar", [*members, ("4.seg.png", picture(4)), ("5.cls", b"a")])
    source = opened(path)
    assert source.picture("2.JPG").getpixel((0, 0)) == (2, 2, 2)
    assert skipped(source)["5"] == "no picture in a.tar, only the fields 'cls'"
    assert opened(path, image_column="seg.png").picture("2.seg.png").getpixel((0, 0))[0] == 200
    with pytest.raises(ColumnError, match="no column 'webp'"):
        opened(path, image_column="webp")


def test_a_table_of_labels_by_key(tmp_path):
    members = [(f"{i:04}.png", picture(i)) for i in range(3)]
    write_tar(tmp_path / "shards/a.tar", members)
    (tmp_path / "labels.csv").write_text("id,label\n0002,dog\n0000,cat\n0009,cat\n")
    source = opened(tmp_path / "shards", labels="labels.csv", label_column="label")
    table = read_labels(tmp_path / "labels.csv", Columns())
    joined = join_labels(source.samples()[0], table, root=source.root)
    assert dict(zip(joined.table["id"], joined.table["label"], strict=True)) == {
        "0000": "cat", "0002": "dog",
    }  # fmt: skip
    assert joined.skipped["id"].tolist() == ["0001", "0009"]


def test_other_kinds_are_not_read_from_shards(tmp_path):
    path = write_tar(tmp_path / "a.tar", samples_of(1))
    with pytest.raises(SourceError, match="text cannot be read"):
        opened(path, kind="text")


def test_as_the_webdataset_library_writes_them(tmp_path):
    webdataset = pytest.importorskip("webdataset", reason="the package webdataset is not installed")
    with webdataset.ShardWriter(str(tmp_path / "%03d.tar"), maxcount=4, verbose=0) as writer:
        for i in range(10):
            pixels = np.full((6, 6, 3), i, np.uint8)
            writer.write({"__key__": f"k/{i:02}", "png": pixels, "cls": i % 3})
    source = opened(tmp_path)
    assert labels(source) == {f"k/{i:02}": str(i % 3) for i in range(10)}
    assert source.picture("002.tar/k/09.png").getpixel((0, 0)) == (9, 9, 9)


def test_the_command_audits_them(tmp_path):
    images, digits = load_digits(n_class=3, return_X_y=True)
    given = digits[:120].copy()
    given[11] = (given[11] + 1) % 3
    members = []
    for i, pixels in enumerate(images[:120]):
        buffer = io.BytesIO()
        Image.fromarray((pixels.reshape(8, 8) * 15).astype(np.uint8)).save(buffer, "PNG")
        members += [(f"{i:04}.png", buffer.getvalue()), (f"{i:04}.cls", str(given[i]).encode())]
    write_tar(tmp_path / "data/digits-0000.tar", members[:140])
    write_tar(tmp_path / "data/digits-0001.tar", members[140:] + members[:2])
    done = subprocess.run(
        [sys.executable, "-m", "cgaudit", "audit", "data", "--out", "out"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "120 images in 2 WebDataset shards" in done.stderr
    worst = read_scores(tmp_path / "out/scores.parquet").table.nsmallest(1, "label_score").iloc[0]
    assert worst["id"] == "0011"
    assert worst["predicted_label"] == str(digits[11])
    assert "data:image/" in (tmp_path / "out/index.html").read_text()
    assert (
        '0000,"its key is in digits-0001.tar, and was in digits-0000.tar already"'
        in (tmp_path / "out/skipped.csv").read_text()
    )
