"""Types in words, and what docstrings say of attributes; `make_reference.py` makes pages of it.

Docstrings are read from the source by griffe: at run time a TypedDict does not know what it was
derived from.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, NotRequired, get_args, get_origin, is_typeddict

import griffe
from pydantic import BaseModel, ByteSize

ROOT = Path(__file__).resolve().parents[1]


class Described(NamedTuple):
    """A key of some JSON, or a field.

    Attributes
    ----------
    name
        Its name.
    holds
        Of what type it is, in words.
    means
        What it says; empty where nobody has written that.
    """

    name: str
    holds: str
    means: str


def fields_of(cls: type) -> list[Described]:
    """Return the keys of a TypedDict, or the fields of a dataclass, in their order."""
    means = attributes(cls)
    hints = typing.get_type_hints(cls, include_extras=True)
    return [Described(name, in_words(hint), means.get(name, "")) for name, hint in hints.items()]


def reached(root: type) -> list[type]:
    """Return a type and those that its keys hold, each once, in the order of reading."""
    found: list[type] = []

    def visit(hint: object) -> None:
        if isinstance(hint, type) and (is_typeddict(hint) or is_dataclass(hint)):
            if hint in found:
                return
            found.append(hint)
            for each in typing.get_type_hints(hint, include_extras=True).values():
                visit(each)
        for each in get_args(hint):
            visit(each)

    visit(root)
    return found


def attributes(cls: type) -> dict[str, str]:
    """Return what the docstrings of a class, and of those it is derived from, say of attributes."""
    module = _module(cls.__module__)
    return {name: _of_json(text) for name, text in _attributes(module, cls.__name__).items()}


def summary(cls: type) -> str:
    """Return the first paragraph of a class's docstring, on one line."""
    text = (cls.__doc__ or "").strip().split("\n\n")[0]
    return _of_json(" ".join(text.split()))


def in_words(hint: object) -> str:
    """Return a type in words."""
    named = _OF_ORIGIN.get(get_origin(hint))
    return _name(hint) if named is None else named(get_args(hint))


@cache
def _module(name: str) -> griffe.Module:
    file = ROOT.joinpath(*name.split(".")).with_suffix(".py")
    return griffe.visit(name, filepath=file, code=file.read_text(encoding="utf-8"))


def _attributes(module: griffe.Module, name: str) -> dict[str, str]:
    cls = module.members.get(name)
    if isinstance(cls, griffe.Alias) and cls.target_path.startswith("cgaudit."):
        elsewhere, _, name = cls.target_path.rpartition(".")
        return _attributes(_module(elsewhere), name)
    if not isinstance(cls, griffe.Class):
        # TypedDict("…", {…}), or not ours.
        return {}
    found: dict[str, str] = {}
    for base in cls.bases:
        found |= _attributes(module, str(base))
    for section in cls.docstring.parse("numpy") if cls.docstring else ():
        if section.kind is griffe.DocstringSectionKind.attributes:
            for each in section.value:
                text = " ".join(each.description.split())
                found |= dict.fromkeys(each.name.split(", "), text)
    return found


def _of_json(text: str) -> str:
    """Return a docstring's text as of JSON and YAML, not of Python."""
    return re.sub(r"\bNone\b", "null", text.replace("``", "`"))


_SCALARS: dict[object, str] = {
    str: "text", int: "whole number", float: "number", bool: "true or false", NoneType: "null",
    Any: "any", object: "any", ByteSize: "size",
}  # fmt: skip


def _name(hint: object) -> str:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return "section"
    return _SCALARS.get(hint) or str(getattr(hint, "__name__", hint)).lstrip("_")


def _either(args: Sequence[object]) -> str:
    words = [in_words(each) for each in args]
    return " or ".join([word for word in words if word != "null"] + ["null"] * ("null" in words))


def _map(args: Sequence[object]) -> str:
    return f"map of {in_words(args[1])}"


_OF_ORIGIN: dict[object, Callable[[Sequence[Any]], str]] = {
    UnionType: _either,
    typing.Union: _either,
    typing.Annotated: lambda args: in_words(args[0]),
    NotRequired: lambda args: f"{in_words(args[0])} (optional)",
    Literal: lambda args: ", ".join(f"`{each}`" for each in args),
    list: lambda args: f"list of {in_words(args[0])}",
    dict: _map,
    Mapping: _map,
}
