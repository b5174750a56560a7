"""Strategies that damage valid bytes, and that forge what a stranger might commit."""

from __future__ import annotations

import io
import json
import math
import struct
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sandbox import Content, Odd

#: What lies where a file should.
odd_files: SearchStrategy[Content] = st.sampled_from(list(Odd))

#: Bytes that mean something to one parser or another.
_SPICE = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b'"', b"'", b",", b"{", b"[", b"&a *a",
    b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"nan", b"1e999", b"-1", b"\x1b[31m", b"<<<<<<< HEAD\n",
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, valid: bytes) -> bytes:
    """Return valid bytes with a few things done to them: flipped, cut, doubled, spiced."""
    data = bytearray(valid)
    for _ in range(draw(st.integers(1, 4))):
        size = len(data)
        at = draw(st.integers(0, max(size - 1, 0)))
        length = draw(st.integers(1, 64))
        kind = draw(st.sampled_from(("flip", "cut", "drop", "double", "spice", "fill")))
        if kind == "flip" and size:
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "cut":
            del data[at:]
        elif kind == "drop":
            del data[at : at + length]
        elif kind == "double":
            data[at:at] = data[at : at + length]
        elif kind == "spice":
            data[at:at] = draw(st.sampled_from(_SPICE))
        else:
            data[at : at + length] = draw(st.binary(min_size=length, max_size=length))
    return bytes(data)


def any_content(valid: bytes, *forged: SearchStrategy[bytes]) -> SearchStrategy[Content]:
    """Return damaged bytes, forged ones, bytes that are nothing, and odd files."""
    junk = st.binary(max_size=200)
    return st.one_of(*forged, damaged(valid), *forged, odd_files, junk)


#: Values that a parser may give where another was expected.
scalars: SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.integers(-3, 3),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["..", "/etc/passwd", "../outside/secret.png", "a" * 5000, "\x00", "=1+1"]),
)
values: SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


def nested(opening: str, closing: str, inside: str = "") -> SearchStrategy[bytes]:
    """Return brackets in brackets, so many that a recursive parser gives up."""
    return st.sampled_from((10, 900, 2_000, 100_000)).map(
        lambda depth: (opening * depth + inside + closing * depth).encode()
    )


@st.composite
def changed(draw: st.DrawFn, content: Any) -> Any:
    """Return a parsed document with one of its values, somewhere in it, changed for another."""
    if isinstance(content, Mapping) and content and draw(st.integers(0, 5)):
        key = draw(st.sampled_from(sorted(content, key=str)))
        kind = draw(st.sampled_from(("change", "change", "change", "drop", "rename", "add")))
        copy = dict(content)
        if kind == "change":
            copy[key] = draw(changed(content[key]))
        elif kind == "add":
            copy[draw(st.text(max_size=8))] = draw(values)
        else:
            value = copy.pop(key)
            if kind == "rename":
                copy[draw(st.text(max_size=8))] = value
        return copy
    if isinstance(content, list) and content and draw(st.integers(0, 3)):
        at = draw(st.integers(0, len(content) - 1))
        return [*content[:at], draw(changed(content[at])), *content[at + 1 :]]
    return draw(values)


def forged_json(content: Any) -> SearchStrategy[bytes]:
    """Return JSON like a document, but with other values, keys twice, or far too deep."""
    return st.one_of(
        changed(content).map(lambda it: json.dumps(it).encode()),
        changed(content).map(lambda it: json.dumps(it).encode("utf-16")),
        st.sampled_from([b'{"a":1,"a":2}', b"", b"null", b"[]", b"1", b'"x"', b"NaN"]),
        st.just(b"9" * 5000),
        nested("[", "]"),
        nested('{"a":', "}", "1"),
    )


#: YAML that grows without end: nine lines that stand for 10⁹ words.
LAUGHS = "a0: &a0 [lol]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)


_YAML = (
    *(b"&a [*a]", b"a: &a {b: *a}", b"!!python/object/apply:os.system [id]", b"- a\n- b"),
    *(b"? [a]\n: b", b"a: 2026-99-99", b"!!binary x", b"%YAML 9.9\n---\na: 1", b"--- a\n--- b"),
    *(b"<<: 1", b"{}", b"~", b"? {a: b}\n: c", b"a: !!timestamp 9999999", b"a: 0o9"),
)


def forged_yaml(valid: str, content: Any) -> SearchStrategy[bytes]:
    """Return YAML like a document, but with other values, keys twice, aliases, tags or depth."""
    import yaml

    return st.one_of(
        changed(content).map(lambda it: yaml.safe_dump(it, allow_unicode=True).encode()),
        st.just((LAUGHS + valid).encode()),
        st.just((LAUGHS + valid + "laughs: *a9\n").encode()),
        st.just(valid.encode() * 2),
        st.sampled_from(_YAML),
        nested("[", "]"),
        nested("{a: ", "}", "1"),
        nested("- ", "", "x"),
    )  # fmt: skip


#: Other types that a column might be given.
_CASTS: tuple[Callable[[int], pa.Array], ...] = (
    lambda n: pa.nulls(n),
    lambda n: pa.nulls(n, pa.string()),
    lambda n: pa.array([1] * n),
    lambda n: pa.array([True] * n),
    lambda n: pa.array([math.nan, math.inf, -math.inf, -1.0, 2.0, 1e300][:n] * n)[:n],
    lambda n: pa.array(["x"] * n),
    lambda n: pa.array(["../outside/secret.png", "/etc/passwd", "\x00", ""] * n)[:n],
    lambda n: pa.array([b"\xff\xfe"] * n),
    lambda n: pa.array([["x", None]] * n),
    lambda n: pa.array([[1.0, math.nan]] * n),
    lambda n: pa.array([None, []] * n)[:n],
    lambda n: pa.array([{"a": 1}] * n),
    lambda n: pa.array(["x"] * n).dictionary_encode(),
    lambda n: pa.array([0] * n, pa.timestamp("ns")),
    lambda n: pa.array([0] * n, pa.decimal128(38, 5)),
    lambda n: pa.array([["a"] * 50] * n),
    lambda n: pa.array([2**63] * n, pa.uint64()),
)


@st.composite
def forged_table(draw: st.DrawFn, valid: bytes) -> bytes:
    """Return a Parquet file like another, with columns, rows or metadata that are not right."""
    table = pq.read_table(io.BytesIO(valid))
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(("cast", "cast", "nulls", "drop", "rows", "twice", "meta")))
        names = table.schema.names
        at = draw(st.integers(0, max(len(names) - 1, 0)))
        if not names:
            break
        if kind == "cast":
            made = draw(st.sampled_from(_CASTS))(table.num_rows)
            table = table.set_column(at, names[at], made)
        elif kind == "nulls":
            table = _with_null(table, at, draw(st.integers(0, max(table.num_rows - 1, 0))))
        elif kind == "drop":
            table = table.remove_column(at)
        elif kind == "rows":
            order = draw(st.lists(st.integers(0, max(table.num_rows - 1, 0)), max_size=60))
            table = table.take(pa.array(order if table.num_rows else [], pa.int64()))
        elif kind == "twice":
            table = table.append_column(names[at], table.column(at))
        else:
            metadata = draw(st.one_of(st.binary(max_size=20), forged_json({"recipe": 2})))
            table = table.replace_schema_metadata({b"cgaudit": metadata})
    file = io.BytesIO()
    pq.write_table(table, file, compression=draw(st.sampled_from(("zstd", "none", "snappy"))))
    return file.getvalue()


def _with_null(table: pa.Table, at: int, row: int) -> pa.Table:
    cells = table.column(at).to_pylist()
    if cells:
        cells[row] = None
    field = table.schema.field(at)
    return table.set_column(at, field.name, pa.array(cells, field.type))


def provenance_changed(valid: bytes) -> SearchStrategy[bytes]:
    """Return a scores table whose record of how it was computed is another."""
    table = pq.read_table(io.BytesIO(valid))
    facts = json.loads(table.schema.metadata[b"cgaudit"])

    def write(stored: bytes) -> bytes:
        file = io.BytesIO()
        pq.write_table(table.replace_schema_metadata({b"cgaudit": stored}), file)
        return file.getvalue()

    return forged_json(facts).map(write)


def npy(header: bytes, body: bytes = b"", version: tuple[int, int] = (1, 0)) -> bytes:
    """Return a ``.npy`` file with any header."""
    size = struct.pack("<H" if version == (1, 0) else "<I", len(header) % (1 << 16))
    return b"\x93NUMPY" + bytes(version) + size + header + body


_HUGE = 2**63 - 1
_SHAPES = (
    *("(48,)", "(48, 8)", "(0, 8)", "(64000000000000, 8)", "(-1, 8)", "()", "(2**70,)"),
    *("(True, 8)", "[48, 8]", "(1, 1, 1, 1)", f"({_HUGE}, {_HUGE})"),
)
_DTYPES = (
    *("'<f4'", "'<f8'", "'|S32'", "'|O'", "'<U100000000'", "[('a', '<f4')]", "'|V8'", "'nope'"),
    *("'>f4'", "None", "[('a', '|O')]", "'<M8[ns]'", "'|b1'", "'<c16'", "'|S0'"),
)


@st.composite
def forged_npy(draw: st.DrawFn, valid: bytes) -> bytes:
    """Return a ``.npy`` like another, with a header of its own, or none that parses."""
    descr, shape = draw(st.sampled_from(_DTYPES)), draw(st.sampled_from(_SHAPES))
    order = draw(st.sampled_from(("False", "True", "0", "'x'")))
    header = draw(
        st.sampled_from(
            (
                f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n",
                f"{{'descr': {descr}, 'shape': {shape}}}\n",
                f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}\n",
                "(" * 3000,
                "{'descr': '<f4', \x00",
                "\\",
                "'''",
                "[1, 2]",
                "__import__('os').system('id')",
                "{'descr': '<f4'," + " " * 30_000 + "}",
            )
        )
    ).encode("latin-1")
    body = draw(st.sampled_from((valid[128:], b"", valid[128:140])))
    return npy(header, body, draw(st.sampled_from(((1, 0), (2, 0), (3, 0), (9, 9)))))


@st.composite
def forged_npz(draw: st.DrawFn, valid: bytes) -> bytes:
    """Return an ``.npz`` like another, with a member that is forged, missing or one too many."""
    members = {}
    with zipfile.ZipFile(io.BytesIO(valid)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = draw(st.sampled_from(sorted(members)))
    kind = draw(st.sampled_from(("forge", "forge", "damage", "drop", "add", "type", "huge")))
    if kind == "forge":
        members[name] = draw(forged_npy(members[name]))
    elif kind == "damage":
        members[name] = draw(damaged(members[name]))
    elif kind == "drop":
        del members[name]
    elif kind == "add":
        members[draw(st.sampled_from(("x.npy", "../x.npy", "meta", "readme.txt")))] = draw(
            forged_npy(members[name])
        )
    else:
        file = io.BytesIO()
        shape = np.load(io.BytesIO(members[name])).shape
        array = np.zeros(shape if kind == "type" else (2_000_000,), draw(st.sampled_from(
            ("f4", "f8", "i4", "U3", "?", "u1"))))  # fmt: skip
        if array.dtype.kind == "f" and draw(st.booleans()):
            array[...] = math.nan
        np.save(file, array)
        members[name] = file.getvalue()
    return zipped(members)


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Return a compressed zip of members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()
