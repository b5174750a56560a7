"""Decisions written into labels tables, and runs that are cut short."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datarepo import make_scores
from deciding import TABLE, apply, files, fixes, folder_of

from cgaudit.errors import DecisionError, LabelsError
from cgaudit.pages.apply import apply_text
from cgaudit.params import SourceParams
from cgaudit.project import Project
from cgaudit.review.apply import apply_fixes


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    (tmp_path / "labels.csv").write_bytes(
        b'\xef\xbb\xbfid,note,label\r\n1,"a, b",cat\r\n2,,"dog"\r\n\r\n3,x,cat\r\n4,y,'
    )
    return tmp_path


@pytest.fixture
def scores() -> pd.DataFrame:
    return make_scores(list("1234"), ["cat", "dog", "cat", None]).table


def test_a_table_changes_only_in_the_decided_rows(table: Path, scores: pd.DataFrame) -> None:
    result = apply(
        table,
        TABLE,
        scores,
        ("1", "relabel", "fox", "cat"),
        ("2", "relabel", "fox"),
        ("3", "drop", "", "cat"),
        ("4", "relabel", "cat", ""),
    )
    assert (table / "labels.csv").read_bytes() == (
        b'\xef\xbb\xbfid,note,label\r\n1,"a, b",fox\r\n2,,"fox"\r\n\r\n4,y,cat'
    )
    assert {key: result[key] for key in ("written", "relabelled", "dropped", "kept")} == {
        "written": True, "relabelled": 3, "dropped": 1, "kept": 0,
    }  # fmt: skip
    assert result["changes"][3] == {"id": "4", "action": "relabel", "from": None, "to": "cat"}
    assert result["files"] == ["labels.csv"]
    assert sorted(files(table)) == ["labels.csv"]
    assert json.loads(json.dumps(result)) == result


def test_a_label_that_nobody_has_yet_is_named(table: Path, scores: pd.DataFrame) -> None:
    rows = [("1", "relabel", "dgo"), ("2", "relabel", "cat"), ("3", "relabel", "zebra")]
    result = apply(table, TABLE, scores, *rows, dry=True)
    assert result["new_labels"] == [
        {"label": "dgo", "samples": 1, "nearest": "dog", "respelt": False},
        {"label": "zebra", "samples": 1, "nearest": None, "respelt": False},
    ]
    said = apply_text(result)
    assert "Labels that no sample has yet: is each meant? (2)" in said
    assert "dgo    1        dog" in said
    assert "zebra  1        (none)" in said


def test_a_label_that_is_another_spelling_of_a_known_one_is_named(
    table: Path, scores: pd.DataFrame
) -> None:
    result = apply(table, TABLE, scores, ("1", "relabel", "d\u043eg"), dry=True)
    assert result["new_labels"] == [
        {"label": "d\u043eg", "samples": 1, "nearest": "dog", "respelt": True}
    ]
    assert "'d\\u043eg'  1        'dog', spelt otherwise" in apply_text(result)


def test_what_is_kept_is_remembered(table: Path, scores: pd.DataFrame) -> None:
    before = (table / "labels.csv").read_bytes()
    result = apply(table, TABLE, scores, ("1", "keep", "", "cat"), ("2", "keep"))
    assert (table / "labels.csv").read_bytes() == before
    memory = "id,content_hash,label,decision\n1,h-1,cat,keep\n2,h-2,dog,keep\n"
    assert (table / "reviewed.csv").read_text() == memory
    assert result["files"] == ["reviewed.csv"]
    # Decided otherwise later: the label is another, and nothing is remembered of it.
    apply(table, TABLE, scores, ("1", "relabel", "fox"))
    assert (table / "reviewed.csv").read_text() == memory.replace("1,h-1,cat,keep\n", "")


def test_a_reason_is_remembered_whoever_gave_it(table: Path, scores: pd.DataFrame) -> None:
    """It was in the file that the desk wrote, and went without a word."""
    fixes = table / "fixes.json"
    fixes.write_text('[{"id": "1", "action": "relabel", "label": "fox", "comment": "red, bushy"}]')
    apply_fixes(fixes, project=Project(table), source=TABLE, scores=scores)
    assert '1,h-1,fox,relabel,,,"red, bushy"' in (table / "reviewed.csv").read_text()


def test_conflicts_are_reported_and_nothing_is_written(table: Path, scores: pd.DataFrame) -> None:
    before = files(table)
    result = apply(
        table,
        TABLE,
        scores,
        ("1", "relabel", "fox", "dog"),
        ("2", "relabel", "fox", "dog"),
        ("3", "keep", "", "owl"),
        ("4", "drop", "", "cat"),
    )
    assert result["conflicts"] == [
        {"id": "1", "action": "relabel", "what": "label", "decided_on": "dog", "now": "cat"},
        {"id": "3", "action": "keep", "what": "label", "decided_on": "owl", "now": "cat"},
        {"id": "4", "action": "drop", "what": "label", "decided_on": "cat", "now": None},
    ]
    assert not result["written"]
    assert files(table) == before
    assert apply_text(result).startswith("Nothing was written: 3 decisions no longer fit")


def test_a_decision_on_other_content_is_a_conflict(table: Path, scores: pd.DataFrame) -> None:
    file = table / "fixes.json"
    file.write_text('[{"id": "1", "action": "keep", "content_hash": "other"}]')
    result = apply_fixes(file, project=Project(table), source=TABLE, scores=scores)
    assert [row["what"] for row in result["conflicts"]] == ["content"]


def test_a_dry_run_shows_and_writes_nothing(table: Path, scores: pd.DataFrame) -> None:
    before = files(table)
    rows = [("1", "relabel", "fox", "cat"), ("3", "drop"), ("2", "keep")]
    result = apply(table, TABLE, scores, *rows, dry=True)
    assert files(table) == before
    assert not result["written"]
    assert result["diff"].split("\n") == [
        "--- a/labels.csv",
        "+++ b/labels.csv",
        "@@ -2,1 +2,1 @@",
        '-1,"a, b",cat\r',
        '+1,"a, b",fox\r',
        "@@ -5,1 +4,0 @@",
        "-3,x,cat\r",
        "--- a/reviewed.csv",
        "+++ b/reviewed.csv",
        "@@ -0,0 +1,2 @@",
        "+id,content_hash,label,decision",
        "+2,h-2,dog,keep",
        "",
    ]
    shown = apply_text(result, with_diff=True)
    assert shown.startswith("Would be 1 relabelled, 1 dropped, 1 kept.\n")
    assert '+1,"a, b",fox' in shown
    written = apply(table, TABLE, scores, *rows)
    assert written["diff"] == result["diff"]


def test_applying_twice_is_applying_once(table: Path, scores: pd.DataFrame) -> None:
    rows = [("1", "relabel", "fox", "cat"), ("3", "drop", "", "cat"), ("2", "keep", "", "dog")]
    apply(table, TABLE, scores, *rows)
    after = files(table)
    result = apply(table, TABLE, scores, *rows)
    assert (result["relabelled"], result["dropped"], result["already"]) == (0, 0, 2)
    assert files(table) == after
    assert "2 done before" in apply_text(result)


def test_unknown_samples_stop_everything(table: Path, scores: pd.DataFrame) -> None:
    before = files(table)
    with pytest.raises(DecisionError, match="not there: '9'"):
        apply(table, TABLE, scores, ("1", "relabel", "fox"), ("9", "drop"))
    assert files(table) == before


def test_keeping_needs_the_scores(table: Path) -> None:
    with pytest.raises(DecisionError, match="cgaudit run"):
        apply(table, TABLE, None, ("1", "keep"))
    assert apply(table, TABLE, None, ("1", "relabel", "fox"))["written"]


def test_a_table_without_ids_is_told_by_paths(tmp_path: Path) -> None:
    for name in ("images/a/1.png", "images/2.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "labels.csv").write_text("path,label\nimages/2.png,cat\nimages/a/1.png,dog\n")
    known = make_scores(["2.png", "a/1.png"], ["cat", "dog"]).table
    apply(tmp_path, TABLE, known, ("a/1.png", "relabel", "fox", "dog"))
    assert (tmp_path / "labels.csv").read_text() == (
        "path,label\nimages/2.png,cat\nimages/a/1.png,fox\n"
    )
    with pytest.raises(DecisionError, match="no column of ids"):
        apply(tmp_path, TABLE, None, ("a/1.png", "relabel", "fox"))


def test_one_table_that_is_the_source(tmp_path: Path) -> None:
    (tmp_path / "data.tsv").write_text("text\tintent\nhello, you\tgreet\nbye\tgreet\n")
    source = SourceParams(path="data.tsv")
    known = make_scores(["0", "1"], ["greet", "greet"]).table
    apply(tmp_path, source, known, ("1", "relabel", "leave", "greet"))
    assert (tmp_path / "data.tsv").read_text() == ("text\tintent\nhello, you\tgreet\nbye\tleave\n")


def test_json_lines(tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_text('{"id": 7, "label": 1}\n{"id": 8, "label": 2}\n')
    source = SourceParams(path="d.jsonl")
    apply(tmp_path, source, None, ("8", "relabel", "1", "2"))
    assert (tmp_path / "d.jsonl").read_text() == '{"id": 7, "label": 1}\n{"id": 8, "label": 1}\n'


def test_json_lines_of_lists(tmp_path: Path) -> None:
    lists = ["[7]", "[]", '["cat", "dog"]', "[8]"]
    lines = [f'{{"id": {number}, "label": {it}}}\n' for number, it in enumerate(lists)]
    (tmp_path / "d.jsonl").write_text("".join(lines))
    source = SourceParams(path="d.jsonl")
    apply(
        tmp_path,
        source,
        None,
        *(("0", "relabel", "8", "7"), ("1", "relabel", "8"), ("2", "relabel", "cat")),
    )
    written = [line.split("label")[1] for line in (tmp_path / "d.jsonl").read_text().splitlines()]
    assert written == ['": [8]}', '": ["8"]}', '": ["cat"]}', '": [8]}']


def test_parquet(tmp_path: Path) -> None:
    data = {"id": ["a", "b"], "image": [b"\xff1", b"\xff2"], "label": ["cat", "dog"]}
    pq.write_table(pa.table(data), tmp_path / "d.parquet")
    source = SourceParams(path="d.parquet")
    result = apply(tmp_path, source, None, ("a", "relabel", "dog", "cat"), ("b", "drop"))
    assert pq.read_table(tmp_path / "d.parquet").to_pylist() == [
        {"id": "a", "image": b"\xff1", "label": "dog"}
    ]
    assert result["diff"] == "Binary file d.parquet changes\n"


def test_arrays_cannot_be_edited(tmp_path: Path) -> None:
    with pytest.raises(DecisionError, match=r"labels\.npy cannot be edited"):
        apply(tmp_path, SourceParams(labels="labels.npy"), None, ("1", "drop"))


def test_a_table_that_is_a_link_is_replaced_not_written_through(
    table: Path, scores: pd.DataFrame
) -> None:
    cached = table / "cached"
    (table / "labels.csv").rename(cached)
    cached.chmod(0o444)
    os.link(cached, table / "labels.csv")
    before = cached.read_bytes()
    apply(table, TABLE, scores, ("1", "relabel", "fox"))
    assert cached.read_bytes() == before
    assert b"fox" in (table / "labels.csv").read_bytes()


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelsError, match=r"labels\.csv"):
        apply(tmp_path, TABLE, None, ("1", "drop"))


def test_a_dry_run_does_not_finish_a_killed_run(table: Path, scores: pd.DataFrame) -> None:
    journal = Project(table).journal
    journal.parent.mkdir()
    journal.write_text("{}")
    with pytest.raises(DecisionError, match="cut short"):
        apply(table, TABLE, scores, ("1", "drop"), dry=True)


RUN = """
import sys
from pathlib import Path
import pandas as pd
from cgaudit.params import SourceParams
from cgaudit.project import Project
from cgaudit.review.apply import apply_fixes
project = Path(sys.argv[1])
labels = sys.argv[2] or None
print("ready", flush=True)
apply_fixes(
    project / "fixes.csv",
    project=Project(project),
    source=SourceParams(path="images", labels=labels),
    scores=pd.read_parquet(project / "scores.parquet"),
)
"""


@pytest.mark.slow
@pytest.mark.parametrize("labels", ["", "labels.csv"])
def test_killed_at_a_random_moment_the_next_run_completes(tmp_path: Path, labels: str) -> None:
    n, chance = 400, random.Random(0)
    for attempt in range(8):
        project = tmp_path / str(attempt)
        known = folder_of(project, **{f"cat__{i:03d}": str(i) for i in range(n)})
        known.to_parquet(project / "scores.parquet")
        ids = known["id"].tolist()
        if labels:
            lines = "".join(f"{name},cat\n" for name in ids)
            (project / labels).write_text("id,label\n" + lines)
        rows = [(name, "relabel", "dog", "cat") for name in ids[: n // 2]]
        rows += [(name, "drop", "", "cat") for name in ids[n // 2 : n // 2 + 50]]
        rows += [(name, "keep", "", "cat") for name in ids[n // 2 + 50 :]]
        fixes(project, *rows)
        command = [sys.executable, "-c", RUN, str(project), labels]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.12))
            process.send_signal(signal.SIGKILL)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        assert not Project(project).journal.exists()
        assert (project / "reviewed.csv").read_text().count("keep") == 150
        if labels:
            kept = (project / labels).read_text().splitlines()[1:]
            assert [line.endswith("dog") for line in kept] == [True] * 200 + [False] * 150
        else:
            contents = sorted(int(text) for text in files(project / "images").values())
            assert contents == [*range(200), *range(250, 400)]
            assert len(list((project / "images/dog").iterdir())) == 200


def command(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cgaudit", "apply", *arguments],
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_command(table: Path) -> None:
    (table / "params.yaml").write_text("cgaudit: {source: {path: images, labels: labels.csv}}\n")
    file = fixes(table, ["1", "relabel", "dog", "cat"])
    before = (table / "labels.csv").read_bytes()
    dry = command(table, file.name, "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert '+1,"a, b",dog' in dry.stdout
    assert (table / "labels.csv").read_bytes() == before
    done = command(table, file.name, "--json")
    assert json.loads(done.stdout)["relabelled"] == 1
    assert (table / "labels.csv").read_bytes() == before.replace(b'b",cat', b'b",dog')
    # Somebody else has decided otherwise in the meantime.
    conflict = command(table, fixes(table, ["1", "relabel", "fox", "cat"]).name)
    assert conflict.returncode == 2
    assert "Nothing was written" in conflict.stdout
    assert command(table, "nowhere.csv").stderr.startswith("cgaudit: nowhere.csv cannot be read")
