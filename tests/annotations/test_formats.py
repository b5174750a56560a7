"""Every format is read alike, edited byte for byte, and refuses what it cannot be sure of."""

from __future__ import annotations

import json

import pytest
from drawn_boxes import CLASSES, HEIGHT, WIDTH, coco, cvat, scene, voc, yolo

from cgaudit.annotations import FORMATS, Decided, class_names, edited, sort_of
from cgaudit.reading.files import Damage

WRITERS = {"coco": coco, "cvat": cvat, "voc": voc, "yolo": yolo}
THINGS = scene(1)


def read(name: str, data: bytes):
    return FORMATS[name].read(data, "001", CLASSES)


def data_of(name: str) -> bytes:
    return WRITERS[name](THINGS).encode()


@pytest.mark.parametrize("name", WRITERS)
def test_a_format_gives_what_was_written(name: str) -> None:
    boxes = read(name, data_of(name)).boxes
    assert [box.label for box in boxes] == [one.label for one in THINGS]
    for box, one in zip(boxes, THINGS, strict=True):
        scale = (WIDTH, HEIGHT) * 2 if name == "yolo" else (1.0,) * 4
        found = [at * side for at, side in zip(box.bounds, scale, strict=True)]
        assert found == pytest.approx(one[2:], abs=1e-3)
        assert box.odd is None


@pytest.mark.parametrize("name", [name for name in WRITERS if name != "yolo"])
def test_a_format_is_told_by_its_bytes(name: str) -> None:
    assert sort_of(data_of(name)) == name


@pytest.mark.parametrize("name", WRITERS)
def test_classes_change_and_nothing_else(name: str) -> None:
    data = data_of(name)
    new = {0: "dot", 3: "bar"}
    after = edited(data, FORMATS[name].edits(data, Decided(new), CLASSES))
    wanted = [one._replace(label=new.get(at, one.label)) for at, one in enumerate(THINGS)]
    assert after == WRITERS[name](wanted).encode()


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("gone", [{0}, {5}, {1, 2}, {0, 5}, {4, 5}, {0, 1, 2, 3, 4, 5}])
def test_boxes_go_and_nothing_else(name: str, gone: set[int]) -> None:
    data = data_of(name)
    labels = {} if 3 in gone else {3: "bar"}
    after = edited(data, FORMATS[name].edits(data, Decided(labels, gone), CLASSES))
    before = read(name, data).boxes
    left = [
        box._replace(label=labels.get(at, box.label))
        for at, box in enumerate(before)
        if at not in gone
    ]
    assert list(read(name, after).boxes) == left
    if name in {"yolo", "voc"} and len(left):
        things = [
            one._replace(label=labels.get(at, one.label))
            for at, one in enumerate(THINGS)
            if at not in gone
        ]
        assert after == WRITERS[name](things).encode()


def test_coco_keeps_its_own_spelling() -> None:
    text = (
        '\ufeff{"annotations" : [ {"id":7,"image_id":"a","bbox":[1, 2.50,3e0,4],\t"category_id" :9,'
        '"note":"\\u00e9 [{"},\r\n{"id":8, "image_id":"a","category_id":9,"bbox":[1,1,1,1]} ],'
        '"categories":[{"id":9,"name":"é"},{"id":"x","name":"b"}],"images":[{"id":"a",'
        '"file_name":"a.png"}]}'
    )
    data = text.encode()
    assert [box.label for box in read("coco", data).boxes] == ["é", "é"]
    after = edited(data, FORMATS["coco"].edits(data, Decided({0: "b"}), None)).decode()
    assert after == text.replace(' :9,"note', ' :"x","note')
    without = edited(data, FORMATS["coco"].edits(data, Decided({}, {0}), None)).decode()
    assert without == text[: text.index('{"id":7')] + text[text.index('{"id":8') :]


def test_xml_keeps_comments_entities_and_quotes() -> None:
    text = (
        "<annotation><!-- <object> --><filename>a &amp; b.png</filename>\r\n"
        "<object><name>\n  R&amp;B <!--x--></name><bndbox><xmin>1</xmin><ymin>1</ymin>"
        "<xmax>3</xmax><ymax>4</ymax></bndbox></object></annotation>"
    )
    data = text.encode()
    (box,) = read("voc", data).boxes
    assert (box.picture, box.label) == ("a & b.png", "R&B")
    after = edited(data, FORMATS["voc"].edits(data, Decided({0: "a<b"}), None))
    assert read("voc", after).boxes[0].label == "a<b"
    assert after.startswith(text[: text.index("R&amp;B")].encode())
    assert after.endswith(text[text.index("</name>") :].encode())


def test_an_attribute_keeps_its_quotes() -> None:
    text = (
        "<annotations><image name='a > b.png' width='9' height='9'>"
        "<box ytl='1' label='don&apos;t' xtl='1' xbr='3' ybr='4'/></image></annotations>"
    )
    data = text.encode()
    (box,) = read("cvat", data).boxes
    assert (box.picture, box.label) == ("a > b.png", "don't")
    after = edited(data, FORMATS["cvat"].edits(data, Decided({0: "x'\"&"}), None))
    assert after.decode() == text.replace("don&apos;t", 'x&apos;"&amp;')
    assert read("cvat", after).boxes[0].label == "x'\"&"


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    "<annotation><filename>&b;</filename></annotation>"
)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("voc", BOMB, "document type"),
        ("voc", '<!DOCTYPE a SYSTEM "file:///etc/passwd"><annotation/>', "document type"),
        ("voc", "<annotation>", "no XML"),
        ("voc", "<html/>", "its root is"),
        ("voc", '<?xml version="1.0" encoding="latin-1"?><annotation/>', "encoding"),
        ("voc", "<a>" * 500 + "</a>" * 500, "nested too deeply"),
        ("cvat", "<annotations><track/></annotations>", "video"),
        ("coco", "[]", "no JSON object"),
        ("coco", '{"annotations": []}', "no list 'images'"),
        ("coco", "[" * 100_000, "nested too deeply"),
        (
            "coco",
            '{"images":[],"categories":[],"annotations":[{"image_id":1,"category_id":1}]}',
            "of the image 1, which is not listed",
        ),
    ],
)
def test_what_is_damaged_says_why(name: str, text: str, why: str) -> None:
    with pytest.raises(Damage, match=why):
        read(name, text.encode())


def test_utf_16_is_refused() -> None:
    with pytest.raises(Damage, match="UTF-8"):
        read("voc", "<annotation/>".encode("utf-16"))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("0 0.5 0.5 0.1 nan", "no finite"),
        ("0 0.5 0.5 0 0.1", "without area"),
        ("0 0.5 0.5", "3 numbers"),
        ("7 0.5 0.5 0.1 0.1", "only 3 have names"),
        ("x 0.5 0.5 0.1 0.1", "no number"),
        ("0 0.5 0.5 0.1 x", "no number"),
    ],
)
def test_an_odd_line_is_no_sample(line: str, why: str) -> None:
    (box,) = read("yolo", line.encode()).boxes
    assert why in (box.odd or "")


def test_an_outline_is_the_box_that_holds_it() -> None:
    (box,) = read("yolo", b"1 0.1 0.2 0.3 0.2 0.3 0.6\n").boxes
    assert box.bounds == pytest.approx((0.1, 0.2, 0.2, 0.4))


def test_an_odd_annotation_is_no_sample() -> None:
    content = json.loads(coco(THINGS))
    content["annotations"][0]["iscrowd"] = 1
    content["annotations"][1]["bbox"] = [1, 2, 3]
    content["annotations"][2]["category_id"] = 99
    content["annotations"][3]["bbox"] = [1, 2, 0, 3]
    boxes = read("coco", json.dumps(content).encode()).boxes
    why = [box.odd for box in boxes[:4]]
    assert [word in text for word, text in zip(
        ("crowd", "no bbox", "not listed", "without area"), map(str, why), strict=True
    )] == [True] * 4  # fmt: skip
    assert boxes[4].odd is None


def test_ids_that_repeat_are_none() -> None:
    content = json.loads(coco(THINGS))
    content["annotations"][1]["id"] = "1"
    found = read("coco", json.dumps(content).encode())
    assert {box.id for box in found.boxes} == {None}
    assert "no ids of their own" in found.notes[0]


def test_names_of_classes() -> None:
    assert class_names(b"names: [a, b]\n", "data.yaml") == ["a", "b"]
    assert class_names(b"names: {1: b, 0: a}\n", "data.yaml") == ["a", "b"]
    assert class_names(b"a\r\n\r\nb c\n", "classes.txt") == ["a", "b c"]
    assert class_names(b"train: x\n", "data.yaml") is None
    with pytest.raises(Damage, match="without gaps"):
        class_names(b"names: {0: a, 2: b}\n", "data.yaml")
