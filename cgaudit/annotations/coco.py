"""COCO's JSON: https://cocodataset.org/#format-data, "object detection"."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, TypeGuard

from cgaudit.annotations.box import Annotated, Box, Decided, Edit, odd_bounds
from cgaudit.reading.files import Damage
from cgaudit.reading.spans import element_spans, value_span
from cgaudit.reading.text import json_of
from cgaudit.wording.numbers import plural
from cgaudit.wording.text import shown, visible

#: The lists of a COCO file that boxes are read from.
KEYS = ("images", "annotations", "categories")

_SIDES = ("width", "height")
_NOWHERE = (0.0, 0.0, 0.0, 0.0)


def looks_like(data: bytes) -> bool:
    """Tell whether bytes are likely those of such a file; what is wrong with it, `read` says."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"annotations"' in data


def read(data: bytes) -> Annotated:
    """Return the boxes of a COCO file.

    Annotations have ids of their own where all of them have different ones.

    Raises
    ------
    Damage
        It is no JSON object with the lists `KEYS`, or one of their elements is none.
    """
    content = json_of(data)
    if not isinstance(content, dict):
        raise Damage("it is no JSON object")
    images, annotations, categories = (_objects(content, key) for key in KEYS)
    pictures = _pictures(images)
    names: dict[object, str] = {
        _id(one, "category", at): _text(one, "name", at) for at, one in enumerate(categories)
    }
    ids = [_own_id(one) for one in annotations]
    has_ids = None not in ids and len(set(ids)) == len(ids)
    boxes = [
        _box(one, at, pictures, names, ids[at] if has_ids else None)
        for at, one in enumerate(annotations)
    ]
    return Annotated(boxes, sorted(set(names.values())), list(_notes(names, has_ids=has_ids)))


def edits(data: bytes, decided: Decided) -> list[Edit]:
    """Return what changes: ``category_id`` of some annotations, and annotations that go.

    Raises
    ------
    KeyError
        A label is no category of the file.
    """
    text = data.decode("utf-8")
    categories = json_of(data)["categories"]  # type: ignore[index]
    numbers: dict[str, Any] = {}
    for one in categories:
        numbers.setdefault(one["name"], one["id"])
    place = value_span(text, text.index("{"), "annotations")
    assert place is not None, "what was read has annotations"
    spans = list(element_spans(text, place[0]))
    changes = [*_relabelled(text, spans, decided, numbers), *_dropped(spans, decided)]
    return list(_as_bytes(text, changes))


def _relabelled(
    text: str, spans: list[tuple[int, int]], decided: Decided, numbers: Mapping[str, Any]
) -> Iterator[tuple[int, int, str]]:
    for at, label in decided.labels.items():
        span = value_span(text, spans[at][0], "category_id")
        assert span is not None, "what was read has a category"
        yield (*span, json.dumps(numbers[label], ensure_ascii=False))


def _dropped(spans: list[tuple[int, int]], decided: Decided) -> Iterator[tuple[int, int, str]]:
    """Yield the annotations that go, a run of them at once, with the commas that then go too."""
    gone = sorted(decided.dropped)
    for _, run in groupby(enumerate(gone), key=lambda pair: pair[1] - pair[0]):
        run_of = [number for _, number in run]
        first, last = run_of[0], run_of[-1]
        if last + 1 < len(spans):
            yield spans[first][0], spans[last + 1][0], ""
        elif first:
            yield spans[first - 1][1], spans[last][1], ""
        else:
            yield spans[first][0], spans[last][1], ""


def _as_bytes(text: str, changes: Iterable[tuple[int, int, str]]) -> Iterator[Edit]:
    """Yield changes to text as changes to its UTF-8."""
    passed, at = 0, 0
    for start, end, new in sorted(changes):
        at += len(text[passed:start].encode())
        size = len(text[start:end].encode())
        yield Edit(at, at + size, new.encode())
        passed, at = end, at + size


def _objects(content: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = content.get(key)
    if not isinstance(found, list):
        has = shown(content)
        raise Damage(f"it has no list {key!r}, as COCO's object detection has (it has {has})")
    for at, one in enumerate(found):
        if not isinstance(one, dict):
            raise Damage(f"{key}[{at}] is no object")
    return found


def _pictures(images: list[dict[str, Any]]) -> dict[object, tuple[str, tuple[float, float] | None]]:
    found: dict[object, tuple[str, tuple[float, float] | None]] = {}
    for at, one in enumerate(images):
        number = _id(one, "image", at)
        if number in found:
            raise Damage(f"images[{at}] has the id {number!r}, as another has")
        found[number] = (_text(one, "file_name", at), _size(one))
    return found


def _size(one: Mapping[str, Any]) -> tuple[float, float] | None:
    width, height = (float(side) if _is_number(side) else 0.0 for side in map(one.get, _SIDES))
    return (width, height) if min(width, height) > 0 else None


def _box(
    one: Mapping[str, Any],
    at: int,
    pictures: Mapping[object, tuple[str, tuple[float, float] | None]],
    names: Mapping[object, str],
    own: str | None,
) -> Box:
    key = one.get("image_id")
    if isinstance(key, dict | list) or key not in pictures:
        raise Damage(f"annotations[{at}] is of the image {visible(repr(key))}, which is not listed")
    picture, size = pictures[key]
    category, bounds = one.get("category_id"), one.get("bbox")
    if not isinstance(category, int | str):
        raise Damage(f"annotations[{at}] has no category_id")
    label = names.get(category)
    odd = None if label is not None else f"its category {category!r} is not listed"
    if one.get("iscrowd"):
        odd = "a crowd, not one thing (iscrowd)"
    if not isinstance(bounds, list) or len(bounds) != 4 or not all(map(_is_number, bounds)):
        return Box(picture, label, _NOWHERE, size, own, odd or "it has no bbox of four numbers")
    left, top, width, height = map(float, bounds)
    where = (left, top, width, height)
    return Box(picture, label, where, size, own, odd or odd_bounds(where))


def _notes(names: Mapping[object, str], *, has_ids: bool) -> Iterator[str]:
    if not has_ids:
        yield "annotations have no ids of their own, or not different ones: told by their places"
    twice = [name for name, times in Counter(names.values()).items() if times > 1]
    if twice:
        yield f"{plural(len(twice), 'category name')} twice, taken for one class: {shown(twice)}"


def _id(one: Mapping[str, Any], what: str, at: int) -> int | str:
    found = one.get("id")
    if not isinstance(found, int | str) or isinstance(found, bool):
        raise Damage(f"the {what} number {at} (counted from 0) has no id")
    return found


def _own_id(one: Mapping[str, Any]) -> str | None:
    found = one.get("id")
    usable = isinstance(found, int | str) and not isinstance(found, bool) and found != ""
    return str(found) if usable else None


def _text(one: Mapping[str, Any], key: str, at: int) -> str:
    found = one.get(key)
    if not isinstance(found, str) or not found:
        raise Damage(f"number {at} (counted from 0) of a list has no {key}")
    return found


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
