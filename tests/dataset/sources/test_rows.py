"""One table as the data: every kind of content from every kind of file, row by row."""

import csv
import hashlib
import io
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from cgaudit.dataset import join_labels, open_source
from cgaudit.dataset.tables import open_table
from cgaudit.errors import ColumnError, FeatureError, SourceError, TableError, UnreadableSample
from cgaudit.params import SourceParams

TEXTS = [f"Is the answer to question number {i}, “yes” or,\nno?" for i in range(9)]
LABELS = ["NA", "007", "<b>"] * 3


def opened(path, **params):
    return open_source(SourceParams(path=str(path), **params))


def written(folder, kind, rows):
    """Write rows (dicts of text) as a table of one of the kinds."""
    path = folder / f"table.{kind}"
    if kind == "parquet":
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        pq.write_table(pa.table(columns), path, row_group_size=4)
    elif kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n\n" for row in rows))
    else:
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter=",\t"[kind == "tsv"])
            writer.writeheader()
            writer.writerows(rows)
    return path


def loaded(source, paths=None):
    paths = source.samples()[0]["path"].tolist() if paths is None else paths
    return {loader.path: loader.load() for loader in source.loaders(paths)}


KINDS = ["csv", "tsv", "jsonl", "parquet"]


# --- text ---


@pytest.mark.parametrize("kind", KINDS)
def test_texts_from_every_kind_of_table(tmp_path, kind):
    rows = [
        {"uid": f"{i:03}", "question": text, "intent": label, "split": "train"}
        for i, (text, label) in enumerate(zip(TEXTS, LABELS, strict=True))
    ]
    source = opened(written(tmp_path, kind, rows))
    samples, skipped = source.samples()
    assert skipped.empty
    assert source.kind == "text"
    assert samples["folder_label"].tolist() == LABELS
    assert samples["id"].tolist() == [f"{i:03}" for i in range(9)]
    assert set(samples["split"]) == {"train"}
    assert list(loaded(source).values()) == TEXTS
    assert source.excerpt("7") == TEXTS[7]
    assert source.picture("7") is None
    assert loaded(source, ["8", "3"]) == {"3": TEXTS[3], "8": TEXTS[8]}
    canonical = json.dumps({"question": TEXTS[2]}, ensure_ascii=False, separators=(",", ":"))
    assert samples["content_hash"][2] == hashlib.md5(canonical.encode()).hexdigest()
    assert source.notes == [
        f"9 texts in {source.root}, column 'question'",
        "id column guessed: 'uid'",
        "label column guessed: 'intent'",
        "split column guessed: 'split'",
        "kind of data inferred from the columns: text",
        "text column guessed: 'question'",
    ]


def test_the_hash_knows_neither_label_nor_place(tmp_path):
    rows = [{"text": text, "label": "a"} for text in TEXTS]
    one = opened(written(tmp_path, "csv", rows)).samples()[0]
    relabelled = [{**row, "label": "b"} for row in rows[::-1]]
    two = opened(written(tmp_path, "csv", relabelled)).samples()[0]
    assert one["content_hash"].tolist() == two["content_hash"].tolist()[::-1]


def test_the_only_column_of_prose_is_the_text(tmp_path):
    rows = [{"frage": text, "label": "a"} for text in TEXTS]
    source = opened(written(tmp_path, "csv", rows))
    assert source.kind == "text"
    assert "text column guessed: 'frage'" in source.notes


def test_empty_texts_are_listed_under_their_id(tmp_path):
    rows = [{"text": t, "label": "a", "id": i} for t, i in [("", "x"), ("  ", ""), (TEXTS[0], "z")]]
    source = opened(written(tmp_path, "csv", rows), kind="text", text_column="text")
    samples, skipped = source.samples()
    assert samples["path"].tolist() == ["2"]
    assert skipped.to_numpy().tolist() == [["1", "the text is empty"], ["x", "the text is empty"]]


def test_a_table_of_labels_may_lie_beside_the_texts(tmp_path):
    rows = [{"id": i, "text": text} for i, text in enumerate(TEXTS)]
    path = written(tmp_path, "csv", rows)
    with pytest.raises(ColumnError, match="looks like a label"):
        opened(path)
    samples, _ = opened(path, labels="labels.csv", label_column="truth").samples()
    assert samples["folder_label"].tolist() == [None] * 9
    assert join_labels(samples).table["id"].tolist() == [str(i) for i in range(9)]


# --- numbers and categories ---


def people():
    ages = ["31", "", "5.5"]
    return [
        {"age": age, "town": town, "income": "1e5", "class": label}
        for age, town, label in zip(ages, ["Rome", "Oslo", ""], "abb", strict=True)
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_columns_from_every_kind_of_table(tmp_path, kind):
    source = opened(written(tmp_path, kind, people()))
    samples, _ = source.samples()
    assert source.kind == "table"
    assert samples["folder_label"].tolist() == ["a", "b", "b"]
    assert loaded(source)["1"] == {"age": None, "town": "Oslo", "income": "1e5"}
    assert source.excerpt("2") == "age: 5.5 · income: 1e5"
    canonical = '{"age":null,"income":"1e5","town":"Oslo"}'
    assert samples["content_hash"][1] == hashlib.md5(canonical.encode()).hexdigest()


def test_typed_cells_become_text(tmp_path):
    table = pa.table(
        {
            "n": [1, None, 3],
            "x": [0.5, float("nan"), 2.0],
            "yes": [True, False, None],
            "day": pa.array([0, 1, 2], pa.date32()),
            "kind": pa.array(["u", "v", "u"]).dictionary_encode(),
            "pair": [[{"a": 1}]] * 3,
            "label": [1.0, 2.0, None],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    source = opened(tmp_path / "t.parquet")
    assert loaded(source) == {
        "0": {"n": "1", "x": "0.5", "yes": "true", "day": "1970-01-01", "kind": "u"},
        "1": {"n": None, "x": None, "yes": "false", "day": "1970-01-02", "kind": "v"},
        "2": {"n": "3", "x": "2", "yes": None, "day": "1970-01-03", "kind": "u"},
    }
    assert source.samples()[0]["folder_label"].tolist() == ["1", "2", None]
    assert "column 'pair' left out: neither numbers nor text" in source.notes


def test_named_feature_columns(tmp_path):
    path = written(tmp_path, "csv", people())
    source = opened(path, feature_columns=["town", "age"])
    assert list(loaded(source)["0"]) == ["town", "age"]
    with pytest.raises(ColumnError, match=r"no column 'size'.*--feature-column.*feature_columns"):
        opened(path, feature_columns=["size"])


def test_a_row_without_any_value_is_listed(tmp_path):
    rows = [*people(), {"age": "", "town": "", "income": "", "class": "a"}]
    _, skipped = opened(written(tmp_path, "csv", rows)).samples()
    assert skipped.to_numpy().tolist() == [["3", "every feature column is empty"]]


# --- pictures ---


def picture(value):
    buffer = io.BytesIO()
    Image.new("L", (4, 4), value).save(buffer, "PNG")
    return buffer.getvalue()


def parquet_pictures(path, column, **columns):
    pq.write_table(pa.table({"image": column, "label": ["a", "b", "b"], **columns}), path)
    return path


def test_pictures_as_bytes(tmp_path):
    data = [picture(10), None, b"not a picture"]
    path = parquet_pictures(tmp_path / "p.parquet", data, id=["x", "y", "z"])
    source = opened(path)
    samples, skipped = source.samples()
    assert source.kind == "images"
    assert samples["content_hash"].tolist() == [hashlib.md5(d).hexdigest() for d in data[::2]]
    assert skipped.to_numpy().tolist() == [["y", "no image in this row"]]
    first, last = source.loaders(["0", "2"])
    assert first.load().getpixel((0, 0)) == (10, 10, 10)
    assert first.size == len(data[0])
    with pytest.raises(UnreadableSample, match="not an image"):
        last.load()
    assert source.picture("0").size == (4, 4)
    assert source.picture("2") is None
    assert source.excerpt("0") is None


def test_pictures_as_hugging_face_writes_them(tmp_path):
    cells = [
        {"bytes": picture(1), "path": "a.png"},
        {"bytes": None, "path": "b.png"},
        {"bytes": picture(3), "path": None},
    ]
    features = {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}
    table = pa.table({"image": cells, "label": [1, 0, -1]})
    facts = json.dumps({"info": {"features": features}})
    pq.write_table(table.replace_schema_metadata({"huggingface": facts}), tmp_path / "h.parquet")
    source = opened(tmp_path / "h.parquet")
    samples, skipped = source.samples()
    assert samples["folder_label"].tolist() == ["dog", None]
    assert skipped["reason"].tolist() == ["no image bytes in this row, only the path 'b.png'"]
    assert source.picture("2").getpixel((0, 0)) == (3, 3, 3)


def test_names_of_image_files_are_no_images(tmp_path):
    rows = [{"path": f"{i}.jpg", "label": "a"} for i in range(3)]
    with pytest.raises(SourceError, match="Give the folder of images as the source, and this tab"):
        opened(written(tmp_path, "csv", rows))


def test_a_batch_of_large_pictures_stays_small(tmp_path):
    big = [np.random.default_rng(i).bytes(3 << 20) for i in range(20)]
    pq.write_table(pa.table({"image": big, "label": ["a"] * 20}), tmp_path / "b.parquet")
    sizes = [batch.num_rows for batch in open_table(tmp_path / "b.parquet").batches(["image"])]
    assert max(sizes) <= 16 / 3
    assert sum(sizes) == 20


# --- vectors ---


def test_vectors_from_json_lines(tmp_path):
    rows = [{"id": f"{i:02}", "vec": [i, i / 7], "label": "ab"[i % 2]} for i in range(9)]
    source = opened(written(tmp_path, "jsonl", rows))
    assert source.kind == "features"
    samples, _ = source.samples()
    vectors = loaded(source)
    np.testing.assert_array_equal(vectors["3"], [3, 3 / 7])
    assert samples["content_hash"][3] == hashlib.md5(np.array([3, 3 / 7]).tobytes()).hexdigest()
    rows[4]["vec"] = [1]
    with pytest.raises(FeatureError, match=r"row 4 .* holds 1 numbers where others hold 2"):
        opened(written(tmp_path, "jsonl", rows))


# --- choosing ---


def test_a_kind_that_is_not_there(tmp_path):
    path = written(tmp_path, "csv", people())
    with pytest.raises(ColumnError, match=r"looks like an image.*'age', 'town', 'income', 'class'"):
        opened(path, kind="images")
    with pytest.raises(FeatureError, match="column 'age' holds no image bytes"):
        opened(path, kind="images", image_column="age")
    with pytest.raises(ColumnError, match="no column 'txt'"):
        opened(path, text_column="txt")


def test_the_kind_can_be_said(tmp_path):
    rows = [{"text": text, "n": "1", "label": "a"} for text in TEXTS]
    path = written(tmp_path, "csv", rows)
    assert opened(path).kind == "text"
    assert opened(path, kind="table").kind == "table"


def test_a_header_alone(tmp_path):
    (tmp_path / "t.csv").write_text("text,label\n")
    with pytest.raises(SourceError, match="no rows"):
        opened(tmp_path / "t.csv")


# --- reading ---


@pytest.mark.parametrize("kind", KINDS)
def test_any_row_can_be_the_first(tmp_path, kind):
    rows = [{"a": str(i), "b": f"{i}\r\nx"} for i in range(11)]
    table = open_table(written(tmp_path, kind, rows))
    assert len(table) == 11
    for start in range(13):
        expected = [(row["b"], row["a"]) for row in rows[start:]]
        assert list(table.rows(["b", "a"], start)) == expected


def test_line_ends(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b'\n\na,b\r\n1,"x\ry"\r2,z\n\n3,"p\nq"\r\n')
    table = open_table(path)
    assert list(table.rows(["a", "b"])) == [("1", "x\ry"), ("2", "z"), ("3", "p\nq")]
    assert list(table.rows(["b"], 2)) == [("p\nq",)]


def test_bytes_that_are_no_text(tmp_path):
    pq.write_table(pa.table({"t": [b"\xff"], "label": ["a"]}), tmp_path / "t.parquet")
    with pytest.raises(TableError, match="bytes where text is needed"):
        opened(tmp_path / "t.parquet", feature_columns=["t"]).samples()


# --- real files ---


def test_banking77(shared_data):
    source = opened(shared_data / "banking77" / "train.csv")
    samples, skipped = source.samples()
    assert (source.kind, len(samples), len(skipped)) == ("text", 10_003, 0)
    truth = pd.read_csv(shared_data / "banking77" / "train.csv")
    rows = samples["path"].astype(int)
    assert (samples["folder_label"].to_numpy() == truth["category"].to_numpy()[rows]).all()
    assert source.excerpt("9999") == truth["text"][9999]


def test_cifar10n(shared_data):
    path = shared_data / "cifar10n-50k" / "train.parquet"
    with pytest.raises(ColumnError, match="'random_label1', 'aggre_label', 'true_label'"):
        opened(path)
    source = opened(path, label_column="aggre_label")
    samples, _ = source.samples()
    assert len(samples) == 50_000
    assert samples["folder_label"].nunique() == 10
    assert source.picture("49999").size == (32, 32)


def test_breast_cancer(tmp_path):
    from sklearn.datasets import load_breast_cancer

    load_breast_cancer(as_frame=True).frame.to_csv(tmp_path / "bc.csv", index=False)
    source = opened(tmp_path / "bc.csv")
    samples, _ = source.samples()
    assert source.kind == "table"
    assert len(samples) == 569
    assert len(loaded(source, ["0"])["0"]) == 30
