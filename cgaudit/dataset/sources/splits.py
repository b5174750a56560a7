"""What the folders above a sample say: its label, and which split of the data it is in."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import NamedTuple

from cgaudit.wording.text import shown

_SPLITS = frozenset(
    {
        *("train", "training", "val", "valid", "validation", "dev", "test", "testing"),
        *("eval", "evaluation", "holdout"),
    }
)
_WORD = re.compile(r"[^\W\d_]+")

#: How a user says what the first folder is.
SPLIT_OPTION = "--split-folders or --no-split-folders (source.split_folders: true or false)"


class Place(NamedTuple):
    """What a path says about a sample."""

    label: str | None
    split: str | None


class Layout(NamedTuple):
    """What the folders directly below a source are taken for.

    Attributes
    ----------
    splits
        Whether they are splits, and those in them the labels.
    doubt
        What speaks against that, in a sentence for the user; empty where nothing does.
    """

    splits: bool
    doubt: str = ""


def is_split(name: str) -> bool:
    """Tell whether a name, in any case, is one that splits have."""
    return name.lower() in _SPLITS


def placed(path: str, splits: bool) -> Place:
    """Return the label and split that a relative path stands for."""
    folders = PurePosixPath(path).parts[:-1]
    split = folders[0] if splits and folders else None
    below = folders[1:] if splits else folders
    return Place(below[0] if below else None, split)


def has_splits(paths: Iterable[str], told: bool | None = None) -> bool:
    """Tell whether the folders directly below the source are splits rather than labels."""
    return layout(paths, told).splits


def layout(paths: Iterable[str], told: bool | None = None) -> Layout:
    """Tell whether the folders directly below the source are splits rather than labels.

    They are when

    - all of them are called train, val, valid, validation, dev, test, eval, holdout or the like;
    - or more than half are, at least one of these holds label folders, and the others hold no image
      directly;
    - or none holds an image directly, they have sub-folders in common, and more than half of their
      names have such a word in them (``seg_train``), or one has and most sub-folders are the same.

    Parameters
    ----------
    paths
        The images, relative to the source.
    told
        What the user says they are; None guesses.
    """
    below: dict[str, set[str]] = defaultdict(set)
    direct: set[str] = set()
    for path in paths:
        folder, *others = PurePosixPath(path).parts[:-1] or ("",)
        if folder:
            below[folder].update(others[:1])
            direct |= set() if others else {folder}
    if told is not None or not below:
        return Layout(bool(told))
    named = {folder for folder in below if is_split(folder)}
    if len(named) == len(below):
        return Layout(True)
    holds_labels = any(below[folder] for folder in named)
    if 2 * len(named) > len(below) and holds_labels and not direct - named:
        return Layout(True)
    return Layout(False) if direct else _by_sub_folders(below)


def _by_sub_folders(below: dict[str, set[str]]) -> Layout:
    common, every = set.intersection(*below.values()), set.union(*below.values())
    alike = len(below) > 1 and len(common) > 1 and 2 * len(common) >= len(every)
    hinted = sum(any(map(is_split, _WORD.findall(folder))) for folder in below)
    if common and len(below) > 1 and (2 * hinted > len(below) or (hinted and alike)):
        return Layout(True)
    if not alike:
        return Layout(False)
    return Layout(
        False,
        f"the folders {shown(sorted(below))} are taken for the labels, though they hold the same "
        f"sub-folders: {shown(sorted(common))}. If those are the labels, say so: {SPLIT_OPTION}",
    )
