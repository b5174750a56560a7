"""Which samples are shown: the worst, and some drawn at random."""

from __future__ import annotations

import numpy as np
import pandas as pd
from report_inputs import four_classes

from cgaudit.pages.audit.select import Ranking, select


def ranked(scores: pd.DataFrame) -> Ranking:
    return Ranking(scores, scores.loc.__getitem__)


def test_the_worst_come_first_then_the_drawn_ones_that_are_not_among_them():
    scores = four_classes()
    chosen = select(ranked(scores), n_worst=10, n_drawn=20, seed=3)
    order = scores.sort_values(["is_label_issue", "label_score"], ascending=[False, True])
    assert [shown.id for shown in chosen.samples[:10]] == order["id"].tolist()[:10]
    assert [shown.rank for shown in chosen.samples[:10]] == list(range(1, 11))
    ids = [shown.id for shown in chosen.samples]
    assert len(set(ids)) == len(ids)
    assert len(chosen.drawn) == len(set(chosen.drawn)) == 20
    assert set(range(10, len(ids))) <= set(chosen.drawn)
    for shown in chosen.samples:
        assert order["id"].tolist()[shown.rank - 1] == shown.id


def test_the_draw_does_not_depend_on_the_scores():
    scores = four_classes()
    other = scores.assign(label_score=scores["label_score"].to_numpy()[::-1])

    def ids(frame, seed):
        chosen = select(ranked(frame), 5, 15, seed)
        return [chosen.samples[place].id for place in chosen.drawn]

    assert ids(scores, 0) == ids(other, 0)
    assert ids(scores, 0) != ids(scores, 1)


def test_every_sample_is_drawn_equally_often():
    scores = four_classes(12)
    drawn = [
        chosen.samples[place].id
        for seed in range(600)
        for chosen in [select(ranked(scores), 4, 3, seed)]
        for place in chosen.drawn
    ]
    counts = np.array([drawn.count(name) for name in scores["id"]])
    assert counts.sum() == 1800
    assert abs(counts - 150).max() < 5 * np.sqrt(150)


def test_a_cut_selection_keeps_the_start_of_the_draw():
    chosen = select(ranked(four_classes()), 10, 20, 0)
    cut = chosen.cut(14)
    assert len(cut.samples) == 14
    assert cut.drawn == chosen.drawn[: len(cut.drawn)]
    assert all(place < 14 for place in cut.drawn)
    assert chosen.drawn[len(cut.drawn)] >= 14
    assert chosen.cut(4).n_worst == 4


def test_more_is_asked_for_than_there_is():
    chosen = select(ranked(four_classes(8)), 100, 100, 0)
    assert len(chosen.samples) == chosen.n_worst == 8
    assert sorted(chosen.drawn) == list(range(8))
