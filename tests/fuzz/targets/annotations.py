"""Annotations of boxes: damaged and forged, in every format, beside pictures that are fine."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from damage import any_content
from drawn_boxes import Thing, coco, cvat, draw, scene, voc, yolo
from fuzzing import Input, Target
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sandbox import Content, Verb

_THINGS = [thing for number in range(3) for thing in scene(number)]
_OUT = ("--featurizer", "pixels", "--out", "../out/audit", "--json")
_BESIDE = Verb(("audit", "data", "--kind", "boxes", *_OUT), ("out/audit",))
_JSON = Verb(("audit", "data", "--labels", "boxes.json", *_OUT), ("out/audit",))
_XML = Verb(("audit", "data", "--labels", "boxes.xml", *_OUT), ("out/audit",))

_NAMES = (
    *("000.png", "../outside/secret.png", "/etc/passwd", "C:\\x\\001.png", "\x1b[31m.png", ""),
    *("data/002.png", "a" * 300, "\u202egnp.000", "<b>", "two\nlines.png", "000"),
)
_NUMBERS = (0, -1, 1, 3.5, 1e308, -1e308, 1e-300, 10**400, float("nan"), float("inf"), "7", None)
_ENTITIES = (
    '<!DOCTYPE a [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>',
    '<!DOCTYPE a SYSTEM "../outside/secret.txt">',
    '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1/x"> %p;]>',
    "<?xml version='1.0' encoding='utf-16'?>",
    "<?xml version='1.0' encoding='x-unknown'?>",
    "<!-- -- -->",
    "<a>" * 2000,
    "",
)


def _pictures() -> dict[str, Content]:
    with tempfile.TemporaryDirectory() as folder:
        files: dict[str, Content] = {}
        for number in range(3):
            of = scene(number)
            draw(of, Path(folder, of[0].picture))
            files[f"data/{of[0].picture}"] = Path(folder, of[0].picture).read_bytes()
        return files


@st.composite
def _forged_json(draw_: st.DrawFn) -> bytes:
    content = json.loads(coco(_THINGS))
    for _ in range(draw_(st.integers(1, 6))):
        one = draw_(st.sampled_from(content["annotations"] + content["images"]))
        key = draw_(
            st.sampled_from(("id", "image_id", "category_id", "bbox", "width", "file_name"))
        )
        number = st.sampled_from(_NUMBERS)
        boxes = st.lists(number, min_size=3, max_size=5)
        one[key] = draw_(st.one_of(number, boxes, st.sampled_from(_NAMES), st.just({})))
    return json.dumps(content).encode("utf-8", "surrogatepass")


@st.composite
def _forged_xml(draw_: st.DrawFn, valid: str) -> bytes:
    text = draw_(st.sampled_from(_ENTITIES)) + valid.replace(
        '<?xml version="1.0" encoding="utf-8"?>', ""
    )
    for _ in range(draw_(st.integers(0, 4))):
        old = draw_(
            st.sampled_from(("96", "64", "000.png", "cell", "<name>", "label", "xmin", "&"))
        )
        new = draw_(st.sampled_from((*map(str, _NUMBERS), *_NAMES, "&b;", "&#0;", "<![CDATA[x]]>")))
        text = text.replace(old, new, 1)
    return text.encode("utf-8", "surrogatepass")


@st.composite
def _forged_lines(draw_: st.DrawFn) -> bytes:
    word = st.sampled_from([*map(str, _NUMBERS), "0", "1", "2", "0.5", "cell", "\x1b[31m", "९"])
    rows = draw_(st.lists(st.lists(word, max_size=9), max_size=9))
    return "\n".join(" ".join(row) for row in rows).encode()


def inputs(_repo: Path) -> SearchStrategy[Input]:
    """Return pictures that are fine, and annotations that need not be."""
    pictures = _pictures()
    first: list[Thing] = scene(0)

    def with_(verb: Verb, path: str, content: Content, **more: bytes) -> Input:
        extra = {name.replace("__", "/") + ".txt": data for name, data in more.items()}
        return Input(verb, {**pictures, **extra, path: content})

    as_json = any_content(coco(_THINGS).encode(), _forged_json())
    as_cvat = any_content(cvat(_THINGS).encode(), _forged_xml(cvat(_THINGS)))
    as_voc = any_content(voc(first).encode(), _forged_xml(voc(first)))
    as_yolo = any_content(yolo(first).encode(), _forged_lines())
    others = {f"data__{number:03}": yolo(scene(number)).encode() for number in (1, 2)}
    return st.one_of(
        st.builds(lambda content: with_(_JSON, "boxes.json", content), as_json),
        st.builds(lambda content: with_(_XML, "boxes.xml", content), as_cvat),
        st.builds(lambda content: with_(_BESIDE, "data/000.xml", content), as_voc),
        st.builds(lambda content: with_(_BESIDE, "data/000.txt", content, **others), as_yolo),
    )


TARGETS = [Target("annotations", "bare", inputs)]
