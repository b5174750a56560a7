"""The columns of a scores table: their types, and what their values can be.

Whoever reads a table relies on all of it, so it is checked once, whole: a table may have been
written by somebody else, or by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import pandas as pd
import pyarrow as pa

from cgaudit.numerics.pictures import KINDS
from cgaudit.wording.labelsets import set_as_text, set_in

#: The columns every scores table has, in order; more may follow.
SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("given_label", pa.string()),
        pa.field("predicted_label", pa.string()),
        pa.field("label_score", pa.float32()),
        pa.field("is_label_issue", pa.bool_(), nullable=False),
        pa.field("cg_score", pa.float32()),
        pa.field("margin", pa.float32()),
        pa.field("top_labels", pa.list_(pa.string())),
        pa.field("top_scores", pa.list_(pa.float32())),
        pa.field("content_hash", pa.string()),
    ]
)
#: A table of labels that are numbers has all of these: of the given one, the leave-one-out
#: prediction, their difference and the standard deviation of the prediction.
NUMBERS = ("value", "predicted", "residual", "deviation")
#: A table of several labels a sample has all of these.
SETS = ("worst_label", "labels_doubtful", "labels_missing")


def picture_column(kind: str) -> str:
    """Return the name of the column of pictures that look odd in one way, as Datalab calls it."""
    return f"is_{kind}_issue"


#: Those that may follow and are read by somebody.
_MORE = {
    "path": pa.string(),
    "split": pa.string(),
    "error_probability": pa.float32(),
    "is_reviewed": pa.bool_(),
    "outlier_score": pa.float32(),
    "is_outlier_issue": pa.bool_(),
    "near_duplicate_set": pa.int64(),
    "is_near_duplicate_issue": pa.bool_(),
    "is_duplicate_conflict": pa.bool_(),
    "is_split_leak": pa.bool_(),
    **dict.fromkeys(map(picture_column, KINDS), pa.bool_()),
    "picture": pa.string(),
    **dict.fromkeys(("box_left", "box_top", "box_width", "box_height"), pa.float64()),
    **dict.fromkeys(NUMBERS, pa.float64()),
    "worst_label": pa.string(),
    **dict.fromkeys(SETS[1:], pa.list_(pa.string())),
    "overlap_set": pa.int64(),
    "is_overlap_issue": pa.bool_(),
}
#: What pages say of single samples, and do not count over all of them.
OF_ONE = frozenset(
    {
        *("top_labels", "top_scores", "content_hash", "path"),
        *("cg_score", "error_probability", "is_reviewed"),
    }
)
#: What each column says, for docs/reference/columns.md.
MEANINGS = {
    "id": "The sample's id: a column of the user's, else its path or row.",
    "given_label": "The label in this version; empty where there is none.",
    "predicted_label": "The label that the rest of the data suggests, leave-one-out.",
    "label_score": "**Low is suspicious.** How often samples that the rest of the data sees like "
    "this one are given this label, 0 to 1. Not the probability that the label is right.",
    "is_label_issue": "Flagged, by `score.issue_rule`; never where `given_label` is empty.",
    "cg_score": "**High is irregular.** Complexity-gap score of the given class, at least 0.",
    "margin": "Positive is suspicious. Prediction of the best other class minus that of the "
    "given one.",
    "top_labels": "The five most probable classes, the most probable first.",
    "top_scores": "Their probabilities.",
    "content_hash": "MD5 of the file's bytes, or of the canonical JSON of the row's features.",
    "path": "Where the sample lies in the source.",
    "split": "Such as train or test; where the source has splits.",
    "error_probability": "**High is suspicious.** How likely the label is to be wrong, if wrong "
    "labels fall at random; too low for errors that look like the model's own confusions.",
    "is_reviewed": "A person decided that the label stands (`reviewed.csv` has a `keep` of "
    "this content with this label); then it is no issue.",
    "outlier_score": "Low is unusual. 1/2 at the upper quartile, 1 / (2 + 2v) v interquartile "
    "ranges beyond it.",
    "is_outlier_issue": "Beyond `score.outlier_threshold`.",
    "near_duplicate_set": "Number of the set of near-duplicates that it is in; -1 for none.",
    "is_near_duplicate_issue": "Whether it is in one.",
    "is_duplicate_conflict": "Whether that set has more than one label.",
    "is_split_leak": "Whether that set is in more than one split.",
    "is_dark_issue": "Of a picture: nothing in it is brighter than a quarter of the range.",
    "is_light_issue": "Of a picture: nothing in it is darker than three quarters of the range.",
    "is_low_information_issue": "Of a picture: all of it is about as bright.",
    "is_blurry_issue": "Of a picture: it is less than half as sharp as the median.",
    "is_odd_size_issue": "Of a picture: it is four times as large or small as the median.",
    "is_odd_aspect_ratio_issue": "Of a picture: it is three times as long or as narrow as the "
    "median.",
    "picture": "Of a box: the picture that it is in.",
    "box_left": "Of a box: its left edge, as a share of the picture's width.",
    "box_top": "Of a box: its upper edge, as a share of the picture's height.",
    "box_width": "Of a box: its width, as a share of the picture's.",
    "box_height": "Of a box: its height, as a share of the picture's.",
    "value": "Of a label that is a number: the number.",
    "predicted": "Of a number: what the rest of the data says, leave-one-out.",
    "residual": "Of a number: `value` minus `predicted`.",
    "deviation": "Of a number: the standard deviation of the prediction.",
    "worst_label": "Of several labels: the one whose presence or absence is the least supported; "
    "`label_score` is how probable that is.",
    "labels_doubtful": "Of several labels: given, and flagged: they may have to go.",
    "labels_missing": "Of several labels: not given, and flagged: they may have to be added.",
    "overlap_set": "Of a box: number of the place that it shares with others; -1 for none.",
    "is_overlap_issue": "Of a box: whether another class is on that place.",
}
#: A table of boxes has all of these.
BOXES = ("picture", "box_left", "box_top", "box_width", "box_height")
_LABELS, _SCORES = "top_labels", "top_scores"
#: Float32 may say a little more than 1.
_ONE = 1 + 1e-6


def types() -> dict[str, pa.DataType]:
    """Return the type of every column that is known, in order."""
    return {field.name: field.type for field in SCHEMA} | _MORE


def lacking(schema: pa.Schema) -> str | None:
    """Return which columns are missing, None where all are there."""
    missing = [name for name in SCHEMA.names if name not in schema.names]
    return f"it lacks the columns {missing}" if missing else None


def are_numbers(columns: Collection[str]) -> bool:
    """Tell by its columns whether the labels of a scores table are numbers."""
    return set(NUMBERS) <= set(columns)


def are_sets(columns: Collection[str]) -> bool:
    """Tell by its columns whether a sample of a scores table may have several labels."""
    return set(SETS) <= set(columns)


def lacking_for(task: str, schema: pa.Schema) -> str | None:
    """Return which columns of a task are missing, None where all are there."""
    wanted = {"regression": NUMBERS, "multilabel": SETS}.get(task, ())
    missing = [name for name in wanted if name not in schema.names]
    return f"its task is {task}, and it lacks the columns {missing}" if missing else None


def wrong_type(schema: pa.Schema) -> str | None:
    """Return which column has another type than it should, None where none has."""
    known = types()
    for field in schema:
        wanted = known.get(field.name)
        # What pandas makes of text differs with its version; it is read the same.
        found = pa.string() if field.type == pa.large_string() else field.type
        if wanted is not None and found != wanted:
            return f"its column {field.name} holds {field.type}, not {wanted}"
    return None


def wrong_values(table: pa.Table, classified: bool) -> str | None:
    """Return what is wrong with the values of columns that have the right types, or None.

    Parameters
    ----------
    table
        The whole table.
    classified
        Whether its labels are classes, of which each sample is predicted to have one.
    """
    return next(_wrong(table, classified), None)


def _wrong(table: pa.Table, classified: bool) -> Iterator[str]:
    never_empty = {"id", "path", "near_duplicate_set", "overlap_set", *BOXES, _LABELS, _SCORES}
    never_empty |= {"predicted_label"} if classified else set()
    for field in table.schema:
        if table[field.name].null_count and (field.name in never_empty or field.type == pa.bool_()):
            yield f"its column {field.name} is empty in some rows"
    identity = table["id"]
    if len(identity.unique()) < len(identity):
        yield "its ids are not unique"
    yield from _wrong_numbers(table)
    yield from _wrong_tops(table, classified)
    yield from _wrong_boxes(table)
    if are_numbers(table.schema.names):
        yield from _wrong_values(table)
    if are_sets(table.schema.names):
        yield from _wrong_sets(table)


def _wrong_numbers(table: pa.Table) -> Iterator[str]:
    """Yield what is wrong with numbers; a share where there is a label, else none."""
    labelled = table["given_label"].is_valid().to_numpy()
    for name, needed in (("label_score", labelled), ("error_probability", False)):
        if name in table.schema.names:
            values = _numbers(table[name])
            if (needed & np.isnan(values)).any() or _is_no_share(values):
                yield f"its column {name} holds values outside of 0 … 1"
    for name in ("cg_score", "margin", "outlier_score", *NUMBERS):
        if name in table.schema.names and np.isinf(_numbers(table[name])).any():
            yield f"its column {name} holds infinite values"


def _wrong_tops(table: pa.Table, classified: bool) -> Iterator[str]:
    """Yield what is wrong with the most probable labels and their probabilities."""
    labels, scores = (table[name].combine_chunks() for name in (_LABELS, _SCORES))
    counts = labels.value_lengths()
    if not counts.equals(scores.value_lengths()):
        yield f"its columns {_LABELS} and {_SCORES} do not fit together"
    if classified and (counts.to_numpy(zero_copy_only=False) == 0).any():
        yield f"its column {_LABELS} is empty in some rows"
    if labels.flatten().null_count:
        yield f"its column {_LABELS} holds labels that are none"
    values = _numbers(scores.flatten())
    if np.isnan(values).any() or _is_no_share(values):
        yield f"its column {_SCORES} holds values outside of 0 … 1"


def _wrong_values(table: pa.Table) -> Iterator[str]:
    """Yield what is wrong with labels that are numbers, and what is said of them."""
    labelled = table["given_label"].is_valid().to_numpy()
    for name in NUMBERS:
        if np.isnan(_numbers(table[name])[labelled]).any():
            yield f"its column {name} is empty where there is a label"
    if np.isnan(_numbers(table["predicted"])).any():
        yield "its column predicted is empty in some rows"
    if not np.isnan(_numbers(table["value"])[~labelled]).all():
        yield "its column value holds numbers where there is no label"
    if (_numbers(table["deviation"]) < 0).any():
        yield "its column deviation holds values below 0"


def _wrong_sets(table: pa.Table) -> Iterator[str]:
    """Yield what is wrong with labels that are sets, and what is said of them."""
    if table["predicted_label"].null_count:
        yield "its column predicted_label is empty in some rows"
    known: dict[str | None, frozenset[str]] = {None: frozenset()}
    for name in ("given_label", "predicted_label"):
        for text in table[name].drop_null().unique().to_pylist():
            found = set_in(text)
            if found is None or set_as_text(found) != text:
                yield f"its column {name} holds what is no set of labels"
                return
            known[text] = frozenset(found)
    given = [known[text] for text in table["given_label"].to_pylist()]
    for name, inside in (("labels_doubtful", True), ("labels_missing", False)):
        lists = table[name].to_pylist()
        if any(it is None or None in it for it in lists):
            yield f"its column {name} is empty in some rows"
        elif any((label in own) != inside for own, it in zip(given, lists, strict=True)
                 for label in it):  # fmt: skip
            yield f"its column {name} does not fit the given labels"


def _wrong_boxes(table: pa.Table) -> Iterator[str]:
    """Yield what is wrong with the boxes of a table; nothing where it is of something else."""
    there = [name for name in BOXES if name in table.schema.names]
    if there and len(there) < len(BOXES):
        yield f"of the columns {', '.join(BOXES)} it has {', '.join(there)} alone"
        return
    for name in there[1:]:
        values = _numbers(table[name])
        if not np.isfinite(values).all():
            yield f"its column {name} holds what is no finite number"
        elif name in {"box_width", "box_height"} and (values <= 0).any():
            yield f"its column {name} holds boxes without area"


def _numbers(column: pa.ChunkedArray | pa.Array) -> np.ndarray:
    """Return a column's numbers, NaN where it is empty."""
    return np.asarray(pd.Series(column.to_pandas()).to_numpy(np.float64))


def _is_no_share(values: np.ndarray) -> bool:
    return bool(((values < 0) | (values > _ONE)).any())
