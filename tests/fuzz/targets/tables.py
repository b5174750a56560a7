"""Tables and arrays as the data: CSV, TSV, JSON lines, Parquet, Arrow and NumPy files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from damage import (
    damaged,
    forged_json,
    forged_npy,
    forged_npz,
    forged_table,
    nested,
    odd_files,
    values,
    zipped,
)
from fuzzing import Input, Target
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sandbox import Content, Verb

ROWS = 24
_COLUMNS = ("id", "text", "width", "price", "vector", "kind", "label")
_ODD_COLUMNS = ("", "Unnamed: 0", "index", "embedding", "image", "split", "a\nb", "=1", "label")

#: Cells that readers have taken for something else than they are.
_ODD_CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        (
            *("", " ", "#N/A", "<0.01", "inf", "-inf", "nan", "1e999", "1.234,5", "$1,000", "−3"),
            *("12 %", "1" * 400, "[1, 2]", "[[1], [2, 3]]", "[...]", "0.1 0.2 0.3 0.4", "[nan]"),
            *("true", "TRUE", "007", "1.0", "cat\0", "c\u0430t", "cat\u200b", "a\rb", "a\n\nb"),
            *("\ud83d\ude00", "=cmd()", "::error::x", "\x1b[31m", "x" * 5000, '"', ",;\t", "sep=;"),
        )
    ),
)


def _audit(name: str, *more: str) -> Verb:
    words = ("audit", name, "--out", "../out/audit", "--json", *more)
    return Verb(words, ("out/audit",))


def _good_rows() -> list[list[str]]:
    rng = np.random.default_rng(0)
    rows = []
    for number in range(ROWS):
        kind = number % 2
        words = (("purr litter meow fur", "bark leash puppy walk"))[kind].split()
        text = " ".join(rng.choice(words, 6))
        numbers = rng.normal(4 * kind, 1, 3).round(3).tolist()
        width, price = f"{numbers[0]}", f"{1000 * kind + number}"
        rows.append(
            [f"r{number:02}", text, width, price, str(numbers), "ab"[kind], ("cat", "dog")[kind]]
        )
    return rows


def _rows(columns: Sequence[str]) -> SearchStrategy[list[list[str]]]:
    """Return rows of which some cells are odd; at least half of the labels are good ones."""
    at = st.tuples(st.integers(0, ROWS - 1), st.integers(0, len(columns) - 1))
    whole = _good_rows()

    def put(cells: dict[tuple[int, int], str]) -> list[list[str]]:
        rows = [[*row, *[""] * (len(columns) - len(row))][: len(columns)] for row in whole]
        for (row, column), cell in cells.items():
            rows[row][column] = cell
        return rows

    return st.dictionaries(at, _ODD_CELLS, max_size=20).map(put)


_heads = st.one_of(
    st.just(list(_COLUMNS)),
    st.lists(st.sampled_from(_COLUMNS + _ODD_COLUMNS), min_size=1, max_size=7, unique=True),
)
_tables = _heads.flatmap(lambda head: st.tuples(st.just(head), _rows(head)))
_Table = tuple[list[str], list[list[str]]]


def _delimited(delimiter: str) -> Callable[[_Table], bytes]:
    def write(table: _Table) -> bytes:
        file = io.StringIO(newline="")
        writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerows([table[0], *table[1]])
        return file.getvalue().encode("utf-8", "replace")

    return write


def _json_lines(table: _Table) -> bytes:
    head, rows = table
    lines = [json.dumps(dict(zip(head, row, strict=True))) for row in rows]
    return "\n".join(lines).encode()


def _arrow(table: _Table) -> pa.Table:
    head, rows = table
    cells = [[cell.encode("utf-8", "replace").decode() for cell in row] for row in rows]
    return pa.table(dict(zip(head, map(list, zip(*cells, strict=True)), strict=True)))


def _parquet(table: _Table) -> bytes:
    file = io.BytesIO()
    pq.write_table(_arrow(table), file, row_group_size=7)
    return file.getvalue()


def _one_file(
    name: str, write: Callable[[_Table], bytes], *forged: SearchStrategy[bytes]
) -> Callable[[Path], SearchStrategy[Input]]:
    """Return inputs of one table, written well or not."""
    valid = write((list(_COLUMNS), _good_rows()))

    def inputs(_repo: Path) -> SearchStrategy[Input]:
        well = _tables.map(lambda table: Input(_audit(name), {name: write(table)}, rows=ROWS))
        labelled = _tables.map(
            lambda table: Input(
                _audit("texts.csv", "--labels", name),
                {name: write(table), "texts.csv": _delimited(",")((list(_COLUMNS), _good_rows()))},
            )
        )
        content: SearchStrategy[Content] = st.one_of(damaged(valid), *forged, odd_files)
        ill = content.map(lambda data: Input(_audit(name), {name: data}))
        return st.one_of(well, labelled, ill)

    return inputs


_json_rows = st.lists(st.dictionaries(st.sampled_from(_COLUMNS), values, max_size=7), max_size=30)
_forged_lines = st.one_of(
    _json_rows.map(lambda rows: "\n".join(map(json.dumps, rows)).encode()),
    forged_json(dict(zip(_COLUMNS, _good_rows()[0], strict=True))),
    nested("[", "]").map(lambda deep: b'{"label":"a","x":' + deep + b"}\n" + b'{"label":"b"}'),
)


def _typed() -> bytes:
    """Return a Parquet file of lists, bytes, tensors, dictionaries and decimals."""
    numbers = np.random.default_rng(1).normal(size=(ROWS, 4))
    table = pa.table(
        {
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(numbers.ravel()), 4),
            "tensor": [row.reshape(2, 2).tolist() for row in numbers],
            "raw": [b"bark %d" % row for row in range(ROWS)],
            "kind": pa.array(["a", "b"] * (ROWS // 2)).dictionary_encode(),
            "label": ["cat", "dog"] * (ROWS // 2),
        }
    )
    file = io.BytesIO()
    pq.write_table(table, file, compression="snappy", row_group_size=5)
    return file.getvalue()


def _saved(data: Content, state: Content | None = None) -> dict[str, Content]:
    good = json.dumps({"_data_files": [{"filename": "data.arrow"}]}).encode()
    return {
        "saved/data.arrow": data,
        "saved/state.json": good if state is None else state,
        "saved/dataset_info.json": b"{}",
    }


def _stream(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=5)
    return sink.getvalue()


def _arrow_inputs(_repo: Path) -> SearchStrategy[Input]:
    streams = [
        _stream(_arrow((list(_COLUMNS), _good_rows()))),
        _stream(pq.read_table(io.BytesIO(_typed()))),
    ]
    hurt = st.sampled_from(streams).flatmap(damaged)
    states = forged_json({"_data_files": [{"filename": "data.arrow"}]})
    files = st.one_of(hurt.map(_saved), st.builds(_saved, st.just(streams[0]), states))
    return files.map(lambda laid: Input(_audit("saved"), laid))


def _array_file(array: np.ndarray[Any, Any]) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def _array_inputs(_repo: Path) -> SearchStrategy[Input]:
    labels = np.array(["cat", "dog"] * (ROWS // 2))
    features = np.random.default_rng(0).normal(size=(ROWS, 5)) + 3 * (labels == "dog")[:, None]
    plain = _array_file(features.astype(np.float32))
    packed = zipped({"features.npy": plain, "labels.npy": _array_file(labels)})
    marks = _delimited(",")((["id", "label"], [[str(i), str(x)] for i, x in enumerate(labels)]))

    def alone(data: Content) -> Input:
        return Input(_audit("x.npy", "--labels", "l.csv"), {"x.npy": data, "l.csv": marks})

    def archive(data: Content) -> Input:
        return Input(_audit("x.npz"), {"x.npz": data})

    ids = st.lists(st.one_of(st.integers(-2, 2 * ROWS).map(str), st.text(max_size=4)), min_size=2,
                   max_size=ROWS + 2)  # fmt: skip

    def by_ids(names: list[str]) -> Input:
        rows = [[name, ("cat", "dog")[at % 2]] for at, name in enumerate(names)]
        data = _delimited(",")((["id", "label"], rows))
        return Input(_audit("x.npy", "--labels", "l.csv"), {"x.npy": plain, "l.csv": data})

    return st.one_of(
        st.one_of(damaged(plain), forged_npy(plain), odd_files).map(alone),
        st.one_of(damaged(packed), forged_npz(packed)).map(archive),
        ids.map(by_ids),
    )


TARGETS = [
    Target("table-csv", "bare", _one_file("t.csv", _delimited(","))),
    Target("table-tsv", "bare", _one_file("t.tsv", _delimited("\t"))),
    Target("table-jsonl", "bare", _one_file("t.jsonl", _json_lines, _forged_lines)),
    Target(
        "table-parquet",
        "bare",
        _one_file("t.parquet", _parquet, damaged(_typed()), forged_table(_typed())),
    ),
    Target("table-arrow", "bare", _arrow_inputs),
    Target("arrays", "bare", _array_inputs),
]
