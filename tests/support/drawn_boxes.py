"""Small pictures with things of three classes in boxes, written in every format of annotations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

#: Very unequal, as classes of boxes are.
CLASSES = ("cell", "dot", "bar")
WIDTH, HEIGHT = 96, 64


class Thing(NamedTuple):
    """One box: its picture, its class, and where it lies in pixels."""

    picture: str
    label: str
    left: int
    top: int
    width: int
    height: int


def scene(number: int, *, per_picture: int = 6) -> list[Thing]:
    """Return the things of one picture, on a grid so that none covers another."""
    rng = np.random.default_rng(number)
    things = []
    for at in range(per_picture):
        kind = CLASSES[0] if rng.random() < 0.6 else CLASSES[1 + int(rng.random() < 0.5)]
        width, height = {"cell": (18, 18), "dot": (6, 6), "bar": (22, 7)}[kind]
        left = 4 + 30 * (at % 3) + int(rng.integers(0, 4))
        top = 4 + 30 * (at // 3) + int(rng.integers(0, 6))
        things.append(Thing(f"{number:03}.png", kind, left, top, width, height))
    return things


def draw(things: list[Thing], file: Path) -> None:
    """Draw a picture: a bright disc, a dark square, a striped bar."""
    number = int(things[0].picture[:3])
    rng = np.random.default_rng(1000 + number)
    pixels = rng.normal(120, 8, (HEIGHT, WIDTH))
    for one in things:
        rows, columns = np.mgrid[0 : one.height, 0 : one.width]
        place = np.s_[one.top : one.top + one.height, one.left : one.left + one.width]
        if one.label == "cell":
            radius = np.hypot(rows - one.height / 2 + 0.5, columns - one.width / 2 + 0.5)
            pixels[place] += np.where(radius < one.width / 2, 90, 0)
        elif one.label == "dot":
            pixels[place] -= 90
        else:
            pixels[place] += 80 * (columns // 3 % 2)
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file)


def coco(things: list[Thing], *, indent: int | None = 2) -> str:
    """Return COCO's JSON, laid out as `indent` says."""
    pictures = list(dict.fromkeys(one.picture for one in things))
    content = {
        "images": [
            {"id": at, "file_name": name, "width": WIDTH, "height": HEIGHT}
            for at, name in enumerate(pictures, start=1)
        ],
        "annotations": [
            {
                "id": at,
                "image_id": pictures.index(one.picture) + 1,
                "category_id": CLASSES.index(one.label) + 1,
                "bbox": [one.left, one.top, one.width, one.height],
                "iscrowd": 0,
            }
            for at, one in enumerate(things, start=1)
        ],
        "categories": [{"id": at, "name": name} for at, name in enumerate(CLASSES, start=1)],
    }
    return json.dumps(content, indent=indent) + "\n"


def yolo(things: list[Thing]) -> str:
    """Return the lines of one picture."""
    return "".join(
        f"{CLASSES.index(one.label)} {(one.left + one.width / 2) / WIDTH:.6f} "
        f"{(one.top + one.height / 2) / HEIGHT:.6f} {one.width / WIDTH:.6f} "
        f"{one.height / HEIGHT:.6f}\n"
        for one in things
    )


def voc(things: list[Thing]) -> str:
    """Return the XML of one picture."""
    objects = "".join(
        f"\t<object>\n\t\t<name>{one.label}</name>\n\t\t<pose>Unspecified</pose>\n\t\t<bndbox>\n"
        f"\t\t\t<xmin>{one.left}</xmin>\n\t\t\t<ymin>{one.top}</ymin>\n"
        f"\t\t\t<xmax>{one.left + one.width}</xmax>\n\t\t\t<ymax>{one.top + one.height}</ymax>\n"
        "\t\t</bndbox>\n\t</object>\n"
        for one in things
    )
    return (
        f"<annotation>\n\t<filename>{things[0].picture}</filename>\n\t<size>\n"
        f"\t\t<width>{WIDTH}</width>\n\t\t<height>{HEIGHT}</height>\n\t\t<depth>3</depth>\n"
        f"\t</size>\n{objects}</annotation>\n"
    )


def cvat(things: list[Thing]) -> str:
    """Return CVAT's XML of all pictures."""
    labels = "".join(f"<label><name>{name}</name></label>" for name in CLASSES)
    images = []
    for at, name in enumerate(dict.fromkeys(one.picture for one in things)):
        boxes = "".join(
            f'    <box label="{one.label}" occluded="0" xtl="{one.left}.00" ytl="{one.top}.00" '
            f'xbr="{one.left + one.width}.00" ybr="{one.top + one.height}.00"></box>\n'
            for one in things
            if one.picture == name
        )
        images.append(
            f'  <image id="{at}" name="{name}" width="{WIDTH}" height="{HEIGHT}">\n{boxes}'
            "  </image>\n"
        )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n'
        f"  <meta><task><labels>{labels}</labels></task></meta>\n{''.join(images)}</annotations>\n"
    )


class Written(NamedTuple):
    """A folder of pictures, and where their boxes are written; None where beside them."""

    pictures: Path
    labels: Path | None


def write(things: list[Thing], folder: Path, name: str) -> Written:
    """Write pictures and annotations in a format, as its tools lay them out."""
    by_picture: dict[str, list[Thing]] = {}
    for one in things:
        by_picture.setdefault(one.picture, []).append(one)
    below = {"yolo": "images/train", "voc": "JPEGImages"}.get(name, "")
    for picture, of in by_picture.items():
        # What is drawn is what is there, whatever it is called.
        truth = {it[2:]: it for it in scene(int(picture[:3]))}
        draw([truth.get(it[2:], it) for it in of], folder / "data" / below / picture)
    data = folder / "data"
    if name in {"coco", "cvat"}:
        file = folder / ("boxes.json" if name == "coco" else "boxes.xml")
        file.write_text({"coco": coco, "cvat": cvat}[name](things), encoding="utf-8")
        return Written(data, file)
    for picture, of in by_picture.items():
        stem = picture.removesuffix(".png")
        file = data / (f"labels/train/{stem}.txt" if name == "yolo" else f"Annotations/{stem}.xml")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text({"yolo": yolo, "voc": voc}[name](of), encoding="utf-8")
    if name == "yolo":
        (data / "data.yaml").write_text(f"names: [{', '.join(CLASSES)}]\n", encoding="utf-8")
    return Written(data, None)
