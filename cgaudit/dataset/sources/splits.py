"""What the folders above a sample say: its label, and which split of the data it is in."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import NamedTuple

_SPLITS = frozenset({"train", "training", "val", "valid", "validation", "dev", "test", "testing"})


class Place(NamedTuple):
    """What a path says about a sample."""

    label: str | None
    split: str | None


def is_split(name: str) -> bool:
    """Tell whether a name, in any case, is one that splits have."""
    return name.lower() in _SPLITS


def placed(path: str, splits: bool) -> Place:
    """Return the label and split that a relative path stands for."""
    folders = PurePosixPath(path).parts[:-1]
    split = folders[0] if splits and folders else None
    below = folders[1:] if splits else folders
    return Place(below[0] if below else None, split)


def has_splits(paths: Iterable[str]) -> bool:
    """Tell whether the folders directly below the source are splits rather than labels.

    They are when more than half of them are called train, val, valid, validation, dev or test (in
    any case), at least one of these holds label folders, and the others hold no image directly.
    """
    direct: dict[str, bool] = {}
    nested: set[str] = set()
    for path in paths:
        folders = PurePosixPath(path).parts[:-1]
        if folders:
            direct[folders[0]] = direct.get(folders[0], False) or len(folders) == 1
            if len(folders) > 1:
                nested.add(folders[0])
    named = {folder for folder in direct if is_split(folder)}
    others_are_parents = not any(direct[folder] for folder in direct.keys() - named)
    return 2 * len(named) > len(direct) and bool(named & nested) and others_are_parents
