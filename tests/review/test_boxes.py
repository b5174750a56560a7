"""Decisions on boxes change classes in the annotation files, and no other byte."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from drawn_boxes import Thing, coco, cvat, scene, voc, write, yolo

from cgaudit.dataset import BOX_COLUMNS, open_source
from cgaudit.errors import DecisionError
from cgaudit.params import SourceParams
from cgaudit.project import Project
from cgaudit.review import apply_fixes

FORMATS = ("coco", "cvat", "voc", "yolo")
THINGS = [thing for number in range(4) for thing in scene(number)]


class Repo:
    """Boxes in a format, and the scores table as far as decisions need it."""

    def __init__(self, folder: Path, name: str, things: list[Thing] = THINGS) -> None:
        self.folder, self.name = folder, name
        written = write(things, folder, name)
        labels = None if written.labels is None else written.labels.name
        self.source = SourceParams(path="data", labels=labels, kind="boxes")
        samples, _ = open_source(self.source, base=folder).samples()
        ids = samples["id"].where(samples["id"].notna(), samples["path"])
        self.scores = samples.assign(id=ids, given_label=samples["folder_label"])

    def files(self) -> dict[str, bytes]:
        files = (
            file for file in self.folder.rglob("*") if file.suffix in {".json", ".xml", ".txt"}
        )
        return {file.relative_to(self.folder).as_posix(): file.read_bytes() for file in files}

    def id_of(self, at: int) -> str:
        one = THINGS[at]
        number = [it for it in THINGS if it.picture == one.picture].index(one) + 1
        rows = self.scores[self.scores["path"].str.endswith(f"{one.picture}#{number}")]
        return rows["id"].item()

    def apply(self, *rows: tuple[str, str, str], dry_run: bool = False) -> dict:
        fixes = self.folder / "fixes.csv"
        with fixes.open("w", newline="") as file:
            csv.writer(file).writerows([("id", "action", "label"), *rows])
        return apply_fixes(
            fixes,
            project=Project(self.folder),
            source=self.source,
            scores=self.scores,
            dry_run=dry_run,
        )


def other(label: str) -> str:
    return "dot" if label != "dot" else "cell"


def as_written(name: str, things: list[Thing]) -> dict[str, bytes]:
    """Return the annotation files that hold some things."""
    if name in {"coco", "cvat"}:
        file = "boxes.json" if name == "coco" else "boxes.xml"
        return {file: {"coco": coco, "cvat": cvat}[name](things).encode()}
    found = {}
    for picture in dict.fromkeys(one.picture for one in things):
        of = [one for one in things if one.picture == picture]
        stem = picture.removesuffix(".png")
        file = f"data/labels/train/{stem}.txt" if name == "yolo" else f"data/Annotations/{stem}.xml"
        found[file] = {"yolo": yolo, "voc": voc}[name](of).encode()
    return found


@pytest.mark.parametrize("name", FORMATS)
def test_ten_decisions_change_ten_classes_and_nothing_else(tmp_path: Path, name: str) -> None:
    repo = Repo(tmp_path, name)
    chosen = range(1, 21, 2)
    rows = [(repo.id_of(at), "relabel", other(THINGS[at].label)) for at in chosen]
    result = repo.apply(*rows)
    assert result["written"]
    assert result["relabelled"] == 10
    wanted = [
        one._replace(label=other(one.label)) if at in chosen else one
        for at, one in enumerate(THINGS)
    ]
    assert repo.files() == as_written(name, wanted)
    assert repo.apply(*rows)["already"] == 10


@pytest.mark.parametrize("name", FORMATS)
def test_boxes_that_go_do_not_move_what_is_decided_of_others(tmp_path: Path, name: str) -> None:
    repo = Repo(tmp_path, name)
    first, third = repo.id_of(0), repo.id_of(2)
    assert repo.apply((first, "drop", ""))["dropped"] == 1
    # By the ids of the same report, though in the file all others have other places now.
    again = repo.apply((third, "relabel", other(THINGS[2].label)), (repo.id_of(5), "keep", ""))
    assert again["relabelled"] == 1
    wanted = [THINGS[1], THINGS[2]._replace(label=other(THINGS[2].label)), *THINGS[3:]]
    source = open_source(repo.source, base=tmp_path)
    assert [box.box.label for box in source.boxes] == [one.label for one in wanted]


def test_a_dry_run_says_what_would_change(tmp_path: Path) -> None:
    repo = Repo(tmp_path, "voc")
    before = repo.files()
    result = repo.apply((repo.id_of(0), "relabel", other(THINGS[0].label)), dry_run=True)
    assert repo.files() == before
    assert result["files"] == ["data/Annotations/000.xml"]
    old, new = THINGS[0].label, other(THINGS[0].label)
    line = f"data/Annotations/000.xml: JPEGImages/000.png#1: {old!r} → {new!r}\n"
    assert result["diff"] == line


@pytest.mark.parametrize(
    ("name", "label", "why"),
    [
        ("coco", "cells", "no class of boxes.json.*Did you mean 'cell'"),
        ("cvat", "x", "no class of boxes.xml"),
        ("yolo", "x", "no class of data/labels/train/000.txt"),
        ("voc", " x", "would not be read back"),
        ("voc", "a\x01", "would not be read back"),
    ],
)
def test_a_class_that_the_file_has_no_place_for_is_refused(
    tmp_path: Path, name: str, label: str, why: str
) -> None:
    repo = Repo(tmp_path, name)
    before = repo.files()
    with pytest.raises(DecisionError, match=why):
        repo.apply((repo.id_of(0), "relabel", label))
    assert repo.files() == before


def test_a_new_class_is_written_where_names_are_free(tmp_path: Path) -> None:
    repo = Repo(tmp_path, "voc")
    result = repo.apply((repo.id_of(0), "relabel", "R&B <1>"))
    assert [row["label"] for row in result["new_labels"]] == ["R&B <1>"]
    boxes = open_source(repo.source, base=tmp_path).boxes
    assert boxes[0].box.label == "R&B <1>"


def test_a_link_elsewhere_is_not_written_through(tmp_path: Path) -> None:
    repo = Repo(tmp_path, "coco")
    (tmp_path / "elsewhere").mkdir()
    file = (tmp_path / "boxes.json").rename(tmp_path / "elsewhere" / "boxes.json")
    (tmp_path / "boxes.json").symlink_to(file)
    with pytest.raises(DecisionError, match="is a link to"):
        repo.apply((repo.id_of(0), "relabel", other(THINGS[0].label)))


def test_what_was_kept_is_remembered_by_content(tmp_path: Path) -> None:
    repo = Repo(tmp_path, "yolo")
    identity = repo.id_of(3)
    assert repo.apply((identity, "keep", ""))["kept"] == 1
    memory = pd.read_csv(tmp_path / "reviewed.csv", dtype=str)
    (content,) = repo.scores.set_index("id").loc[[identity], "content_hash"]
    assert memory["content_hash"].tolist() == [content]
    assert set(BOX_COLUMNS) <= set(repo.scores.columns)
