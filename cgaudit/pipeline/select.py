"""From scores and features to a selection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cgaudit.errors import LabelsError, ParamsError
from cgaudit.featurize import FeatureStore
from cgaudit.numerics.classes import EncodedLabels
from cgaudit.params import Params, SelectParams
from cgaudit.pipeline.kept import Earlier, still_there
from cgaudit.progress import Progress
from cgaudit.results.table import Scores
from cgaudit.score import Judging
from cgaudit.selection import RULES, Candidates, Curve, Made, Selecting, Selection, choose, curve
from cgaudit.wording.numbers import plural

KEPT_BEFORE = "kept before"
FLAGGED = "left out: its label looks wrong"
BEYOND = "not among the share"
OTHER = {"labelled": "has no label", "unlabelled": "has a label"}


@dataclass(frozen=True)
class Selected:
    """What was chosen.

    Attributes
    ----------
    selection
        The samples.
    curve
        What parts of the data would reach; None where it was not asked for or cannot be told.
    notes
        What to tell.
    """

    selection: Selection
    curve: Curve | None
    notes: list[str]


def select_samples(
    params: Params,
    scores: Scores,
    store: FeatureStore,
    made_from: str,
    earlier: Earlier | None = None,
    progress: Progress | None = None,
) -> Selected:
    """Choose a part of the samples.

    Parameters
    ----------
    params
        Whose ``select`` and ``score`` sections count here.
    scores
        The scores table.
    store
        The features of its samples.
    made_from
        The `digest` of the scores table.
    earlier
        What was kept before, and stays.
    progress
        Told how far the curve is.

    Raises
    ------
    ParamsError
        The rule needs labels, and is to choose among samples that have none.
    LabelsError
        There is nothing to choose among.
    StaleError
        The store lacks a sample of the scores.
    """
    asked = params.select
    _check(asked, scores)
    among = _among(scores.table, asked.among)
    candidates = _candidates(among, store, asked)
    selecting = Selecting(asked.rule, asked.share, asked.balance, asked.seed)
    notes: list[str] = []
    found: Curve | None = None
    if asked.curve and asked.among == "labelled":
        judging = Judging(
            likelihood=params.score.likelihood,
            issue_rule=params.score.issue_rule,
            strictness=params.score.strictness,
        )
        found = curve(candidates, selecting, judging, scores.provenance.ridge, progress)
    drop, why = _dropping(asked, found)
    made = Made(
        rule=asked.rule,
        share=asked.share,
        balance=asked.balance,
        among=asked.among,
        seed=asked.seed,
        dropped_flagged=drop,
        why=why,
        n_rows=0 if found is None else found.n_rows,
        scores=made_from,
    )
    kept: dict[int, str] = {}
    if asked.stable and earlier is not None:
        kept, note = _staying(earlier, made, among)
        notes.append(note)
    order = choose(candidates, selecting, drop_flagged=drop, kept=list(kept))
    table = _table(scores.table, among, order, made, kept)
    return Selected(Selection(table, made), found, [*notes, _said(made, len(order), len(among))])


def _check(asked: SelectParams, scores: Scores) -> None:
    if scores.provenance.task != "classification":
        raise ParamsError(
            "cgaudit select chooses by classes, and the scores are of score.task: "
            f"{scores.provenance.task}. Choose by the scores yourself: `cgaudit export --to csv "
            "--out scores.csv` has label_score and is_label_issue of each sample, the lowest "
            "label_score to look at first, the flagged to leave out."
        )
    if asked.among == "unlabelled" and RULES[asked.rule].by_score:
        raise ParamsError(
            f"select.rule is {asked.rule!r}, which goes by cg_score, and samples without a label "
            "have none. Set it to herding, k_centre or random."
        )


def _among(table: pd.DataFrame, among: str) -> pd.DataFrame:
    """Return the rows to choose among, each with the class it counts for."""
    labelled = table["given_label"].notna()
    rows = table[labelled if among == "labelled" else ~labelled]
    if not len(rows):
        kind = "a label" if among == "labelled" else "no label"
        raise LabelsError(
            f"None of {plural(len(table), 'sample')} has {kind}, and select.among is {among!r}: "
            "there is nothing to choose among."
        )
    column = "given_label" if among == "labelled" else "predicted_label"
    return rows.assign(label=rows["given_label"], class_=rows[column]).reset_index(drop=True)


def _candidates(among: pd.DataFrame, store: FeatureStore, asked: SelectParams) -> Candidates:
    labelled = asked.among == "labelled"
    flagged = among["is_label_issue"].to_numpy(dtype=bool)
    settled = among.get("is_reviewed", pd.Series(False, among.index)).to_numpy(dtype=bool)
    hashes = among["content_hash"].tolist()
    return Candidates(
        store.take(hashes),
        EncodedLabels.of(among["class_"].to_numpy(dtype=object)).codes,
        among["cg_score"].to_numpy(dtype=np.float64),
        flagged & labelled,
        settled,
        # Several samples of one content are told apart by their order.
        _told_apart(hashes),
    )


def _told_apart(hashes: list[str]) -> list[str]:
    met: dict[str, int] = {}
    names = []
    for name in hashes:
        met[name] = met.get(name, 0) + 1
        names.append(name if met[name] == 1 else f"{name}+{met[name]}")
    return names


def _dropping(asked: SelectParams, found: Curve | None) -> tuple[bool, str]:
    """Return whether to leave out flagged samples, and why."""
    if asked.among == "unlabelled":
        return False, "Samples without a label are not flagged."
    if asked.flagged != "auto":
        return asked.flagged == "drop", f"select.flagged is {asked.flagged}."
    if found is None:
        return False, "Flagged samples stay in: without a curve nothing says that they hurt."
    if found.dropping_pays(asked.share):
        return True, (
            "Flagged samples are left out: judged on rows left out, that is not clearly worse."
        )
    return False, (
        "Flagged samples stay in: judged on rows left out, leaving them out is clearly worse."
    )


def _staying(earlier: Earlier, made: Made, among: pd.DataFrame) -> tuple[dict[int, str], str]:
    """Return the rows that were kept before with the reason that each has now, and what to tell."""
    before = earlier.selection
    if not before.made.is_like(made):
        return {}, f"chosen anew: the rule is another than {earlier.says} was made by"
    kept = dict.fromkeys(still_there(before, among), KEPT_BEFORE)
    if before.made == made:
        # Of the same scores: the same file, whether it was there before or not.
        fresh = before.table.loc[before.table["reason"] == _fresh(made), "id"]
        kept |= dict.fromkeys(kept.keys() & set(among.index[among["id"].isin(fresh)]), _fresh(made))
    return kept, f"of what was kept ({earlier.says}), {len(kept):,} samples are still there"


def _table(
    scores: pd.DataFrame,
    among: pd.DataFrame,
    order: np.ndarray,
    made: Made,
    kept: Mapping[int, str],
) -> pd.DataFrame:
    """Return the selection, a row per sample of the scores, sorted by id."""
    chosen = among.loc[order, ["id"]].assign(
        rank=np.arange(1, len(order) + 1),
        reason=[kept.get(row, _fresh(made)) for row in order.tolist()],
    )
    table = scores[["id", "given_label", "content_hash", "is_label_issue"]].merge(
        chosen, on="id", how="left"
    )
    keep = table["rank"].notna()
    inside = table["id"].isin(set(among["id"]))
    flagged = table["is_label_issue"] & made.dropped_flagged
    why = np.select([~inside, flagged], [OTHER[made.among], FLAGGED], BEYOND)
    table = table.assign(keep=keep, reason=table["reason"].where(keep, why))
    table = table.rename(columns={"given_label": "label"}).astype({"rank": "Int32"})
    return table[["id", "keep", "rank", "reason", "label", "content_hash"]]


def _fresh(made: Made) -> str:
    return f"chosen by {made.rule}"


def _said(made: Made, n_kept: int, n_among: int) -> str:
    return (
        f"{n_kept:,} of {n_among:,} {made.among} samples kept: {RULES[made.rule].says}. {made.why}"
    )
