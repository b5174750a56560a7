"""What every format draws on, and what it gives."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from cgaudit.errors import ExportError
from cgaudit.results.columns import are_sets
from cgaudit.results.labels import label_counts
from cgaudit.results.table import Scores

#: What is written, by file name: bytes, bytes in pieces, or an array for an ``.npy``.
Contents = Mapping[str, bytes | Iterator[bytes] | np.ndarray]

#: Rows of a table that are Python's own values at a time.
_ROWS = 4096

# Neither escaping nor a character reference makes these fit for XML 1.0 (section 2.2).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Matrix(NamedTuple):
    """The probabilities of all classes.

    Attributes
    ----------
    ids : ndarray of str, shape (n,)
    labels : ndarray of int64, shape (n,)
        Index into `classes`; of several labels a sample a list of them each.
    classes : ndarray of str, shape (K,)
    probabilities : ndarray of float32, shape (n, K)
        Leave-one-out; each row sums to 1, or of several labels each is how probable it is to be
        there.
    """

    ids: np.ndarray
    labels: np.ndarray
    classes: np.ndarray
    probabilities: np.ndarray


class Pictures(NamedTuple):
    """Where the pictures are. The table's column ``path`` is relative to their folder.

    Attributes
    ----------
    folder
        From the project, with forward slashes.
    from_out
        From the folder that is written to, with forward slashes.
    size
        Width and height, in pixels, of the picture at a path.
    prefix
        What Label Studio finds them under, before their path; None for its local files.
    """

    folder: str
    from_out: str
    size: Callable[[str], tuple[int, int]]
    prefix: str | None = None


@dataclass(frozen=True)
class Material:
    """What an export is made of; what a format does not need is None.

    Attributes
    ----------
    scores
        The scores table.
    pictures
        Where the pictures are.
    texts
        The samples as text, by the table's column ``path``.
    matrix
        All probabilities of the labelled samples.
    """

    scores: Scores
    pictures: Pictures | None = None
    texts: Mapping[str, str] | None = None
    matrix: Matrix | None = None

    @property
    def numbers(self) -> bool:
        """Whether labels are numbers."""
        return self.scores.provenance.of_numbers

    @property
    def sets(self) -> bool:
        """Whether a sample may have several labels."""
        return self.scores.provenance.of_sets


@dataclass(frozen=True)
class Format:
    """A format and what it takes.

    Attributes
    ----------
    contents
        Makes the files.
    lines
        Makes the one file instead, of a table that comes in pieces and is never held whole.
    one_file
        One file, called what the user says; else a folder of files.
    shows
        Kinds of samples that it can show, of which the data must be one; empty where it shows none.
    needs_matrix
        Whether it takes the probabilities of all classes, where labels are classes.
    takes_numbers
        Whether it has a place for labels that are numbers.
    takes_sets
        Whether it has a place for several labels a sample.
    """

    contents: Callable[[Material], Contents] | None = None
    lines: Callable[[Iterable[pd.DataFrame]], Iterator[bytes]] | None = None
    one_file: bool = False
    shows: Collection[Literal["pictures", "texts"]] = ()
    needs_matrix: bool = False
    takes_numbers: bool = False
    takes_sets: bool = False


def plain(value: object) -> Any:  # noqa: ANN401 - any JSON value
    """Return a cell of the scores table as a JSON value: NaN is None, 0.1 in float32 is 0.1."""
    if value is None:
        return None
    if isinstance(value, np.ndarray | list):
        return [plain(each) for each in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, float | np.floating):
        return None if np.isnan(value) else float(str(value))
    return int(value) if isinstance(value, np.integer) else value


def rows(table: pd.DataFrame, order: np.ndarray | None = None) -> Iterator[dict[str, Any]]:
    """Yield each row of a scores table as JSON values by column.

    Parameters
    ----------
    table
        n rows.
    order
        Which rows, by their places, in which order; None for all as they are.
    """
    names = list(table.columns)
    for start in range(0, len(table) if order is None else len(order), _ROWS):
        here = slice(start, start + _ROWS)
        some = table.iloc[here if order is None else order[here]]
        # As arrays: a Series would widen its float32 while iterating.
        for cells in zip(*(some[name].to_numpy() for name in names), strict=True):
            yield dict(zip(names, map(plain, cells), strict=True))


def class_names(table: pd.DataFrame) -> list[str]:
    """Return the labels that occur in a scores table, given or suggested, sorted."""
    named = {name for names in table["top_labels"] for name in names}
    columns = [table[name].dropna().unique() for name in ("given_label", "predicted_label")]
    for labels in columns:
        named.update(label_counts(labels) if are_sets(table.columns) else labels)
    return sorted(named)


def suggestion_score(row: Mapping[str, Any]) -> float:
    """Return the probability of the suggested label."""
    top = dict(zip(row["top_labels"], row["top_scores"], strict=True))
    return float(top.get(row["predicted_label"], row["top_scores"][0]))


def xml_text(text: str) -> str:
    """Return a text that XML can hold once it is escaped.

    Raises
    ------
    ExportError
        It holds a character that XML has no way to write.
    """
    found = _NOT_XML.search(text)
    if found:
        raise ExportError(
            f"{text!r} holds the character {found[0]!r}, which XML cannot hold. Rename the label "
            "or file, or export to csv or jsonl."
        )
    return text


class Members:
    """The members of a JSON object as pairs that are made when they are written."""

    def __init__(self, pairs: Iterable[tuple[str, object]]) -> None:
        self.pairs = pairs


def as_json(data: object) -> Iterator[bytes]:
    """Yield readable JSON in UTF-8.

    Parameters
    ----------
    data
        JSON values; a list may be an iterator, an object its `Members`.
    """
    for piece in _pieces(data, "\n"):
        yield piece.encode()
    yield b"\n"


def _pieces(data: object, line: str) -> Iterator[str]:
    """Yield JSON as `json.dumps` writes it with ``indent=1``; `line` begins one of its lines."""
    if isinstance(data, Mapping):
        data = Members(data.items())
    if isinstance(data, Members):
        named = ((f"{json.dumps(name, ensure_ascii=False)}: ", it) for name, it in data.pairs)
        yield from _enclosed("{}", named, line)
    elif isinstance(data, list | tuple | Iterator):
        yield from _enclosed("[]", (("", it) for it in data), line)
    else:
        yield json.dumps(data, ensure_ascii=False)


def _enclosed(ends: str, items: Iterable[tuple[str, object]], line: str) -> Iterator[str]:
    before = ends[0]
    for head, item in items:
        yield f"{before}{line} {head}"
        yield from _pieces(item, f"{line} ")
        before = ","
    yield ends if before == ends[0] else f"{line}{ends[1]}"
