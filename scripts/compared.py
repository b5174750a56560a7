"""What two folders of outputs hold, compared part by part; `compare_outputs.py` fills them.

Two values are the same or they are not: no tolerance, because equal code gives equal bytes.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from itertools import takewhile, zip_longest
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

#: What a part is compared as: text, bytes, or what JSON holds.
Value = Any

#: Differences of one part that are printed.
SHOWN = 3

#: A common start of two texts that is longer is left out.
_LONG_START = 40

#: Every reader of a kind of file that is compared by value.
_READERS: dict[str, Callable[[str], Value]] = {
    ".json": json.loads,
    ".jsonl": lambda text: [json.loads(line) for line in text.splitlines()],
    ".csv": lambda text: list(csv.reader(io.StringIO(text))),
    ".yaml": yaml.safe_load,
    ".lock": yaml.safe_load,
}


def compared(before: Path, after: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each part of each file of two folders, and how it differs (nothing: it is the same)."""
    sides = [{str(path.relative_to(top)) for path in top.rglob("*")} for top in (before, after)]
    for name in sorted(sides[0] | sides[1]):
        a, b = before / name, after / name
        if a.is_dir() or b.is_dir():
            continue
        if not (a.exists() and b.exists()):
            yield name, [f"only {'before' if a.exists() else 'after'}"]
            continue
        left, right = parts(a), parts(b)
        for part in left | right:
            shown = f"{name} [{part}]" if part else name
            yield shown, list(differences(left.get(part), right.get(part)))


def parts(path: Path) -> dict[str, Value]:
    """Return what a file holds, as parts that are compared apart."""
    suffix = path.suffix
    if suffix == ".parquet":
        return _table_parts(path)
    data = path.read_bytes()
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return {"": data}
    if suffix == ".html":
        return page_parts(text)
    try:
        return {"": _READERS[suffix](text)}
    except (KeyError, ValueError, yaml.YAMLError):
        return {"": text}


def _table_parts(path: Path) -> dict[str, Value]:
    found = pq.read_table(path)
    metadata = {
        key.decode(): json.loads(value) for key, value in (found.schema.metadata or {}).items()
    }
    # Who wrote it may change.
    metadata.get("cgaudit", {}).pop("version", None)
    return {
        "schema": [str(column) for column in found.schema],
        "metadata": metadata,
        "values": found.to_pydict(),
    }


def page_parts(text: str) -> dict[str, Value]:
    """Return the parts of a page: its policy, style, script, data, and the HTML around them."""
    found: dict[str, Value] = {}

    def take(part: str, pattern: str) -> None:
        nonlocal text
        taken = re.findall(pattern, text, flags=re.DOTALL)
        found[part] = "\n".join(taken)
        text = re.sub(pattern, lambda match: match[0].replace(match[1], ""), text, flags=re.DOTALL)

    take("data", r'<script type="application/json"[^>]*>(.*?)</script>')
    take("script", r"<script>(.*?)</script>")
    take("style", r"<style>(.*?)</style>")
    take("policy", r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
    if found["data"]:
        found["data"] = json.loads(found["data"])
    found["script without comments"] = code_of(found["script"])
    return {"html": text, **found}


def code_of(script: str) -> list[str]:
    """Return a script's lines without comments, indents and empty lines."""
    script = re.sub(r"^\s*/\*.*?\*/", "", script, flags=re.DOTALL | re.MULTILINE)
    lines = (line.strip() for line in script.splitlines())
    return [line for line in lines if line and not line.startswith("//")]


def differences(a: Value, b: Value, path: str = "") -> Iterator[str]:
    """Yield where two values differ, and how; equal numbers of other types differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        for key in a | b:
            yield from differences(a.get(key, _Absent), b.get(key, _Absent), f"{path}.{key}")
        if list(a) != list(b) and a.keys() == b.keys():
            yield f"{path}: keys in another order"
    elif isinstance(a, list) and isinstance(b, list):
        for number, (x, y) in enumerate(zip_longest(a, b, fillvalue=_Absent)):
            yield from differences(x, y, f"{path}[{number}]")
    elif isinstance(a, str) and isinstance(b, str):
        yield from _text_differences(a, b, path)
    elif type(a) is not type(b) or (a != b and not (a != a and b != b)):
        yield f"{path}: {_short(a)} → {_short(b)}".removeprefix(": ")


class _Absent:
    """Stands for what only the other side has."""


def _text_differences(a: str, b: str, path: str) -> Iterator[str]:
    if a == b:
        return
    before, after = a.splitlines(), b.splitlines()
    if before == after:
        yield f"{path} only in how their lines end".lstrip()
    elif max(len(before), len(after)) == 1:
        yield f"{path}: {_apart(a, b)}".removeprefix(": ")
    else:
        if a.split() == b.split():
            yield f"{path} only blank space differs".lstrip()
        for number, x, y in _changed_lines(before, after):
            yield f"{path} line {number}: {_apart(x, y)}".lstrip()


def _changed_lines(a: list[str], b: list[str]) -> Iterator[tuple[int, Value, Value]]:
    """Yield the number in `a` of each line that is another in `b`, is not there, or is new."""
    for kind, start, end, to, until in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind != "equal":
            pairs = zip_longest(a[start:end], b[to:until], fillvalue=_Absent)
            yield from ((number, x, y) for number, (x, y) in enumerate(pairs, start + 1))


def _apart(a: Value, b: Value) -> str:
    """Return both; of two texts what follows their common start."""
    if isinstance(a, str) and isinstance(b, str):
        common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))
        if common > _LONG_START:
            at = common - _LONG_START // 2
            return f"…{_short(a[at:])} → …{_short(b[at:])}"
    return f"{_short(a)} → {_short(b)}"


def _short(value: Value, limit: int = 90) -> str:
    if value is _Absent or value is None:
        return "(absent)" if value is _Absent else "(none)"
    shown = repr(value)
    return shown if len(shown) <= limit else f"{shown[:limit]}…"


def table(items: list[tuple[str, list[str]]]) -> str:
    """Return a line for each item, and below it the first of its differences."""
    lines = []
    for name, found in items:
        lines.append(f"{'differs' if found else 'same':<8} {name}")
        lines += [f"             {one}" for one in found[:SHOWN]]
        if len(found) > SHOWN:
            lines.append(f"             … and {len(found) - SHOWN:,} more")
    differing = sum(bool(found) for _, found in items)
    lines.append(f"\n{len(items):,} items: {len(items) - differing:,} same, {differing:,} differ.")
    return "\n".join(lines)
