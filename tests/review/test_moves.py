"""Decisions about a dataset whose folders are the labels: files move."""

from __future__ import annotations

from pathlib import Path

import pytest
from datarepo import make_scores
from deciding import FOLDER, TABLE, apply, files, folder_of

from cgaudit.errors import DecisionError


def test_files_move_to_the_folder_of_their_new_label(tmp_path: Path) -> None:
    known = folder_of(tmp_path, cat__1="A", cat__2="B", cat__3="C", dog__4="D", cat__sub__5="E")
    result = apply(
        tmp_path,
        FOLDER,
        known.assign(given_label=None),
        ("cat/1.png", "relabel", "dog", "cat"),
        ("cat/2.png", "relabel", "new fox", "cat"),
        ("cat/3.png", "drop"),
        ("cat/sub/5.png", "relabel", "dog", "cat"),
        ("dog/4.png", "keep", "", "dog"),
    )
    found = files(tmp_path / "images")
    assert {path: text.decode() for path, text in found.items()} == {
        "dog/1.png": "A",
        "new fox/2.png": "B",
        "dog/4.png": "D",
        "dog/sub/5.png": "E",
    }
    assert "dog/4.png," in (tmp_path / "reviewed.csv").read_text()
    assert "rename from cat/1.png\nrename to dog/1.png\n" in result["diff"]


def test_below_a_split_the_second_folder_is_the_label(tmp_path: Path) -> None:
    known = folder_of(tmp_path, train__cat__1="A", val__dog__2="B")
    apply(tmp_path, FOLDER, known, ("train/cat/1.png", "relabel", "dog", "cat"))
    assert sorted(files(tmp_path / "images")) == ["train/dog/1.png", "val/dog/2.png"]


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    known = folder_of(tmp_path, cat__1="A", dog__1="B", fox__1="C")
    apply(
        tmp_path,
        FOLDER,
        known,
        ("cat/1.png", "relabel", "dog"),
        ("fox/1.png", "relabel", "dog"),
        ("dog/1.png", "relabel", "cat"),
    )
    assert files(tmp_path / "images") == {
        "dog/1-2.png": b"A",
        "dog/1-3.png": b"C",
        "cat/1-2.png": b"B",
    }


def test_moving_twice_is_moving_once(tmp_path: Path) -> None:
    known = folder_of(tmp_path, cat__1="A", cat__2="B")
    rows = [("cat/1.png", "relabel", "dog", "cat"), ("cat/2.png", "drop")]
    apply(tmp_path, FOLDER, known, *rows)
    result = apply(tmp_path, FOLDER, known, *rows)
    assert result["already"] == 2
    assert files(tmp_path / "images") == {"dog/1.png": b"A"}


@pytest.mark.parametrize("label", ["../x", "a/b", "a\\b", "..", ".hidden", " "])
def test_labels_that_are_no_folder_names(tmp_path: Path, label: str) -> None:
    known = folder_of(tmp_path, cat__1="A")
    with pytest.raises(DecisionError, match="cannot be a folder's name"):
        apply(tmp_path, FOLDER, known, ("cat/1.png", "relabel", label))


@pytest.mark.parametrize("identity", ["../secret.png", "/etc/passwd", "link/secret.png"])
def test_ids_that_leave_the_source_are_unknown(tmp_path: Path, identity: str) -> None:
    folder_of(tmp_path, cat__1="A")
    (tmp_path / "secret.png").write_text("precious")
    (tmp_path / "images" / "link").symlink_to(tmp_path)
    forged = make_scores([identity], ["cat"]).table
    result = apply(tmp_path, FOLDER, forged, (identity, "drop"))
    assert (result["dropped"], result["already"]) == (0, 1)
    assert (tmp_path / "secret.png").exists()


@pytest.mark.parametrize(
    ("label", "says"),
    [
        ("x" * 300, "longer than the 255 bytes"),
        ("ü" * 128, "longer than the 255 bytes"),
        ("taken", "taken is a file"),
        ("link", "link is a link"),
        ("dangling", "dangling is a link"),
    ],
)
def test_a_label_without_a_folder_leaves_everything_as_it_is(
    tmp_path: Path, label: str, says: str
) -> None:
    """The first decisions were carried out, and every later run stopped at this one."""
    known = folder_of(tmp_path, cat__1="A", cat__2="B", dog__3="C")
    images = tmp_path / "images"
    (images / "taken").write_text("a file")
    (images / "link").symlink_to(images / "dog")
    (images / "dangling").symlink_to(tmp_path / "nowhere")
    before = files(images)
    rows = [("cat/1.png", "relabel", "dog"), ("cat/2.png", "relabel", label)]
    with pytest.raises(DecisionError, match=says):
        apply(tmp_path, FOLDER, known, *rows)
    assert files(images) == before
    apply(tmp_path, FOLDER, known, rows[0])
    assert "dog/1.png" in files(images)


def test_a_name_that_a_number_makes_too_long_is_refused(tmp_path: Path) -> None:
    name = "n" * 251
    known = folder_of(tmp_path, **{f"cat__{name}": "A", f"dog__{name}": "B"})
    with pytest.raises(DecisionError, match="longer than the 255 bytes"):
        apply(tmp_path, FOLDER, known, (f"cat/{name}.png", "relabel", "dog"))


def test_a_label_that_would_be_read_as_a_split_is_refused(tmp_path: Path) -> None:
    known = folder_of(tmp_path, a__x__1="A", test__2="B")
    with pytest.raises(DecisionError, match="would be read as splits"):
        apply(tmp_path, FOLDER, known, ("a/x/1.png", "relabel", "train"))
    assert sorted(files(tmp_path / "images")) == ["a/x/1.png", "test/2.png"]


def test_a_labels_file_that_links_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "shared.csv").write_text("id,label\n1,cat\n")
    (tmp_path / "labels.csv").symlink_to("shared.csv")
    with pytest.raises(DecisionError, match=r"is a link to .*shared\.csv"):
        apply(tmp_path, TABLE, None, ("1", "relabel", "dog"))
    assert (tmp_path / "labels.csv").is_symlink()
    # DVC's own links lead to objects that are named by their content.
    cached = tmp_path / "cache/files/md5/ab/0123456789012345678901234567ef"
    cached.parent.mkdir(parents=True)
    (tmp_path / "shared.csv").rename(cached)
    cached.chmod(0o444)
    (tmp_path / "labels.csv").unlink()
    (tmp_path / "labels.csv").symlink_to(cached)
    apply(tmp_path, TABLE, None, ("1", "relabel", "dog"))
    assert (tmp_path / "labels.csv").read_text() == "id,label\n1,dog\n"
    assert cached.read_text() == "id,label\n1,cat\n"
