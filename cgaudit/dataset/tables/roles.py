"""Which column of a table plays which part, by its name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from cgaudit.dataset.tables.counting import repeats, sample_names
from cgaudit.dataset.tables.table import Table
from cgaudit.errors import ColumnError

CANDIDATES: dict[str, tuple[str, ...]] = {
    "id": ("id", "sample_id", "uid", "uuid", "guid", "image_id", "example_id", "key", "index"),
    "label": (
        *("label", "labels", "given_label", "class", "class_name", "category"),
        *("target", "y", "intent", "annotation"),
    ),
    "split": ("split", "subset", "partition"),
    "image": (
        *("path", "image", "image_path", "file", "filename", "file_name", "filepath"),
        *("file_path", "img", "img_path", "image_file", "relpath"),
    ),
    "embedding": ("embedding", "embeddings", "features", "feature", "vector", "vectors"),
    "text": (
        *("text", "sentence", "utterance", "document", "question", "query", "content", "message"),
        *("review", "comment", "tweet", "body", "description", "prompt", "input", "title"),
    ),
}
"""Column names that a guess accepts, best first, in any case."""


def candidates(role: str, columns: Collection[str]) -> list[str]:
    """Return the columns whose name fits a role, best first; `role` is a key of `CANDIDATES`."""
    by_name = {_folded(column): column for column in reversed(list(columns))}
    return [by_name[name] for name in CANDIDATES[role] if name in by_name]


def fits(role: str, column: str) -> bool:
    """Tell whether a column's name fits a role."""
    return _folded(column) in CANDIDATES[role]


def choose_column(
    where: object, role: str, wanted: str | None, columns: Sequence[str], notes: list[str]
) -> str | None:
    """Return the name of the column that plays a role, or None where none looks like it.

    Parameters
    ----------
    where
        The table, for messages.
    role
        A key of `CANDIDATES`.
    wanted
        The column that the user named; None to guess.
    columns
        What the table has.
    notes
        A guess is reported here.

    Raises
    ------
    ColumnError
        The named column is missing.
    """
    if wanted is not None:
        if wanted not in columns:
            raise ColumnError(where, role, wanted, columns)
        return wanted
    fitting = candidates(role, columns)
    if not fitting:
        return None
    others = f" ({', '.join(map(repr, fitting[1:]))} would do too)" if fitting[1:] else ""
    notes.append(f"{role} column guessed: {fitting[0]!r}{others}")
    return fitting[0]


def choosing(
    table: Table, where: object, notes: list[str], *, samples: bool = False
) -> Callable[[str, str | None], str | None]:
    """Return `choose_column` for one table, where a guess takes a column of text or numbers only.

    The function takes the role and the column that the user named, None to guess.

    Parameters
    ----------
    samples
        The rows are the samples themselves: an id that most of them share is none, and any column
        that by its name and values tells them apart (``patient_id``) may be their id.
    """
    plain = [name for name in table.columns if table.holds(name) in {"text", "number"}]

    def choose(role: str, wanted: str | None) -> str | None:
        columns: Sequence[str] = table.columns if wanted else plain
        if role == "label" and not wanted:
            listing = [n for n in candidates(role, table.columns) if table.lists_labels(n)]
            columns = [*plain, *listing]
        if role != "id" or wanted or not samples:
            return choose_column(where, role, wanted, columns, notes)
        notes.extend(
            f"column {name!r} is called like an id, but holds neither text nor numbers: not used"
            for name in table.columns
            if fits("id", name) and name not in plain
        )
        telling = [name for name in columns if not _is_shared(table, name, notes)]
        chosen = choose_column(where, role, None, telling, notes)
        if chosen is None:
            chosen = next(sample_names(table, telling), None)
            if chosen is not None:
                notes.append(f"id column guessed: {chosen!r}, which is another in every row")
        return chosen

    return choose


def _is_shared(table: Table, column: str, notes: list[str]) -> bool:
    """Tell whether most rows share the value of a column that an id is called like, and say so."""
    if not fits("id", column):
        return False
    (cells,) = table.texts(column)
    n = repeats(cells)
    if shared := 2 * n > len(cells):
        notes.append(
            f"column {column!r} is called like an id and is none: {n:,} of {len(cells):,} rows "
            "repeat another's"
        )
    return shared


def _folded(name: str) -> str:
    return name.strip().lower()
