"""The review memory: what a person looked at and kept, so that no false alarm is raised twice.

What was relabelled or dropped is there too where somebody said who they were, or why: to trace it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from cgaudit.dataset import Notation
from cgaudit.errors import DecisionError
from cgaudit.project import REVIEWED
from cgaudit.reading.files import Damage, bytes_of
from cgaudit.reading.text import csv_rows
from cgaudit.results.columns import are_numbers, are_sets
from cgaudit.wording.csvtext import unguarded, write_rows
from cgaudit.wording.labelsets import canonical_set
from cgaudit.wording.text import CONFLICT, in_conflict, visible

#: What every review memory has, and what those have in which somebody said who decided, and when.
COLUMNS = ("id", "content_hash", "label", "decision")
WIDE = (*COLUMNS, "reviewer", "decided_at", "comment")
KEEP = "keep"
#: What may stand there: "keep" is honoured, the others say who changed what.
DECISIONS = (KEEP, "relabel", "drop")


def read_reviewed(data: bytes, where: str = REVIEWED) -> pd.DataFrame:
    """Return the review memory in a CSV file's bytes.

    Two branches may have been merged line by line (``merge=union``): then the order is none, a
    header may come twice, and rows may be of both widths.

    Returns
    -------
    DataFrame
        Columns `WIDE`, all text, "" where nobody said.

    Raises
    ------
    DecisionError
        It has other columns or decisions, or is no CSV in UTF-8.
    """
    try:
        rows = [row for _, row in csv_rows(data)]
    except Damage as damage:
        raise DecisionError(f"{where} cannot be read: {damage}. Restore it from git.") from None
    if any(row[0].startswith(CONFLICT) for row in rows):
        raise DecisionError(
            f"{in_conflict(where)} Decisions of both sides may stand side by side: with "
            f"`/{REVIEWED} merge=union` in .gitattributes, git keeps both by itself."
        )
    if not rows:
        return no_reviews()
    heads = (list(COLUMNS), list(WIDE))
    widths = {len(COLUMNS), len(WIDE)} if list(WIDE) in rows else {len(COLUMNS)}
    if rows[0] not in heads or any(len(row) not in widths for row in rows):
        raise DecisionError(
            f"{where} must have the columns {', '.join(COLUMNS)} (and may have "
            f"{', '.join(WIDE[len(COLUMNS) :])}), and a cell for each in every row. Restore it "
            "from git."
        )
    held = [row for row in rows if row not in heads]
    if odd := [row[3] for row in held if row[3] not in DECISIONS]:
        raise DecisionError(
            f"{where} holds the decision {visible(odd[0])!r}; it must be one of "
            f"{', '.join(DECISIONS)}. Restore it from git."
        )
    cells = [[*map(unguarded, row), *[""] * (len(WIDE) - len(row))] for row in held]
    return pd.DataFrame(cells, columns=list(WIDE), dtype=object).drop_duplicates(ignore_index=True)


def reviews_at(path: Path) -> pd.DataFrame | None:
    """Return the review memory in a file, None where there is none.

    Raises
    ------
    DecisionError
        As `read_reviewed`, or it is no file.
    """
    try:
        data = bytes_of(path)
    except FileNotFoundError:
        return None
    except Damage as damage:
        raise DecisionError(f"{path} cannot be read: {damage}. Restore it from git.") from None
    return read_reviewed(data, str(path))


def no_reviews() -> pd.DataFrame:
    """Return an empty review memory."""
    return pd.DataFrame(columns=list(WIDE), dtype=object)


def reviewed_bytes(reviewed: pd.DataFrame) -> bytes:
    """Return the CSV file of a review memory, in one order, so that branches merge well.

    It has the columns of who decided and when where somebody said so.
    """
    said = reviewed[list(WIDE[len(COLUMNS) :])]
    columns = WIDE if bool((said != "").any(axis=None)) else COLUMNS
    file = io.StringIO(newline="")
    write_rows(file, [columns])
    rows = sorted(reviewed[list(columns)].itertuples(index=False, name=None))
    write_rows(file, rows)
    return file.getvalue().encode()


class Remembered(NamedTuple):
    """A decision as the review memory keeps it: a row of `WIDE`."""

    id: str
    content_hash: str
    label: str
    decision: str = KEEP
    reviewer: str = ""
    decided_at: str = ""
    comment: str = ""


def remember(
    reviewed: pd.DataFrame, decided: Iterable[Remembered], changed: Iterable[str] = ()
) -> pd.DataFrame:
    """Return the memory with new decisions in it.

    Parameters
    ----------
    reviewed
        The memory so far.
    decided
        What was decided; it replaces what was there of the same sample.
    changed
        Ids that were relabelled or dropped: what was kept of them is forgotten.
    """
    new = list(decided)
    replaced = {row.id for row in new} | set(changed)
    stay = reviewed[~reviewed["id"].isin(replaced)]
    fresh = pd.DataFrame(new, columns=list(WIDE), dtype=object)
    return pd.concat([stay, fresh], ignore_index=True)


def still_reviewed(reviewed: pd.DataFrame, table: pd.DataFrame) -> np.ndarray:
    """Tell of which samples a person said that the label stands.

    A decision holds until the content or the label changes, whatever becomes of the id: a file
    may move. A number, or a set of labels, that is only written otherwise is the same label.

    Parameters
    ----------
    reviewed
        The review memory.
    table
        n samples: ``content_hash`` and ``given_label`` are read, and what says that these are
        numbers.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    kept = reviewed.loc[reviewed["decision"] == KEEP, ["content_hash", "label"]]
    labels = table["given_label"].to_numpy(dtype=object)
    if are_numbers(table.columns):
        kept, labels = _by_value(kept, table)
    if are_sets(table.columns):
        kept = kept.assign(label=kept["label"].map(canonical_set))
    decided = pd.MultiIndex.from_frame(kept.astype(object))
    samples = pd.MultiIndex.from_arrays([table["content_hash"].to_numpy(dtype=object), labels])
    return np.asarray(samples.isin(decided)) & table["content_hash"].notna().to_numpy()


def _by_value(kept: pd.DataFrame, table: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Return what was kept with numbers for labels, and the numbers of the samples: shape (n,)."""
    notation = Notation.of(table["given_label"].dropna())
    read = [notation.read(label) for label in kept["label"]]
    known = np.array([value is not None for value in read], dtype=bool)
    values = pd.Series(read, index=kept.index, dtype=object)
    return kept.assign(label=values)[known], table["value"].to_numpy(dtype=object)
