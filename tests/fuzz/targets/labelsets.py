"""Several labels a sample: cells that are lists, lists as text, joined labels, or none of these."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from damage import damaged, nested, values
from fuzzing import Input, Target
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sandbox import Verb

ROWS = 24
_LABELS = ("cat", "dog", "c\u0430t", "", " ", "a;b", "=1", "\x1b[31m", "<b>", "x" * 300, '"', "[]")
_SEPARATORS = (None, ";", "|", ", ", "a", "", "[", ";;;;", "\n", " ")

#: Cells that look like sets and are none, or are other ones than they look.
_WRITTEN = st.one_of(
    st.lists(st.sampled_from(_LABELS), max_size=4).map(json.dumps),
    st.lists(st.sampled_from(_LABELS), max_size=4).map(";".join),
    st.sampled_from(
        (
            *("", "[]", "[", '["cat"', "[1, 2]", "[null]", '[["cat"]]', '{"a": 1}', "null", "nan"),
            *("['cat', 'dog']", "cat", ";", ";;cat;", '["cat", "cat"]', "[" * 5000, '["\\ud800"]'),
            *('["cat"] ', '[""]', "cat;dog;cat", "1e999", "#N/A", "\ufeff[]", "cat|dog"),
        )
    ),
    st.text(max_size=8),
)


def _audit(name: str, separator: str | None) -> Verb:
    words = ["audit", name, "--task", "multilabel", "--out", "../out/audit", "--json"]
    words += [] if separator is None else ["--label-separator", separator]
    return Verb(tuple(words), ("out/audit",))


def _good() -> list[dict[str, Any]]:
    rng = np.random.default_rng(0)
    rows = []
    for number in range(ROWS):
        has = [bool(number & 1), bool(number & 2)]
        words = "the one two " + " purr meow" * has[0] + " bark leash" * has[1]
        text = " ".join(rng.permutation(words.split()))
        named = [name for name, there in zip(("cat", "dog"), has, strict=True) if there]
        rows.append({"id": f"r{number:02}", "text": text, "label": named})
    return rows


def _with(cells: dict[int, Any], write: Any) -> list[dict[str, Any]]:
    rows = [{**row, "label": write(row["label"])} for row in _good()]
    for at, cell in cells.items():
        rows[at]["label"] = cell
    return rows


def _some(cells: SearchStrategy[Any]) -> SearchStrategy[dict[int, Any]]:
    return st.dictionaries(st.integers(0, ROWS - 1), cells, max_size=12)


def _as_csv(rows: list[dict[str, Any]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, ("id", "text", "label"), quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode("utf-8", "replace")


def _csv_inputs(_repo: Path) -> SearchStrategy[Input]:
    def laid(cells: dict[int, str], separator: str | None, as_lists: bool) -> Input:
        data = _as_csv(_with(cells, json.dumps if as_lists else ";".join))
        return Input(_audit("t.csv", separator), {"t.csv": data}, rows=ROWS)

    separators = st.one_of(st.sampled_from(_SEPARATORS), st.text(max_size=4))
    hurt = damaged(_as_csv(_with({}, json.dumps)))
    return st.one_of(
        st.builds(laid, _some(_WRITTEN), separators, st.booleans()),
        hurt.map(lambda data: Input(_audit("t.csv", ";"), {"t.csv": data})),
    )


def _jsonl_inputs(_repo: Path) -> SearchStrategy[Input]:
    cells = st.one_of(_WRITTEN, values, st.lists(values, max_size=4))

    def laid(odd: dict[int, Any], separator: str | None) -> Input:
        lines = "\n".join(map(json.dumps, _with(odd, list))).encode()
        return Input(_audit("t.jsonl", separator), {"t.jsonl": lines}, rows=ROWS)

    deep = nested("[", "]").map(
        lambda it: Input(_audit("t.jsonl", None), {"t.jsonl": b'{"text":"a","label":' + it + b"}"})
    )
    return st.one_of(st.builds(laid, _some(cells), st.sampled_from(_SEPARATORS)), deep)


def _parquet_inputs(_repo: Path) -> SearchStrategy[Input]:
    cells = st.one_of(
        st.none(), st.lists(st.one_of(st.none(), st.sampled_from(_LABELS)), max_size=4)
    )

    def written(odd: dict[int, Any]) -> bytes:
        rows, file = _with(odd, list), io.BytesIO()
        columns = {name: [row[name] for row in rows] for name in ("id", "text")}
        labels = pa.array([row["label"] for row in rows], pa.list_(pa.string()))
        pq.write_table(pa.table({**columns, "label": labels}), file, row_group_size=7)
        return file.getvalue()

    return st.one_of(
        _some(cells).map(
            lambda odd: Input(_audit("t.parquet", None), {"t.parquet": written(odd)}, rows=ROWS)
        ),
        damaged(written({})).map(lambda it: Input(_audit("t.parquet", None), {"t.parquet": it})),
    )


TARGETS = [
    Target("label-sets-csv", "bare", _csv_inputs),
    Target("label-sets-jsonl", "bare", _jsonl_inputs),
    Target("label-sets-parquet", "bare", _parquet_inputs),
]
