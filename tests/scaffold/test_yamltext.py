"""Entries added to YAML that people wrote: nothing else in the file changes."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cgaudit.errors import ParamsError
from cgaudit.scaffold.yamltext import scalar, with_entries, with_item, with_scalar

BLOCK = "score:\n  cmd: cgaudit score\n  deps:\n    - a b\n"
WRITTEN = """\
# What this pipeline does.
vars: [params.yaml]   # one line

stages:
    prepare:          # indented by four
        cmd: >-
            python prepare.py
            --fast
        deps: ["raw", 'x']
    # trailing remark

# About the plots.
plots:
- curve.json:
    x: step
"""


def added(before: str, after: str) -> list[str]:
    """Return the lines that are new; fails where a line that was there is gone or moved."""
    rest = iter(after.splitlines())
    new = []
    for line in before.splitlines():
        for candidate in rest:
            if candidate == line:
                break
            new.append(candidate)
        else:
            raise AssertionError(f"{line!r} is gone")
    return [*new, *rest]


def test_lines_are_inserted_and_none_is_touched() -> None:
    after = with_entries(WRITTEN, "stages", BLOCK, "dvc.yaml")
    assert added(WRITTEN, after) == [f"    {line}" for line in BLOCK.splitlines()]
    assert list(yaml.safe_load(after)["stages"]) == ["prepare", "score"]
    assert after.index("cgaudit score") < after.index("# About the plots.")


def test_a_list_and_the_last_key() -> None:
    after = with_entries(WRITTEN, "plots", "- a.json:\n    y: b\n", "dvc.yaml")
    assert after == WRITTEN + "- a.json:\n    y: b\n"


@pytest.mark.parametrize("text", ["", "# only a remark\n", "a: 1", "a: 1\n", "stages: {}\n"])
def test_a_key_that_is_missing_or_empty(text: str) -> None:
    after = with_entries(text, "stages", BLOCK, "dvc.yaml")
    assert yaml.safe_load(after) == {
        **({"a": 1} if "a" in text.split(":") else {}),
        "stages": yaml.safe_load(BLOCK),
    }


def test_a_value_in_braces() -> None:
    after = with_entries("stages: {one: {cmd: x}}\nb: 2\n", "stages", BLOCK, "dvc.yaml")
    assert yaml.safe_load(after)["stages"] == {"one": {"cmd": "x"}, **yaml.safe_load(BLOCK)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "not valid YAML"),
        ("- 1\n", "no mapping at its top"),
        ("stages: [1]\n", "is no mapping"),
        ("stages:\n  score: {cmd: mine}\n", "not valid YAML"),
    ],
)
def test_what_cannot_be_added_to(text: str, said: str) -> None:
    with pytest.raises(ParamsError, match=said):
        with_entries(text, "stages", BLOCK, "dvc.yaml")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_a_scalar_reads_back_as_the_same_text(text: str) -> None:
    assert yaml.safe_load(f"key: {scalar(text)}\n") == {"key": text}


@pytest.mark.parametrize("text", ["no", "1e3", "a: b", "-", "~", ".5", "0x1f", "null", "a #b"])
def test_text_that_looks_like_something_else(text: str) -> None:
    assert yaml.safe_load(f"- {scalar(text)}\n") == [text]


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        # Replaced where it is, whatever stands behind it.
        (
            "a: 1\ncgaudit:\n    score: # how\n        ridge: 0.1  # λ\n        seed: 1\n",
            "a: 1\ncgaudit:\n    score: # how\n        ridge: 0.3  # λ\n        seed: 1\n",
        ),
        ("cgaudit:\n  score:\n    ridge: auto\n", "cgaudit:\n  score:\n    ridge: 0.3\n"),
        # Added before the first key of the mapping that lacks it.
        (
            "cgaudit:\n  score:\n    # exact\n    method: exact\nb: 2\n",
            "cgaudit:\n  score:\n    # exact\n    ridge: 0.3\n    method: exact\nb: 2\n",
        ),
        ("cgaudit:\n  recipe: 2\n", "cgaudit:\n  score:\n    ridge: 0.3\n  recipe: 2\n"),
    ],
)
def test_one_value_is_set_and_every_other_byte_stays(text: str, changed: str) -> None:
    assert with_scalar(text, ("cgaudit", "score", "ridge"), "0.3", "params.yaml") == changed
    assert with_scalar(changed, ("cgaudit", "score", "ridge"), "0.3", "params.yaml") == changed


@pytest.mark.parametrize(
    "text", ["cgaudit: {score: {ridge: 0.1}}\n", "cgaudit: 3\n", "cgaudit:\n  score: {}\n"]
)
def test_a_value_that_cannot_be_set_says_what_to_do(text: str) -> None:
    with pytest.raises(ParamsError, match=r"Set cgaudit\.score\.ridge to 0\.3 by hand"):
        with_scalar(text, ("cgaudit", "score", "ridge"), "0.3", "params.yaml")


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (
            "a:\n  b:\n    - x  # why\n    - y\nc: 1\n",
            "a:\n  b:\n    - z\n    - x  # why\n    - y\nc: 1\n",
        ),
        # A list that is not indented, below a comment, of more than texts.
        (
            "a:\n  b:\n  # of x\n  - x:\n      y: 1\n",
            "a:\n  b:\n  # of x\n  - z\n  - x:\n      y: 1\n",
        ),
        ("a:\n  b:\n    -   x\n", "a:\n  b:\n    - z\n    -   x\n"),
        ("a:\r\n  b:\r\n    - x\r\n", "a:\r\n  b:\r\n    - z\n    - x\r\n"),
    ],
)
def test_a_list_gets_one_more_text_once(text: str, changed: str) -> None:
    assert with_item(text, ("a", "b"), "z", "dvc.yaml") == changed
    assert with_item(changed, ("a", "b"), "z", "dvc.yaml") == changed


@pytest.mark.parametrize(
    "text", ["a: {b: [x]}\n", "a:\n  b: [x]\n", "a: 1\n", "a:\n  b:\n", "b: 1\n"]
)
def test_a_list_that_cannot_be_added_to_says_what_to_do(text: str) -> None:
    with pytest.raises(ParamsError, match=r'Add "z z" to a\.b by hand'):
        with_item(text, ("a", "b"), "z z", "dvc.yaml")
