"""The parts of compare_outputs.py that only compare: each must be able to say that two differ."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

from compare_outputs import ROOT, STORIES, number_commits  # noqa: E402
from compared import code_of, compared, differences, page_parts, parts, table  # noqa: E402

PAGE = """\
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{style}</style>
<script>{script}</script>
<script type="application/json" id="review-data" data-key="k">{data}</script>
"""
PARTS = {
    "policy": "default-src 'none'", "title": "A", "style": "a {}", "script": "\nrun();\n",
    "data": '{"n": 1}',
}  # fmt: skip


def page(**changed: str) -> dict:
    return page_parts(PAGE.format(**{**PARTS, **changed}))


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ({"x": [1, 2]}, {"x": [1, 3]}, [".x[1]: 2 → 3"]),
        ({"x": 1}, {}, [".x: 1 → (absent)"]),
        ([1], [1, None], ["[1]: (absent) → (none)"]),
        (1, 1.0, ["1 → 1.0"]),
        (True, 1, ["True → 1"]),
        ({"x": 1, "y": 2}, {"y": 2, "x": 1}, [": keys in another order"]),
        (float("nan"), float("nan"), []),
        (0.1, 0.1 + 1e-16, ["0.1 → 0.1000000000000001"]),
        (b"ab", b"ac", ["b'ab' → b'ac'"]),
        ("a\nb\n", "a\nc\n", ["line 2: 'b' → 'c'"]),
        ("a\n  b\n", "a\nb\n", ["only blank space differs", "line 2: '  b' → 'b'"]),
        ("a\nc\n", "a\nb\nc\n", ["line 2: (absent) → 'b'"]),
        ("a\nb\nc\n", "a\nc\n", ["line 2: 'b' → (absent)"]),
        ("x" * 50 + "1", "x" * 50 + "2", [f"…'{'x' * 20}1' → …'{'x' * 20}2'"]),
        ("a\n", "a", ["only in how their lines end"]),
        ({"x": "a"}, {"x": None}, [".x: 'a' → (none)"]),
    ],
)
def test_differences_are_found_and_placed(a, b, said) -> None:
    assert list(differences(a, b)) == said
    assert list(differences(a, a)) == []


def test_a_page_is_compared_by_its_parts() -> None:
    same = page()
    assert same["data"] == {"n": 1}
    others = {
        "policy": "none", "title": "B", "style": "b {}", "script": "\nrun(1);\n",
        "data": '{"n": 2}',
    }  # fmt: skip
    for changed, value in others.items():
        other = page(**{changed: value})
        differing = {part for part in same if same[part] != other[part]}
        expected = {"html"} if changed == "title" else {changed}
        if changed == "script":
            expected.add("script without comments")
        assert differing == expected


def test_comments_of_a_script_are_no_code() -> None:
    script = "/**\n * @param {string} x\n */\nrun();  \n\n// why\n  const u = 'http://x';\n"
    assert code_of(script) == ["run();", "const u = 'http://x';"]


def test_a_table_is_compared_by_schema_metadata_and_values(tmp_path: Path) -> None:
    def write(name: str, score: float, version: str, ridge: float) -> dict:
        found = pa.table({"id": ["a"], "score": pa.array([score], pa.float32())})
        metadata = {b"cgaudit": json.dumps({"version": version, "ridge": ridge}).encode()}
        pq.write_table(found.replace_schema_metadata(metadata), tmp_path / name)
        return parts(tmp_path / name)

    first = write("a.parquet", 0.5, "1", 0.1)
    assert write("b.parquet", 0.5, "2", 0.1) == first
    other = write("c.parquet", 0.25, "1", 0.2)
    assert list(differences(first, other)) == [
        ".metadata.cgaudit.ridge: 0.1 → 0.2",
        ".values.score[0]: 0.5 → 0.25",
    ]


def test_two_folders(tmp_path: Path) -> None:
    files = {
        "before": {"a/x.json": '{"n":1}', "y.txt": "y", "z.bin": "z", "gone.txt": ""},
        "after": {"a/x.json": '{\n "n": 1}\n', "y.txt": "Y", "z.bin": "z", "new.txt": ""},
    }
    for side, held in files.items():
        for name, text in held.items():
            path = tmp_path / side / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    found = dict(compared(tmp_path / "before", tmp_path / "after"))
    assert found == {
        "a/x.json": [],
        "gone.txt": ["only before"],
        "new.txt": ["only after"],
        "y.txt": ["'y' → 'Y'"],
        "z.bin": [],
    }
    shown = table(list(found.items()))
    assert "differs  y.txt\n             'y' → 'Y'" in shown
    assert shown.endswith("5 items: 2 same, 3 differ.")


def test_what_is_no_json_is_text(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("error")
    assert parts(tmp_path / "x.json") == {"": "error"}


def test_a_commit_is_put_as_its_number(tmp_path: Path) -> None:
    first, second = "0123456" + "a" * 33, "89abcde" + "b" * 33
    text = f"{first} {first[:7]} {second[:10]} 01234567890123456789 {second[:6]}"
    (tmp_path / "x.txt").write_text(text)
    number_commits(tmp_path, [first, second])
    said = (tmp_path / "x.txt").read_text()
    assert said == f"commit-1 commit-1 commit-2 01234567890123456789 {second[:6]}"


def test_the_tutorials_are_there() -> None:
    for file, _ in STORIES.values():
        assert "```sh\n" in (ROOT / file).read_text(encoding="utf-8")
