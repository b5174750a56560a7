"""Boxes as samples: found in every layout, placed in their pictures, cut out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from drawn_boxes import CLASSES, HEIGHT, WIDTH, Thing, coco, draw, scene, voc, write
from PIL import Image

from cgaudit.dataset import Bounds, BoxSource, crop, open_source, read_samples, write_samples
from cgaudit.errors import LabelsError, SourceError, UnreadableSample
from cgaudit.params import SourceParams

FORMATS = ("coco", "cvat", "voc", "yolo")
THINGS = [*scene(1), *scene(2)]


def opened(folder: Path, name: str, things: list[Thing] = THINGS) -> BoxSource:
    written = write(things, folder, name)
    labels = None if written.labels is None else str(written.labels)
    source = open_source(SourceParams(path=str(written.pictures), labels=labels, kind="boxes"))
    assert isinstance(source, BoxSource)
    return source


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_samples_and_crops(tmp_path: Path, name: str) -> None:
    source = opened(tmp_path, name)
    samples, skipped = source.samples()
    assert skipped["id"].tolist() == (["data.yaml"] if name == "yolo" else [])
    assert len(samples) == len(THINGS)
    assert set(samples["split"]) == ({"train"} if name == "yolo" else {None})
    assert samples["id"].notna().all() == (name == "coco")
    in_order = samples.assign(at=[int(path.split("#")[1]) for path in samples["path"]])
    in_order = in_order.sort_values(["picture", "at"])
    assert in_order["folder_label"].tolist() == [one.label for one in THINGS]
    by_path = {it.path: it.load() for it in source.loaders(samples["path"].tolist())}
    for path, one in zip(in_order["path"], THINGS, strict=True):
        whole = Image.open(next((tmp_path / "data").rglob(one.picture))).convert("RGB")
        around = 0.1 * max(one.width, one.height)
        places = (one.left - around, one.top - around)
        ends = (one.left + one.width + around, one.top + one.height + around)
        box = (*(int(np.floor(at)) for at in places), *(int(np.ceil(at)) for at in ends))
        wanted = whole.crop(
            (max(0, box[0]), max(0, box[1]), min(WIDTH, box[2]), min(HEIGHT, box[3]))
        )
        assert np.array_equal(np.asarray(by_path[path]), np.asarray(wanted))
        assert np.array_equal(np.asarray(source.picture(path)), np.asarray(wanted))


def test_content_is_picture_and_place_but_not_class(tmp_path: Path) -> None:
    source = opened(tmp_path, "voc")
    before = source.samples()[0].set_index("path")["content_hash"]
    others = [THINGS[0]._replace(label="bar"), THINGS[1]._replace(left=40), *THINGS[2:6]]
    (source.root / "Annotations" / "001.xml").write_text(voc(others))
    again = open_source(SourceParams(path=str(source.root), kind="boxes"))
    after = again.samples()[0].set_index("path")["content_hash"]
    assert (before != after).sum() == 1
    assert before.index[before != after].tolist() == ["JPEGImages/001.png#2"]


def test_a_samples_table_of_boxes_is_read_as_it_was_written(tmp_path: Path) -> None:
    samples, _ = opened(tmp_path, "coco").samples()
    write_samples(samples, tmp_path / "samples.parquet")
    found = read_samples(tmp_path / "samples.parquet")
    pd.testing.assert_frame_equal(found, samples)
    assert found["box_left"].dtype == np.float64


def test_odd_boxes_are_listed_and_not_used(tmp_path: Path) -> None:
    content = json.loads(coco(THINGS))
    content["annotations"][0]["bbox"] = [500, 500, 10, 10]
    content["annotations"][1]["bbox"] = [10, 10, 0, 4]
    content["annotations"][2]["iscrowd"] = 1
    content["images"].append({"id": 9, "file_name": "lost.png", "width": 9, "height": 9})
    content["annotations"][3]["image_id"] = 9
    content["annotations"][4]["bbox"] = [0, 0, 1e299, 1e299]
    write(THINGS, tmp_path, "coco").labels.write_text(json.dumps(content))
    params = SourceParams(path=str(tmp_path / "data"), labels=str(tmp_path / "boxes.json"))
    source = open_source(params)
    samples, skipped = source.samples()
    assert len(samples) == len(THINGS) - 5
    reasons = dict(zip(skipped["id"], skipped["reason"], strict=True))
    lost = "'lost.png' is not in the source"
    words = ("outside", "without area", "crowd", lost, "far larger")
    assert [word in reasons[str(at)] for at, word in enumerate(words, start=1)] == [True] * 5
    assert any("5 boxes cannot be used" in note for note in source.notes)


def test_pictures_are_found_however_they_are_written(tmp_path: Path) -> None:
    content = json.loads(coco(THINGS))
    for image in content["images"]:
        image["file_name"] = "C:\\data\\" + image["file_name"]
    write(THINGS, tmp_path, "coco").labels.write_text(json.dumps(content))
    params = SourceParams(path=str(tmp_path / "data"), labels=str(tmp_path / "boxes.json"))
    assert len(open_source(params).samples()[0]) == len(THINGS)


def test_voc_and_yolo_need_no_names_of_pictures(tmp_path: Path) -> None:
    source = opened(tmp_path, "voc")
    for file in (tmp_path / "data" / "Annotations").iterdir():
        file.write_text(file.read_text().replace("<filename>", "<filename>x/").replace(".png", ""))
    again = open_source(SourceParams(path=str(source.root), kind="boxes"))
    assert len(again.samples()[0]) == len(THINGS)


def test_a_picture_turned_by_exif_is_cut_as_it_was_annotated(tmp_path: Path) -> None:
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH), np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / "data").mkdir()
    picture.save(tmp_path / "data" / "001.png", exif=exif)
    (tmp_path / "boxes.json").write_text(coco(scene(1)))
    labels = str(tmp_path / "boxes.json")
    source = open_source(SourceParams(path=str(tmp_path / "data"), labels=labels))
    one = scene(1)[0]
    cut = source.picture("001.png#1")
    assert cut is not None
    assert abs(cut.width / cut.height - 1) < 0.3
    place = np.asarray(picture.convert("RGB"))[one.top + 2, one.left + 2]
    assert (np.asarray(cut) == place).all(axis=-1).any()


def test_boxes_of_another_picture_are_refused(tmp_path: Path) -> None:
    write(THINGS, tmp_path, "coco")
    Image.new("RGB", (30, 300)).save(tmp_path / "data" / "001.png")
    params = SourceParams(path=str(tmp_path / "data"), labels=str(tmp_path / "boxes.json"))
    (loader, *_) = open_source(params).loaders(["001.png#1"])
    with pytest.raises(UnreadableSample, match="drawn on 96 × 64 pixels, and the picture has 30"):
        loader.load()


@pytest.mark.parametrize(("width", "height"), [(1, 1), (2, 3), (0.2, 0.2), (200, 200)])
def test_a_crop_is_never_empty(width: float, height: float) -> None:
    picture = Image.new("RGB", (WIDTH, HEIGHT))
    for left, top in ((0, 0), (WIDTH - 0.1, HEIGHT - 0.1), (-5, -5)):
        bounds = Bounds(left / WIDTH, top / HEIGHT, width / WIDTH, height / HEIGHT)
        cut = crop(picture, bounds, 0.0)
        assert min(cut.size) >= 1
        assert (cut.width, cut.height) <= (WIDTH, HEIGHT)


def test_what_is_ambiguous_is_refused_with_what_to_do(tmp_path: Path) -> None:
    written = write(THINGS, tmp_path, "voc")
    (written.pictures / "a.json").write_text(coco(THINGS))
    with pytest.raises(LabelsError, match=r"several formats: COCO .1., Pascal VOC .2."):
        open_source(SourceParams(path=str(written.pictures), kind="boxes"))
    remedy = SourceParams(
        path=str(written.pictures), kind="boxes", labels=str(written.pictures / "a.json")
    )
    assert len(open_source(remedy).samples()[0]) == len(THINGS)
    (written.pictures / "b.json").write_text(coco(THINGS))
    for file in (written.pictures / "Annotations").iterdir():
        file.unlink()
    with pytest.raises(LabelsError, match=r"2 files of COCO annotations: 'a.json', 'b.json'"):
        open_source(SourceParams(path=str(written.pictures), kind="boxes"))


def test_no_boxes_is_said(tmp_path: Path) -> None:
    draw(scene(1), tmp_path / "001.png")
    with pytest.raises(LabelsError, match="holds no boxes: COCO"):
        open_source(SourceParams(path=str(tmp_path), kind="boxes"))
    with pytest.raises(LabelsError, match="does not exist"):
        open_source(SourceParams(path=str(tmp_path), labels=str(tmp_path / "x.json")))
    with pytest.raises(SourceError, match="is a file; boxes are read from a folder"):
        open_source(SourceParams(path=str(tmp_path / "001.png"), kind="boxes"))


def test_a_bomb_among_the_annotations_is_refused(tmp_path: Path) -> None:
    written = write(THINGS, tmp_path, "voc")
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaa">]><annotation><filename>&a;</filename></annotation>'
    (written.pictures / "Annotations" / "001.xml").write_text(bomb)
    with pytest.raises(LabelsError, match=r"001\.xml cannot be read.*document type"):
        open_source(SourceParams(path=str(written.pictures), kind="boxes"))


def test_yolo_without_names_has_numbers(tmp_path: Path) -> None:
    written = write(THINGS, tmp_path, "yolo")
    (written.pictures / "data.yaml").unlink()
    source = open_source(SourceParams(path=str(written.pictures), kind="boxes"))
    assert set(source.samples()[0]["folder_label"]) == {
        str(CLASSES.index(one.label)) for one in THINGS
    }
    assert any("called by their numbers" in note for note in source.notes)
