"""The review memory: what a person looked at and kept, so that no false alarm is raised twice."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import numpy as np
import pandas as pd

from cgaudit.errors import DecisionError
from cgaudit.files import csv_text
from cgaudit.project import REVIEWED

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
        It has other columns, or is no CSV in UTF-8.
    """
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DecisionError(f"{where} is no CSV in UTF-8 ({error}). Restore it from git.") from None
    rows = [row for row in rows if row]
    if not rows:
        return no_reviews()
    if tuple(rows[0]) != COLUMNS or any(len(row) != len(COLUMNS) for row in rows):
        raise DecisionError(
            f"{where} must have the columns {', '.join(COLUMNS)}, and a cell for each in every "
            "row. Restore it from git."
        )
    return pd.DataFrame(rows[1:], columns=list(COLUMNS), dtype=object)


def no_reviews() -> pd.DataFrame:
    """Return an empty review memory."""
    return pd.DataFrame(columns=list(COLUMNS), dtype=object)


def reviewed_bytes(reviewed: pd.DataFrame) -> bytes:
    """Return the CSV file of a review memory, sorted by id so that branches merge well."""
    rows = sorted(reviewed[list(COLUMNS)].itertuples(index=False, name=None))
    return csv_text([COLUMNS, *rows]).encode()


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
