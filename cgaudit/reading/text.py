"""JSON, YAML and CSV in bytes that anybody may have written."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import closing

import yaml

from cgaudit.reading.files import Damage, brief

#: YAML takes seconds a megabyte.
LARGEST_YAML = 2 << 20
#: Of CSV files that this package writes: ids, labels, reasons.
LONGEST_CELL = 1 << 17
#: So much is said of what a parser says.
_SAID = 300
#: Aliases may make a document stand for so many nodes, and for so many times those it has.
_NODES, _TIMES = 10_000, 10
#: What looks like an alias or an anchor of YAML, and so many of which can do no harm.
_ALIAS = re.compile(rb"(?:^|[\s\[{,:-])\*\w")
_ANCHOR = re.compile(rb"(?:^|[\s\[{,:-])&\w")
_FEW_ALIASES = 8

#: What PyYAML raises on documents that are none, beside its own errors: a tag that asks for a
#: date and has none is an AttributeError, a number that is none a ValueError.
_NO_YAML = (
    *(yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError, IndexError),
    *(OverflowError, RecursionError),
)


def text_of(data: bytes) -> str:
    """Return UTF-8 text, with or without byte order mark.

    Raises
    ------
    Damage
        The bytes are no UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Damage(f"it is no UTF-8 ({error.reason} at byte {error.start:,})") from None


def json_of(data: bytes) -> object:
    """Return what JSON in UTF-8 holds.

    Raises
    ------
    Damage
        It is no JSON, or nested too deeply.
    """
    try:
        found: object = json.loads(text_of(data))
    except RecursionError:
        raise Damage("it is nested too deeply") from None
    except Damage:
        raise
    except ValueError as error:
        raise Damage(f"it is no JSON: {brief(error, _SAID)}") from None
    return found


def yaml_of(data: bytes) -> object:
    """Return what YAML in UTF-8 holds; nothing of it is executed.

    Raises
    ------
    Damage
        It is no YAML, is nested too deeply, has a key twice, or its aliases stand for more than
        fits; or the file is larger than any of its kind.
    """
    if len(data) > LARGEST_YAML:
        raise Damage(f"it has {len(data):,} bytes, more than the {LARGEST_YAML:,} that are read")
    text = text_of(data)
    try:
        with closing(_Loader(text)) as loader:
            node = loader.get_single_node()
            if node is None:
                return None
            _check_nodes(node)
            found: object = loader.construct_document(node)
    except RecursionError:
        raise Damage("it is nested too deeply") from None
    except Damage:
        raise
    except _NO_YAML as error:
        raise Damage(f"it is not valid YAML: {brief(error, _SAID)}") from None
    return found


def refuse_laughs(data: bytes) -> None:
    """Refuse YAML whose aliases stand for far more than it has, for readers that expand them.

    Costs next to nothing where there are no aliases to speak of; what else is wrong with the
    document is left to its reader.

    Raises
    ------
    Damage
        The aliases multiply, lead into themselves, or there are too many bytes to tell.
    """
    if len(_ALIAS.findall(data)) < _FEW_ALIASES or not _ANCHOR.search(data):
        return
    if len(data) > LARGEST_YAML:
        raise Damage(f"it has aliases, and {len(data):,} bytes")
    try:
        with closing(_Loader(data)) as loader:
            # What asks also passes over the beginning of the stream.
            while loader.check_node() and (node := loader.get_node()) is not None:
                _check_nodes(node)
    except Damage:
        raise
    except (RecursionError, *_NO_YAML):
        return


class _Loader(yaml.SafeLoader):
    """PyYAML's, with the name for its end that `contextlib.closing` knows."""

    def close(self) -> None:
        self.dispose()


def csv_rows(data: bytes) -> list[tuple[int, list[str]]]:
    """Return the rows of a CSV file that are not empty, each with the line that it ends in.

    Raises
    ------
    Damage
        It is no CSV in UTF-8, or has a cell of more than `LONGEST_CELL` characters.
    """
    reader = csv.reader(io.StringIO(text_of(data), newline=""), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise Damage(f"it is no CSV: {brief(error, _SAID)}, line {reader.line_num}") from None
    # Python has one limit for the whole process, which reading a user's table raises.
    for line, row in rows:
        if (longest := max(map(len, row))) > LONGEST_CELL:
            raise Damage(f"it is no CSV: a cell has {longest:,} characters, line {line}")
    return rows


def _check_nodes(root: yaml.Node) -> None:
    """Refuse keys that come twice, and aliases that lead into themselves or multiply."""
    stands_for: dict[int, int] = {}
    under_way: set[int] = set()
    stack = [(root, False)]
    while stack:
        node, done = stack.pop()
        key = id(node)
        children = list(_children(node))
        if done:
            under_way.discard(key)
            stands_for[key] = 1 + sum(stands_for[id(child)] for child in children)
        elif key in under_way:
            raise Damage(f"an alias leads into itself, line {node.start_mark.line + 1}")
        elif key not in stands_for:
            _refuse_twice(node)
            under_way.add(key)
            stack.append((node, True))
            stack += [(child, False) for child in children if id(child) not in stands_for]
    if stands_for[id(root)] > _NODES + _TIMES * len(stands_for):
        raise Damage(f"its aliases stand for {stands_for[id(root)]:.3g} values")


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    elif isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair


def _refuse_twice(node: yaml.Node) -> None:
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[tuple[str, str]] = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            continue
        if (key.tag, key.value) in seen:
            raise Damage(f"the key {key.value[:80]!r} comes twice, line {key.start_mark.line + 1}")
        seen.add((key.tag, key.value))
