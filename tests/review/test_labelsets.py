"""Several labels a sample, decided on and written as each table writes them."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cgaudit.errors import DecisionError, LabelsError
from cgaudit.params import SourceParams
from cgaudit.project import Project
from cgaudit.results.applied import Applied
from cgaudit.review import apply_fixes

FIXES = [
    {"id": "a", "action": "relabel", "label": '["dog","bird", "cat"]'},
    {"id": "b", "action": "relabel", "label": []},
    {"id": "c", "action": "relabel", "label": ["dog"]},
    {"id": "e", "action": "drop"},
]


def applied(
    folder: Path,
    name: str,
    fixes: list[dict[str, object]],
    separator: str | None = None,
    **how: bool,
) -> Applied:
    file = folder / "fixes.json"
    file.write_text(json.dumps(fixes), encoding="utf-8")
    source = SourceParams(path=name, label_column="labels", label_separator=separator)
    return apply_fixes(
        file, project=Project(folder), source=source, scores=None, task="multilabel", **how
    )


@pytest.mark.parametrize(
    ("separator", "before", "after"),
    [
        (
            None,
            'id,labels,x\na,"[""cat"",""dog""]",1\nb,"[""cat""]",2\nc,,3\n'
            'd,"[""dog"", ""dog""]",4\ne,[],5\n',
            'id,labels,x\na,"[""cat"",""dog"",""bird""]",1\nb,"[]",2\nc,"[""dog""]",3\n'
            'd,"[""dog"", ""dog""]",4\n',
        ),
        (
            ";",
            "id;labels\r\na;'\r\n".replace("'", '"dog; cat"')
            + 'b;cat\r\nc;\r\nd;"cat; x"\r\ne;"[]"\r\n',
            'id;labels\r\na;"dog; cat; bird"\r\nb;[]\r\nc;dog\r\nd;"cat; x"\r\n',
        ),
        (
            "|",
            "id,labels\na,dog|cat\nb,cat|dog\nc,\nd,x\ne,y\n",
            "id,labels\na,dog|cat|bird\nb,[]\nc,dog\nd,x\n",
        ),
        (
            " ",
            "id,labels\na,dog cat\nb,cat  x\nc,\nd,x\ne,y\n",
            "id,labels\na,dog cat bird\nb,[]\nc,dog\nd,x\n",
        ),
        (
            None,
            "id,labels\na,cat\nb,dog\nc,\nd,x\ne,y\n",
            'id,labels\na,"[""cat"", ""bird"", ""dog""]"\nb,[]\nc,dog\nd,x\n',
        ),
    ],
)  # fmt: skip
def test_a_csv_keeps_its_notation_and_every_other_byte(
    tmp_path: Path, separator: str | None, before: str, after: str
) -> None:
    (tmp_path / "t.csv").write_bytes(before.encode())
    result = applied(tmp_path, "t.csv", FIXES, separator)
    assert (tmp_path / "t.csv").read_bytes().decode() == after
    assert (result["relabelled"], result["dropped"]) == (3, 1)
    assert [new["label"] for new in result["new_labels"]] == ["bird"]
    again = applied(tmp_path, "t.csv", FIXES[:3], separator)
    assert (again["already"], again["relabelled"]) == (3, 0)


def test_json_lines_keep_lists_and_numbers(tmp_path: Path) -> None:
    lines = [
        '{"id": "a", "labels": ["dog", "cat"], "x": 1}',
        '{"id":"b","labels":["cat"]}',
        '{"id": "c", "labels": null}',
        '{"id": "n", "labels": [2, 1]}',
        '{"id": "e", "labels": []}',
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(lines), encoding="utf-8")
    fixes = [*FIXES, {"id": "n", "action": "relabel", "label": ["1", "3"]}]
    applied(tmp_path, "t.jsonl", fixes)
    assert (tmp_path / "t.jsonl").read_text(encoding="utf-8").splitlines() == [
        '{"id": "a", "labels": ["dog", "cat", "bird"], "x": 1}',
        '{"id":"b","labels":[]}',
        '{"id": "c", "labels": ["dog"]}',
        '{"id": "n", "labels": [1, 3]}',
    ]


@pytest.mark.parametrize("kind", ["lists", "texts", "names"])
def test_parquet_keeps_its_type(tmp_path: Path, kind: str) -> None:
    cells: list[object] = [["dog", "cat"], ["cat"], None, ["bird"], []]
    schema = None
    if kind == "texts":
        cells = [None if it is None else json.dumps(it) for it in cells]
    if kind == "names":
        names = ["bird", "cat", "dog"]
        cells = [None if it is None else [names.index(x) for x in it] for it in cells]
        feature = {
            "labels": {"feature": {"names": names, "_type": "ClassLabel"}, "_type": "Sequence"}
        }
        about = {"huggingface": json.dumps({"info": {"features": feature}})}
        schema = pa.schema({"id": pa.string(), "labels": pa.list_(pa.int64())}, metadata=about)
    table = pa.table({"id": list("abcde"), "labels": cells}, schema=schema)
    pq.write_table(table, tmp_path / "t.parquet")
    table = pq.read_table(tmp_path / "t.parquet")
    applied(tmp_path, "t.parquet", FIXES)
    after = pq.read_table(tmp_path / "t.parquet")
    assert after.schema.equals(table.schema, check_metadata=True)
    found = after["labels"].to_pylist()
    if kind == "texts":
        found = [json.loads(it) for it in found]
    if kind == "names":
        found = [[["bird", "cat", "dog"][x] for x in it] for it in found]
    assert found == [["dog", "cat", "bird"], [], ["dog"], ["bird"]]


@pytest.mark.parametrize(
    ("separator", "label", "words"),
    [
        (";", ["a;b"], "'a;b' holds ';'"),
        (";", ["[x"], "would be read as other labels"),
        (None, [" x"], "would be read as other labels"),
        (None, "cat", "is on no set of labels: 'cat'"),
        (None, "[1]", r"is on no set of labels: '\[1\]'"),
        (None, {"cat": 1}, "is on no set of labels"),
    ],
)
def test_what_could_not_be_read_back_is_refused(
    tmp_path: Path, separator: str | None, label: object, words: str
) -> None:
    content = "id,labels\na,x\nb,y\n"
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(DecisionError, match=words):
        applied(tmp_path, "t.csv", [{"id": "a", "action": "relabel", "label": label}], separator)
    assert (tmp_path / "t.csv").read_text() == content


def test_a_decision_on_other_labels_is_a_conflict_and_order_is_none(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('id,labels\na,"[""cat"", ""dog""]"\nb,[]\n')
    row = {"id": "a", "action": "relabel", "label": ["x"]}
    result = applied(tmp_path, "t.csv", [{**row, "given_label": '["cat"]'}], dry_run=True)
    assert [it["what"] for it in result["conflicts"]] == ["label"]
    result = applied(tmp_path, "t.csv", [{**row, "given_label": '["dog","cat"]'}], dry_run=True)
    assert result["conflicts"] == []
    # That no label applies is another answer than none.
    row = {"id": "b", "action": "relabel", "label": [], "given_label": "[]"}
    assert applied(tmp_path, "t.csv", [row], dry_run=True)["already"] == 1


def test_numbers_in_parquet_lists_have_no_place_for_names(tmp_path: Path) -> None:
    table = pa.table({"id": ["a", "b"], "labels": pa.array([[1], [2, 3]], pa.list_(pa.int64()))})
    pq.write_table(table, tmp_path / "t.parquet")
    source = SourceParams(path="t.parquet", label_column="labels")
    (tmp_path / "fixes.json").write_text('[{"id": "a", "action": "relabel", "label": ["x"]}]')
    with pytest.raises(DecisionError, match="no place for names"):
        apply_fixes(
            tmp_path / "fixes.json", project=Project(tmp_path), source=source, scores=None,
            task="multilabel",
        )  # fmt: skip


def test_a_folder_gives_one_label(tmp_path: Path) -> None:
    (tmp_path / "data/cat").mkdir(parents=True)
    with pytest.raises(DecisionError, match="a folder, which gives a file one label"):
        applied(tmp_path, "data", [{"id": "x", "action": "keep"}])


def test_a_cell_that_is_no_set_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,labels\na,x\nb,[x\n")
    with pytest.raises(LabelsError, match=r"t.csv, column 'labels', row 2 .*begins as a list"):
        applied(tmp_path, "t.csv", FIXES)
