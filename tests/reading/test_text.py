"""JSON, YAML and CSV that anybody may have written."""

from __future__ import annotations

import csv
import time
from functools import partial

import pytest
import yaml

from cgaudit.reading.files import Damage
from cgaudit.reading.text import LARGEST_YAML, csv_rows, json_of, refuse_laughs, yaml_of

LAUGHS = "a0: &a0 [lol]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)


def test_ordinary_documents_are_what_they_say():
    assert json_of('\ufeff{"ü": [1, 2.5, null]}'.encode()) == {"ü": [1, 2.5, None]}
    text = "base: &base {a: 1, b: [x, y]}\nmore: {<<: *base, c: *base}\n2: yes\n"
    assert yaml_of(text.encode()) == yaml.safe_load(text)
    assert yaml_of(b"") is None
    assert csv_rows(b'a,"b\nc"\n\nd,e\n') == [(2, ["a", "b\nc"]), (4, ["d", "e"])]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"{", "no JSON"),
        (b"\xff", "no UTF-8"),
        (b"[" * 100_000, "too deeply"),
        (b'{"a":' * 100_000, "too deeply"),
        (b"9" * 5000, "no JSON"),
    ],
)
def test_json_that_is_none_is_damage(data, why):
    with pytest.raises(Damage, match=why):
        json_of(data)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [", "not valid YAML"),
        ("- " * 5000 + "x", "too deeply"),
        ("[" * 5000, "too deeply"),
        ("a: 1\nb: 2\na: 3", "'a' comes twice, line 3"),
        ("x: {a: 1, a: 2}", "'a' comes twice"),
        ("a: &a [*a]", "into itself"),
        (LAUGHS, "aliases stand for 2.35e"),
        ("!!python/object/apply:os.system [id]", "not valid YAML"),
        ("a: !!timestamp 9999999", "not valid YAML"),
        ("a: 2026-99-99", "not valid YAML"),
        ("a: 1\n--- b", "not valid YAML"),
        ("a: \x0b", "not valid YAML"),
        ("? [a]\n: b", "not valid YAML"),
        ("x" * (LARGEST_YAML + 1), "bytes, more than"),
    ],
)
def test_yaml_that_is_none_is_damage_soon(text, why):
    start = time.monotonic()
    with pytest.raises(Damage, match=why):
        yaml_of(text.encode())
    assert time.monotonic() - start < 20


def test_aliases_that_multiply_are_refused_for_other_readers():
    refuse_laughs(b"")
    refuse_laughs(b"a: &a 1\nb: [" + b"*a, " * 50 + b"*a]\n")
    refuse_laughs(b"cmd: a && b *.txt &c *d " + b"*e " * 50)
    refuse_laughs(b"[ &a *a " + b"*a " * 50)
    for text in (LAUGHS, f"--- 1\n--- \n{LAUGHS}"):
        with pytest.raises(Damage, match="aliases stand for"):
            refuse_laughs(text.encode())
    with pytest.raises(Damage, match="into itself"):
        refuse_laughs(b"a: &a [" + b"*a, " * 50 + b"]")


@pytest.mark.parametrize("limit", [1 << 17, 1 << 30])
def test_csv_that_is_none_is_damage(limit, request):
    request.addfinalizer(partial(csv.field_size_limit, csv.field_size_limit(limit)))
    with pytest.raises(Damage, match=r"no CSV.*line 2"):
        csv_rows(b'a,b\n"never closed\n')
    with pytest.raises(Damage, match="no CSV"):
        csv_rows(b"x" * 200_000)
