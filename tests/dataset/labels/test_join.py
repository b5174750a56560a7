"""Every row of labels and every file is used or accounted for."""

import unicodedata

import pytest

from cgaudit.dataset import join_labels, read_labels
from cgaudit.dataset.samples import Sample, Skip, samples_table, skipped_table
from cgaudit.errors import LabelsError, SourceError


def table(tmp_path, text, name="labels.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def files(*paths):
    return samples_table(Sample(path, f"{i:032x}") for i, path in enumerate(paths))


def found(joined):
    return dict(zip(joined.table["id"], joined.table["path"], strict=True))


def reasons(joined):
    return dict(zip(joined.skipped["id"], joined.skipped["reason"], strict=True))


def test_without_a_table_the_source_speaks():
    samples = samples_table([Sample("b/2.png", "2" * 32, "b"), Sample("1.png", "1" * 32)])
    joined = join_labels(samples)
    assert joined.table.to_dict("list") == {
        "id": ["1.png", "b/2.png"],
        "path": ["1.png", "b/2.png"],
        "content_hash": ["1" * 32, "2" * 32],
        "label": [None, "b"],
        "split": [None, None],
    }


def test_own_ids_count_once():
    samples = samples_table(Sample(str(i), f"{i:032x}", "x", None, "same") for i in range(11))
    joined = join_labels(samples)
    assert found(joined) == {"same": "0"}
    assert joined.skipped["reason"].tolist()[1] == "row 10 repeats the id of row 0"
    assert len(joined.skipped) == 10


@pytest.mark.parametrize("written", ["images/a.png", "./images/../images/a.png", "a.png"])
def test_paths_beside_the_table_then_below_the_source(tmp_path, written):
    labels = read_labels(table(tmp_path, f"id,path,label\n7,{written},cat\n"))
    joined = join_labels(files("a.png"), labels, root=tmp_path / "images")
    assert found(joined) == {"7": "a.png"}
    assert joined.table["label"].tolist() == ["cat"]


def test_beside_the_table_wins(tmp_path):
    (tmp_path / "x").mkdir()
    labels = read_labels(table(tmp_path / "x", "path,label\na.png,cat\n"))
    joined = join_labels(files("a.png", "x/a.png"), labels, root=tmp_path)
    assert found(joined) == {"x/a.png": "x/a.png"}
    assert reasons(joined) == {"a.png": "no usable row in labels.csv"}


def test_a_table_beside_the_source_may_climb_into_it(tmp_path):
    (tmp_path / "meta").mkdir()
    labels = read_labels(table(tmp_path / "meta", "path,label\n../images/a.png,cat\n"))
    joined = join_labels(files("a.png"), labels, root=tmp_path / "images")
    assert found(joined) == {"a.png": "a.png"}


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("/etc/passwd", "absolute path"),
        ("C:\\data\\a.png", "absolute path"),
        ("../../etc/passwd", "leaves the source"),
        ("..", "leaves the source"),
        ("b.png", "no usable file at 'b.png'"),
        ("", "its file name is empty"),
    ],
)
def test_rows_that_fit_no_file(tmp_path, written, reason):
    labels = read_labels(table(tmp_path, f"id,path,label\n1,a.png,x\n2,{written},y\n"))
    joined = join_labels(files("a.png"), labels, root=tmp_path)
    assert found(joined) == {"1": "a.png"}
    assert reason in reasons(joined)["2"]
    assert reasons(joined)["2"].startswith("row 2 of labels.csv: ")


def test_composed_and_decomposed_names_meet(tmp_path):
    nfc, nfd = (unicodedata.normalize(form, "é.png") for form in ("NFC", "NFD"))
    labels = read_labels(table(tmp_path, f"path,label\n{nfc},cat\n"))
    assert found(join_labels(files(nfd), labels, root=tmp_path)) == {nfd: nfd}
    both = join_labels(files(nfd, nfc), labels, root=tmp_path)
    assert found(both) == {nfc: nfc}


def test_ids_find_names_and_stems_if_unique(tmp_path):
    labels = read_labels(table(tmp_path, "id,label\nx/a.png,1\nb.png,2\nc,3\nd,4\n"))
    joined = join_labels(files("x/a.png", "y/b.png", "y/c.jpg", "y/d.jpg", "z/d.jpg"), labels)
    assert found(joined) == {"x/a.png": "x/a.png", "b.png": "y/b.png", "c": "y/c.jpg"}
    assert "more than one" in reasons(joined)["d"]
    assert reasons(joined)["z/d.jpg"] == "no usable row in labels.csv"


def test_repeated_ids_keep_the_first(tmp_path):
    labels = read_labels(table(tmp_path, "id,path,label\n1,a.png,x\n1,b.png,y\n,b.png,z\n"))
    joined = join_labels(files("a.png", "b.png"), labels, root=tmp_path)
    assert joined.table[["id", "label"]].to_numpy().tolist() == [["1", "x"]]
    assert reasons(joined) == {
        "1": "row 2 of labels.csv repeats the id of row 1",
        "b.png": "no usable row in labels.csv",
    } | {"b.png": reasons(joined)["b.png"]}
    assert "row 3 of labels.csv has no id" in joined.skipped["reason"].tolist()


def test_sorted_by_id_whatever_the_order(tmp_path):
    labels = read_labels(table(tmp_path, "id,path,label\nz,a.png,1\na,c.png,2\nm,b.png,3\n"))
    joined = join_labels(files("a.png", "b.png", "c.png"), labels, root=tmp_path)
    assert joined.table["id"].tolist() == ["a", "m", "z"]


def test_on_error_fail(tmp_path):
    labels = read_labels(table(tmp_path, "id,path,label\n1,a.png,x\n2,gone.png,y\n"))
    with pytest.raises(SourceError, match=r"'2': row 2 of labels\.csv: no usable file"):
        join_labels(files("a.png"), labels, root=tmp_path, on_error="fail")


def test_nothing_fits(tmp_path):
    labels = read_labels(table(tmp_path, "id,path,label\n1,b.png,x\n"))
    with pytest.raises(LabelsError, match="belongs to a sample of the source"):
        join_labels(files("a.png"), labels, root=tmp_path)


def test_a_table_of_labels_only_needs_rows(tmp_path):
    labels = read_labels(table(tmp_path, "label\ncat\n"))
    with pytest.raises(LabelsError, match="no column of file names or ids"):
        join_labels(files("a.png"), labels, root=tmp_path)


def numbered(count, ids=None):
    return samples_table(
        Sample(str(i), f"{i:032x}", None, None, ids[i] if ids else None) for i in range(count)
    )


def test_rows_by_position(tmp_path):
    text = "label\n" + "".join(f"c{i}\n" for i in range(12))
    joined = join_labels(numbered(12), read_labels(table(tmp_path, text)))
    by_id = dict(zip(joined.table["id"], joined.table["label"], strict=True))
    assert by_id["10"] == "c10"
    assert by_id["2"] == "c2"


def test_rows_by_own_id(tmp_path):
    labels = read_labels(table(tmp_path, "id,label\nq,1\np,2\nr,3\n"))
    joined = join_labels(numbered(2, ["p", "q"]), labels)
    assert joined.table[["id", "path", "label"]].to_numpy().tolist() == [
        ["p", "0", "2"],
        ["q", "1", "1"],
    ]
    assert reasons(joined) == {"r": "row 3 of labels.csv: the source has no such id"}


def test_row_counts_must_agree(tmp_path):
    labels = read_labels(table(tmp_path, "label\na\nb\n"))
    with pytest.raises(LabelsError, match="has 2 rows, the source 3"):
        join_labels(numbered(3), labels)


# --- what could not be read ---


def unread(**reasons):
    return skipped_table(Skip(name.replace("_", "."), why) for name, why in reasons.items())


def test_a_row_of_an_unreadable_file_is_listed_once_under_its_own_id(tmp_path):
    labels = read_labels(table(tmp_path, "id,path,label\n1,a.png,x\n2,b.png,y\n3,gone.png,y\n"))
    unreadable = unread(b_png="damaged image (truncated)", notes_txt="not an image")
    joined = join_labels(files("a.png"), labels, root=tmp_path, unreadable=unreadable)
    assert found(joined) == {"1": "a.png"}
    assert reasons(joined) == {
        "2": "b.png: damaged image (truncated)",
        "3": "row 3 of labels.csv: no usable file at 'gone.png'",
        "notes.txt": "not an image",
    }
    assert len(joined.skipped) == 3


def test_an_unreadable_file_is_found_by_name_too(tmp_path):
    labels = read_labels(table(tmp_path, "id,label\na,x\nb,y\nb.png,y\n"))
    joined = join_labels(files("a.png"), labels, unreadable=unread(b_png="damaged"))
    assert sorted(joined.skipped.to_numpy().tolist()) == [
        ["b", "b.png: damaged"],
        ["b.png", "damaged"],
    ]


def test_without_a_table_the_unreadable_are_listed_as_they_are():
    joined = join_labels(files("a.png"), unreadable=unread(b_png="damaged"))
    assert reasons(joined) == {"b.png": "damaged"}


def test_unreadable_rows_count_in_a_join_by_position(tmp_path):
    samples = samples_table(Sample(str(i), f"{i:032x}") for i in (0, 2))
    labels = read_labels(table(tmp_path, "label\na\nb\nc\n"))
    joined = join_labels(samples, labels, unreadable=skipped_table([Skip("1", "no image")]))
    assert joined.table["label"].tolist() == ["a", "c"]
    assert reasons(joined) == {"1": "no image"}


def test_unreadable_rows_with_ids_of_their_own(tmp_path):
    samples = samples_table(Sample(str(i), f"{i:032x}", id="abc"[i]) for i in (0, 2))
    unreadable = skipped_table([Skip("b", "no image")])
    by_id = read_labels(table(tmp_path, "id,label\nc,1\nb,2\na,3\n"))
    by_place = read_labels(table(tmp_path, "label\n3\n2\n1\n", "places.csv"))
    for labels in (by_id, by_place):
        joined = join_labels(samples, labels, unreadable=unreadable)
        assert sorted(joined.table["label"]) == ["1", "3"]
        assert joined.skipped.to_numpy().tolist() == [["b", "no image"]]


WRITTEN = {
    "with slashes for backslashes": lambda kind, name: f"{kind}\\{name}",
    "from the folder of the source on": lambda kind, name: f"images/{kind}/{name}",
    "in upper or lower case": lambda kind, name: f"{kind}/{name}".upper(),
    "by their file names alone": lambda _, name: name.split(".")[0],
}


def written_as(tmp_path, write, extra=()):
    files = [("cat", "1.png"), ("cat", "2.png"), ("dog", "3.png")]
    root, file = tmp_path / "set/images", tmp_path / "notes/labels.csv"
    file.parent.mkdir()
    rows = [f"{write(*it)},{it[0]}" for it in files] + list(extra)
    file.write_text("\n".join(["file_name,label", *rows]) + "\n")
    samples = samples_table(Sample(f"{kind}/{name}", "0" * 32) for kind, name in files)
    return join_labels(samples, read_labels(file), root=root)


@pytest.mark.parametrize("way", WRITTEN)
def test_paths_written_in_another_way_are_found_and_it_is_said(tmp_path, way):
    joined = written_as(tmp_path, WRITTEN[way])
    assert joined.table["path"].tolist() == ["cat/1.png", "cat/2.png", "dog/3.png"]
    assert joined.table["label"].tolist() == ["cat", "cat", "dog"]
    assert joined.notes == [f"the paths in labels.csv are read {way}"]
    assert joined.skipped.empty


@pytest.mark.parametrize("folder", ["/home/a/set/images", "C:\\set\\images", "\\\\nas\\images"])
def test_absolute_paths_are_found_by_the_folder_of_the_source(tmp_path, folder):
    joined = written_as(tmp_path, lambda kind, name: f"{folder}/{kind}/{name}")
    assert joined.table["path"].tolist() == ["cat/1.png", "cat/2.png", "dog/3.png"]


def test_what_is_written_as_it_should_be_is_read_in_no_other_way(tmp_path):
    joined = written_as(tmp_path, lambda kind, name: f"{kind}/{name}", ["CAT/1.PNG,x", "9,x"])
    assert len(joined.table) == 3
    assert joined.notes == []
    reasons = joined.skipped["reason"].tolist()
    assert sorted(reason.split(": ")[1] for reason in reasons) == [
        "no usable file at '9'",
        "no usable file at 'CAT/1.PNG'",
    ]


def test_where_no_row_fits_the_reasons_are_counted_and_both_sides_shown(tmp_path):
    with pytest.raises(LabelsError) as caught:
        written_as(tmp_path, lambda kind, name: f"../{kind}/no{name}", ["/etc/passwd,x"])
    said = str(caught.value)
    assert said.startswith("None of the 4 rows of ")
    assert "row 1 of labels.csv: no usable file at" in said or "leaves the source" in said
    assert said.count(" × ") == 2
    assert "The source's are such as 'cat/1.png', 'cat/2.png'." in said


def test_no_way_leads_out_of_the_source(tmp_path):
    (tmp_path / "set").mkdir()
    (tmp_path / "set/secret.png").write_text("x")
    with pytest.raises(LabelsError):
        written_as(tmp_path, lambda *_: "../secret.png")


def rows_without_ids(n):
    return samples_table(Sample(str(i), f"{i:032x}") for i in range(n))


def labels_by_path(joined):
    return dict(zip(joined.table["path"], joined.table["label"], strict=True))


def test_ids_that_are_row_numbers_find_their_rows_in_any_order_and_number(tmp_path):
    labels = read_labels(table(tmp_path, "id,label\n3,d\n0,a\n2,c\n"))
    joined = join_labels(rows_without_ids(5), labels)
    assert labels_by_path(joined) == {"0": "a", "2": "c", "3": "d"}
    assert set(joined.skipped["id"]) == {"1", "4"}
    assert joined.notes == [
        "the ids in labels.csv are taken for the numbers of the source's rows, counted from 0"
    ]


def test_ids_in_order_need_no_word(tmp_path):
    labels = read_labels(table(tmp_path, "id,label\n0,a\n1,b\n"))
    joined = join_labels(rows_without_ids(2), labels)
    assert labels_by_path(joined) == {"0": "a", "1": "b"}
    assert not joined.notes


@pytest.mark.parametrize("ids", [("x", "y", "z"), ("1", "2", "3")])
def test_labels_with_ids_taken_by_position_are_announced(tmp_path, ids):
    text = "id,label\n" + "".join(f"{name},{name}!\n" for name in ids)
    joined = join_labels(rows_without_ids(3), read_labels(table(tmp_path, text)))
    assert labels_by_path(joined) == {str(i): f"{name}!" for i, name in enumerate(ids)}
    assert "labels are taken by position, row by row" in joined.notes[0]


def test_numbers_from_one_in_another_order_are_refused(tmp_path):
    labels = read_labels(table(tmp_path, "id,label\n3,c\n1,a\n2,b\n"))
    with pytest.raises(LabelsError, match="Sort it by id"):
        join_labels(rows_without_ids(3), labels)


def test_another_number_of_rows_whose_ids_say_nothing_is_refused(tmp_path):
    labels = read_labels(table(tmp_path, "id,label\nx,a\ny,b\n"))
    with pytest.raises(LabelsError, match="2 rows, the source 3, and its ids are not the numbers"):
        join_labels(rows_without_ids(3), labels)


def test_a_sample_without_a_row_is_listed_under_its_own_id(tmp_path):
    samples = samples_table(Sample(str(i), f"{i:032x}", None, None, str(i + 1)) for i in range(4))
    joined = join_labels(samples, read_labels(table(tmp_path, "id,label\n1,a\n2,b\n4,d\n")))
    assert reasons(joined) == {"3": "no usable row in labels.csv"}
