"""The review memory: what a person looked at and kept, so that no false alarm is raised twice."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from cgaudit.errors import DecisionError
from cgaudit.project import REVIEWED
from cgaudit.reading.files import Damage, bytes_of
from cgaudit.reading.text import csv_rows
from cgaudit.wording.csvtext import unguarded, write_rows
from cgaudit.wording.text import CONFLICT, in_conflict, visible

COLUMNS = ("id", "content_hash", "label", "decision")
KEEP = "keep"


def read_reviewed(data: bytes, where: str = REVIEWED) -> pd.DataFrame:
    """Return the review memory in a CSV file's bytes.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, all text.

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
    if tuple(rows[0]) != COLUMNS or any(len(row) != len(COLUMNS) for row in rows):
        raise DecisionError(
            f"{where} must have the columns {', '.join(COLUMNS)}, and a cell for each in every "
            "row. Restore it from git."
        )
    if odd := [row[3] for row in rows[1:] if row[3] != KEEP]:
        raise DecisionError(
            f"{where} holds the decision {visible(odd[0])!r}; {KEEP!r} is the only one that is "
            "remembered. Restore it from git."
        )
    cells = [list(map(unguarded, row)) for row in rows[1:]]
    return pd.DataFrame(cells, columns=list(COLUMNS), dtype=object)


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
    return pd.DataFrame(columns=list(COLUMNS), dtype=object)


def reviewed_bytes(reviewed: pd.DataFrame) -> bytes:
    """Return the CSV file of a review memory, sorted by id so that branches merge well."""
    file = io.StringIO(newline="")
    write_rows(file, [COLUMNS])
    rows = sorted(reviewed[list(COLUMNS)].itertuples(index=False, name=None))
    write_rows(file, rows)
    return file.getvalue().encode()


def remember(
    reviewed: pd.DataFrame,
    kept: Iterable[tuple[str, str, str]],
    changed: Iterable[str] = (),
) -> pd.DataFrame:
    """Return the memory with new decisions in it.

    Parameters
    ----------
    reviewed
        The memory so far.
    kept
        (id, content_hash, label) of each sample whose label stands; replaces what was there of it.
    changed
        Ids that were relabelled or dropped: what was kept of them is forgotten.
    """
    new = [(*row, KEEP) for row in kept]
    replaced = {row[0] for row in new} | set(changed)
    stay = reviewed[~reviewed["id"].isin(replaced)]
    fresh = pd.DataFrame(new, columns=list(COLUMNS), dtype=object)
    return pd.concat([stay, fresh], ignore_index=True)


def still_reviewed(reviewed: pd.DataFrame, table: pd.DataFrame) -> np.ndarray:
    """Tell of which samples a person said that the label stands.

    A decision holds until the content or the label changes, whatever becomes of the id: a file
    may move.

    Parameters
    ----------
    reviewed
        The review memory.
    table
        n samples: ``content_hash`` and ``given_label`` are read.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    kept = reviewed.loc[reviewed["decision"] == KEEP, ["content_hash", "label"]]
    decided = pd.MultiIndex.from_frame(kept.astype(object))
    samples = pd.MultiIndex.from_arrays(
        [table["content_hash"].to_numpy(dtype=object), table["given_label"].to_numpy(dtype=object)]
    )
    return np.asarray(samples.isin(decided)) & table["content_hash"].notna().to_numpy()
