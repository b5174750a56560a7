"""Entries added to a YAML file that people wrote: every byte that was there stays.

Round-tripping a whole file keeps comments but re-indents lists and breaks long lines. So
ruamel.yaml only says where things are, the new lines go in between, and the result is read back and
compared.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from cgaudit.errors import ParamsError
from cgaudit.wording.text import one_line

_PLAIN = re.compile(r"(\.{0,2}/|[A-Za-z_])[A-Za-z0-9_./-]*")
_SPOKEN_FOR = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


def scalar(text: str) -> str:
    """Return text as a YAML scalar that reads back as the same text in YAML 1.1 and 1.2."""
    if _PLAIN.fullmatch(text) and text.lower() not in _SPOKEN_FOR:
        return text
    return "".join(
        c if c.isprintable() else _escaped(c) for c in json.dumps(text, ensure_ascii=False)
    )


def _escaped(character: str) -> str:
    """Return a character that YAML has no place for, or reads as a line end, as its number."""
    return f"\\U{ord(character):08x}"


def load(text: str, where: object) -> CommentedMap:
    """Return the mapping that a YAML document holds; empty for an empty one.

    Raises
    ------
    ParamsError
        It is no YAML, or no mapping.
    """
    try:
        content = YAML().load(text)
    except YAMLError as error:
        raise ParamsError(f"{where} is not valid YAML: {one_line(error)}") from None
    if content is None:
        return CommentedMap()
    if not isinstance(content, CommentedMap):
        raise ParamsError(f"{where} holds no mapping at its top. Mend it first.")
    return content


def with_entries(text: str, key: str, block: str, where: object) -> str:
    """Return a YAML document with entries added to the end of one of its top-level values.

    Parameters
    ----------
    text
        The document; may be empty.
    key
        Whose value is a mapping or a list; added where it is missing.
    block
        The entries, as YAML that is not indented: a mapping or a list like the value.
    where
        The file, for messages.

    Raises
    ------
    ParamsError
        The document is no YAML mapping, or the value is of another kind than the entries.
    """
    before, entries = load(text, where), YAML().load(block)
    value = before.get(key)
    if value is not None and not isinstance(value, type(entries)):
        raise ParamsError(
            f"`{key}` in {where} is no {'list' if isinstance(entries, list) else 'mapping'}, so "
            "nothing can be added to it. Mend it first."
        )
    if key not in before:
        start = text if not text or text.endswith("\n") else f"{text}\n"
        after = f"{start}{key}:\n{_indented(block, 2)}"
    elif not value or value.fa.flow_style():
        after = _rewritten(text, key, entries, where)
    else:
        after = _inserted(text, before, key, block)
    _verify(before, load(after, where), key, entries, where)
    return after


def with_scalar(text: str, path: Sequence[str], value: str, where: object) -> str:
    """Return a YAML document in which one value of a mapping is another; every other byte stays.

    Parameters
    ----------
    text
        The document.
    path
        The keys that lead to the value. What is missing of it is added.
    value
        A scalar as YAML has it.
    where
        The file, for messages.

    Raises
    ------
    ParamsError
        The document is no YAML, or is written in a way that cannot be added to.
    """
    before = load(text, where)
    parent: Any = before
    for depth, key in enumerate(path):
        if not isinstance(parent, CommentedMap) or parent.fa.flow_style() or not len(parent):
            raise ParamsError(_by_hand(where, path, value))
        if key not in parent:
            after = _with_line(text, parent, path[depth:], value)
            break
        if depth == len(path) - 1:
            after = _with_value(text, parent, key, value)
        parent = parent[key]
    _verify_scalar(before, load(after, where), path, value, where)
    return after


def with_item(text: str, path: Sequence[str], item: str, where: object) -> str:
    """Return a YAML document in which a list has one more text, its first, unless it has it.

    Parameters
    ----------
    text
        The document; every byte that was there stays.
    path
        The keys that lead to the list.
    item
        The text.
    where
        The file, for messages.

    Raises
    ------
    ParamsError
        The document is no YAML, or its list is written in a way that cannot be added to.
    """
    before = load(text, where)
    found: Any = before
    for key in path:
        found = found.get(key) if isinstance(found, CommentedMap) else None
    if not isinstance(found, CommentedSeq) or found.fa.flow_style() or not found:
        raise ParamsError(_add_by_hand(where, path, item))
    if item in found:
        return text
    lines = text.splitlines(keepends=True)
    start = found.lc.item(0)[0]
    after = "".join([*lines[:start], f"{' ' * found.lc.col}- {scalar(item)}\n", *lines[start:]])
    found.insert(0, item)
    if json.loads(json.dumps(load(after, where))) != json.loads(json.dumps(before)):
        raise ParamsError(_add_by_hand(where, path, item))
    return after


def _add_by_hand(where: object, path: Sequence[str], item: str) -> str:
    return (
        f"{where} is written in a way that cannot be added to. Add {scalar(item)} to "
        f"{'.'.join(path)} by hand."
    )


def _with_line(text: str, parent: CommentedMap, path: Sequence[str], value: str) -> str:
    """Put a value that is missing before the first key of the mapping that lacks it."""
    line, column = min(parent.lc.key(key) for key in parent)
    lines = text.splitlines(keepends=True)
    new = [f"{' ' * (column + 2 * i)}{key}:" for i, key in enumerate(path)]
    new[-1] += f" {value}"
    return "".join([*lines[:line], *(f"{it}\n" for it in new), *lines[line:]])


def _with_value(text: str, parent: CommentedMap, key: str, value: str) -> str:
    line, column = parent.lc.value(key)
    lines = text.splitlines(keepends=True)
    old = re.match(r"[^\s#]*", lines[line][column:])
    assert old is not None
    lines[line] = f"{lines[line][:column]}{value}{lines[line][column + old.end() :]}"
    return "".join(lines)


def _verify_scalar(
    before: CommentedMap, after: CommentedMap, path: Sequence[str], value: str, where: object
) -> None:
    wanted = json.loads(json.dumps(before))
    inner = wanted
    for key in path[:-1]:
        inner = inner.setdefault(key, {})
    inner[path[-1]] = YAML().load(value)
    if json.loads(json.dumps(after)) != wanted:
        raise ParamsError(_by_hand(where, path, value))


def _by_hand(where: object, path: Sequence[str], value: str) -> str:
    return (
        f"{where} is written in a way that cannot be added to. Set {'.'.join(path)} to {value} by "
        "hand."
    )


def _inserted(text: str, content: CommentedMap, key: str, block: str) -> str:
    lines = text.splitlines(keepends=True)
    end = _end(content, key, lines)
    if not lines[end - 1].endswith("\n"):
        lines[end - 1] += "\n"
    return "".join([*lines[:end], _indented(block, content[key].lc.col), *lines[end:]])


def _rewritten(text: str, key: str, entries: Any, where: object) -> str:  # noqa: ANN401
    """Return the document dumped anew: there is no line to insert behind (`stages: {}`)."""
    content = load(text, where)
    content[key] = _joined(content.get(key), entries)
    return _dumped(content)


def _joined(old: Any, entries: Any) -> Any:  # noqa: ANN401 - mappings or lists of YAML
    if isinstance(entries, list):
        return [*(old or []), *entries]
    return {**(old or {}), **entries}


def _end(content: CommentedMap, key: str, lines: list[str]) -> int:
    """Return the number of the line behind a value, and before what leads in the next one."""
    starts = [content.lc.key(other)[0] for other in content]
    end = min((line for line in starts if line > content.lc.key(key)[0]), default=len(lines))
    while lines[end - 1].strip() in {"", "..."} or lines[end - 1].startswith("#"):
        end -= 1
    return end


def _indented(block: str, columns: int) -> str:
    return "".join(" " * columns + line for line in block.splitlines(keepends=True))


def _dumped(content: CommentedMap) -> str:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    stream = io.StringIO()
    yaml.dump(content, stream)
    return stream.getvalue()


def _verify(before: Any, after: Any, key: str, entries: Any, where: object) -> None:  # noqa: ANN401
    wanted = {**before, key: _joined(before.get(key), entries)}
    if after != wanted or list(after) != list(wanted):
        raise ParamsError(
            f"{where} is written in a way that cannot be added to. Add this below `{key}` by hand:",
            *_dumped(entries).splitlines(),
        )
