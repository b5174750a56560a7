"""YOLO's text files, one a picture: a line a box, ``class x y width height`` in shares of it.

https://docs.ultralytics.com/datasets/detect, and Darknet's before it: x and y are those of the
centre. A line of more numbers is the outline of a thing (the segmentation format of the same tool);
its box is what holds the outline.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isfinite

from cgaudit.annotations.box import Annotated, Box, Decided, Edit, odd_bounds
from cgaudit.reading.files import Damage
from cgaudit.reading.text import text_of, yaml_of
from cgaudit.wording.text import visible

#: Files beside the pictures or above them that name the classes.
NAME_FILES = ("data.yaml", "data.yml", "dataset.yaml", "dataset.yml", "classes.txt", "obj.names")

_LINE = re.compile(rb"[^\n]*\n|[^\n]+")
_FIRST = re.compile(rb"\s*(\S+)")
_CLASS = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
_BOX, _LEAST_OUTLINE = 5, 7
_SHARES = (1.0, 1.0)


def read(data: bytes, picture: str, names: Sequence[str] | None) -> Annotated:
    """Return the boxes of one picture.

    Parameters
    ----------
    data
        The text.
    picture
        What the picture is called: the file does not say.
    names
        The classes by their numbers; None has the numbers stand for themselves.

    Raises
    ------
    Damage
        It is no text in UTF-8.
    """
    text_of(data)
    lines = [line.decode("utf-8-sig").split() for line in _lines(data)]
    return Annotated([_box(words, picture, names) for words in lines], names)


def edits(data: bytes, decided: Decided, names: Sequence[str] | None) -> list[Edit]:
    """Return what changes: the class numbers of some lines, and lines that go.

    Raises
    ------
    KeyError
        A label is none of the names.
    """
    number = {name: str(at) for at, name in reversed(list(enumerate(names or ())))}
    changes, at = [], -1
    for match in _LINE.finditer(data):
        if not match[0].removeprefix(b"\xef\xbb\xbf").strip():
            continue
        at += 1
        if at in decided.dropped:
            changes.append(Edit(*match.span()))
        elif at in decided.labels:
            label = decided.labels[at]
            first = _FIRST.match(match[0].removeprefix(b"\xef\xbb\xbf"))
            assert first is not None, "the line is not blank"
            start = match.end() - len(match[0].removeprefix(b"\xef\xbb\xbf"))
            new = label if names is None else number[label]
            changes.append(Edit(start + first.start(1), start + first.end(1), new.encode()))
    return changes


def class_names(data: bytes, file: str) -> list[str] | None:
    """Return the names of the classes by their numbers; None where a YAML file has none.

    Parameters
    ----------
    data
        Of one of `NAME_FILES`: YAML with ``names`` (a list, or a map by number), or a name a line.
    file
        What it is called.

    Raises
    ------
    Damage
        It is no such file, or the numbers of a map have gaps.
    """
    if not file.endswith((".yaml", ".yml")):
        return [line.strip() for line in text_of(data).splitlines() if line.strip()]
    content = yaml_of(data)
    names = content.get("names") if isinstance(content, dict) else None
    if isinstance(names, dict):
        if set(names) != set(range(len(names))):
            raise Damage("its names are not numbered from 0 without gaps")
        names = [names[number] for number in range(len(names))]
    if names is None:
        return None
    if not isinstance(names, list) or not all(isinstance(one, str | int | float) for one in names):
        raise Damage("its names are neither a list nor a map by number")
    return [str(one) for one in names]


def _lines(data: bytes) -> list[bytes]:
    return [line for line in _LINE.findall(data) if line.removeprefix(b"\xef\xbb\xbf").strip()]


def _box(words: Sequence[str], picture: str, names: Sequence[str] | None) -> Box:
    where, odd = _bounds(words[1:])
    label, unknown = _label(words[0], names)
    return Box(picture, label, where, _SHARES, odd=unknown or odd or odd_bounds(where))


def _label(word: str, names: Sequence[str] | None) -> tuple[str | None, str | None]:
    if not _CLASS.fullmatch(word):
        return None, f"its class is {visible(word)!r}, which is no number"
    if names is None:
        return word, None
    if int(word) >= len(names):
        return None, f"its class is {word}, and only {len(names)} have names"
    return names[int(word)], None


def _bounds(words: Sequence[str]) -> tuple[tuple[float, float, float, float], str | None]:
    nothing = (0.0, 0.0, 0.0, 0.0)
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        return nothing, "its line holds what is no number"
    if not all(map(isfinite, numbers)):
        return nothing, "its bounds are no finite numbers"
    if len(numbers) + 1 == _BOX:
        x, y, width, height = numbers
        return (x - width / 2, y - height / 2, width, height), None
    if len(numbers) + 1 >= _LEAST_OUTLINE and len(numbers) % 2 == 0:
        xs, ys = numbers[::2], numbers[1::2]
        return (min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)), None
    return nothing, f"its line holds {len(words) + 1} numbers; a class and four are needed"
