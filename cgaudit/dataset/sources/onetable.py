"""One table as the whole data: which column is what, and so what kind of data it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from cgaudit.dataset.images import IMAGE_SUFFIXES, Decoding
from cgaudit.dataset.source import SourceKind
from cgaudit.dataset.sources.prose import LOOKED_AT, is_prose
from cgaudit.dataset.sources.rows import (
    ColumnRows,
    PictureRows,
    Roles,
    RowSource,
    TextRows,
    VectorRows,
)
from cgaudit.dataset.tables import (
    Holding,
    Table,
    all_differ,
    as_text,
    candidates,
    choose_column,
    choosing,
    fits,
    index_columns,
    sample_names,
)
from cgaudit.errors import ColumnError, FeatureError, SourceError
from cgaudit.params import SourceParams

#: What a column must hold to play a part, by the part.
_NEEDED: dict[str, Holding] = {"image": "image", "embedding": "vector", "text": "text"}
_IN_WORDS: dict[Holding, str] = {
    "image": "image bytes",
    "vector": "lists of numbers",
    "text": "text",
}


def open_one_table(table: Table, params: SourceParams, kind: str = "auto") -> RowSource:
    """Return the rows of a table as samples.

    Parameters
    ----------
    table
        The file, opened.
    params
        Whose columns count here; those that are None are guessed.
    kind
        What to read it as; ``"auto"`` infers: named columns first, then image bytes, lists of
        numbers, a column of text, and last a table of numbers and categories.

    Raises
    ------
    ColumnError
        A named column is missing, none can be guessed, or nothing looks like labels and no other
        table holds them.
    FeatureError
        A named column holds something else than what it is needed for.
    SourceError
        The table has no rows, or only names image files.
    """
    notes: list[str] = []
    if not len(table):
        raise SourceError(f"{table.file} has a header but no rows.")
    roles = _roles(table, params, notes)
    held = _held(table, roles)
    if kind == "auto":
        kind = _inferred(table, params, held)
        notes.append(f"kind of data inferred from the columns: {kind}")
    source = _opened(table, kind, params, roles, held, notes)
    source.notes += notes
    return source


def _held(table: Table, roles: Roles) -> dict[str, Holding]:
    """Return what the columns hold that may be content."""
    return {name: table.holds(name) for name in table.columns if name not in roles}


def _roles(table: Table, params: SourceParams, notes: list[str]) -> Roles:
    """Choose the columns of id, label and split, which are no features whatever they hold."""
    named: Mapping[str, str | None] = {
        "id": params.id_column,
        "label": params.label_column,
        "split": params.split_column,
    }
    if params.labels is not None:
        # The names are those of the table of labels, and may be missing here.
        named = {role: name if name in table.columns else None for role, name in named.items()}
    choose = choosing(table, table.file, notes, samples=True)
    roles = Roles(*(choose(role, name) for role, name in named.items()))
    if roles.label is None and params.labels is None:
        raise ColumnError(table.file, "label", None, table.columns)
    return roles


def _inferred(table: Table, params: SourceParams, held: Mapping[str, Holding]) -> SourceKind:
    if params.embedding_column:
        return "features"
    if params.text_column:
        return "text"
    if params.feature_columns:
        return "table"
    if "image" in held.values() or params.image_column in table.columns:
        return "images"
    if "vector" in held.values():
        return "features"
    if _text_column(table, held):
        return "text"
    _refuse_image_paths(table, held)
    return "table"


def _opened(
    table: Table,
    kind: str,
    params: SourceParams,
    roles: Roles,
    held: Mapping[str, Holding],
    notes: list[str],
) -> RowSource:
    if kind == "images":
        image = params.image_column if params.image_column in table.columns else None
        column = _content_column(table, "image", image, held, notes)
        return PictureRows(table, column, roles, Decoding.of(params))
    if kind == "features":
        column = _content_column(table, "embedding", params.embedding_column, held, notes)
        return VectorRows(table, column, roles)
    if kind == "text":
        wanted = params.text_column
        column = wanted or _text_column(table, held) or ""
        if not column or wanted:
            column = _content_column(table, "text", wanted, held, notes)
        else:
            notes.append(f"text column guessed: {column!r}")
        return TextRows(table, column, roles)
    features, left_out = _feature_columns(table, params, held)
    return ColumnRows(table, features, roles, left_out)


def _content_column(
    table: Table, role: str, wanted: str | None, held: Mapping[str, Holding], notes: list[str]
) -> str:
    needed = _NEEDED[role]
    if wanted is not None and wanted in table.columns and (has := table.holds(wanted)) != needed:
        other = next((other for other, fit in _NEEDED.items() if fit == has), None)
        remedy = f"--{other}-column" if other else f"another with --{role}-column"
        raise FeatureError(
            f"{table.file}: column {wanted!r} holds no {_IN_WORDS[needed]}"
            f"{f', but {_IN_WORDS[has]}. Name it with' if other else '. Name'} {remedy}."
        )
    fitting = [name for name, holding in held.items() if holding == needed]
    chosen = choose_column(table.file, role, wanted, table.columns if wanted else fitting, notes)
    if chosen is None and len(fitting) == 1:
        chosen = fitting[0]
        notes.append(f"{role} column guessed: {chosen!r}, the only column of {_IN_WORDS[needed]}")
    if chosen is None:
        raise ColumnError(table.file, role, None, table.columns)
    return chosen


def _text_column(table: Table, held: Mapping[str, Holding]) -> str | None:
    """Return the column of text by its name, or because it is the only content and is prose."""
    index = index_columns(table, held)
    content = [name for name in held if name not in index]
    texts = [name for name in content if held[name] == "text"]
    likely = candidates("text", texts)
    if len(content) == 1:
        likely += texts
    return next((name for name in likely if is_prose(_head(table, name))), None)


def _head(table: Table, column: str) -> Sequence[str]:
    cells = (as_text(value, table.file) for value in table.head(column, LOOKED_AT))
    return [cell for cell in cells if cell is not None]


def _refuse_image_paths(table: Table, held: Mapping[str, Holding]) -> None:
    for name, holding in held.items():
        if holding != "text" or not fits("image", name):
            continue
        head = _head(table, name)
        if head and all(PurePath(cell).suffix.lower() in IMAGE_SUFFIXES for cell in head):
            raise SourceError(
                f"{table.file} names image files (column {name!r}: {head[0]!r}) and holds none. "
                f"Give the folder of images as the source, and this table as its labels: "
                f"`cgaudit audit FOLDER --labels {table.file}`."
            )


def _feature_columns(
    table: Table, params: SourceParams, held: Mapping[str, Holding]
) -> tuple[Sequence[str], dict[str, str]]:
    """Return the columns that are features, and those that are not and why."""
    for name in params.feature_columns or ():
        if name not in table.columns:
            raise ColumnError(table.file, "feature", name, table.columns)
        if table.holds(name) == "vector":
            raise FeatureError(
                f"{table.file}: column {name!r} holds lists of numbers, which are no single "
                "feature. Name it with --embedding-column (in params.yaml: embedding_column)."
            )
    if params.feature_columns:
        return params.feature_columns, {}
    left_out = index_columns(table, held)
    for name, holding in held.items():
        if holding not in {"text", "number"}:
            left_out[name] = "neither numbers nor text"
    rest = [name for name in held if name not in left_out]
    left_out |= dict.fromkeys(sample_names(table, rest), "it tells samples apart, like an id")
    left_out |= {
        name: "no value comes twice, as in an id"
        for name in rest
        if name not in left_out and held[name] == "text" and all_differ(table, name)
    }
    features = [name for name in held if name not in left_out]
    if not features:
        raise ColumnError(table.file, "feature", None, table.columns)
    return features, left_out
