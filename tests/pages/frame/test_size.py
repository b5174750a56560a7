"""The bytes that pages are laid out by, against those that the templates write.

Each test renders two pages that differ in how many pieces of a kind they have, with texts of one
letter and all pictures the same one, and compares what the page grew by with what was taken from
its budgets: never less, and for a piece that has all it can have, not much more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from diff_inputs import comparison
from PIL import Image
from report_inputs import inputs, neighbours_in, odd_table, scores_table

from cgaudit.pages.audit import ReportOptions, build_context, render
from cgaudit.pages.change import DiffOptions, Versions, build_diff_context, render_diff
from cgaudit.pages.frame.asked import Scene, Sights, TellingColumn, TellingColumns
from cgaudit.pages.frame.size import FRAME_BYTES
from cgaudit.pages.frame.thumbnails import Budget

ROWS = 200
CARDS = 40
#: A full piece may be counted as so many times what it takes.
AMPLE = 1.5
#: An outlier's card: its constant is also that of a sample in a set, and is on the safe side.
AMPLE_SAMPLE = 1.75
CLASSES = list("abcde")
GIVEN = [CLASSES[i % 5] for i in range(ROWS)]
NEXT = [CLASSES[(i + 1) % 5] for i in range(ROWS)]
IDS = [f"{i:03}" for i in range(ROWS)]


class Growth(NamedTuple):
    """What a page grew by, in bytes: what the template wrote, and what the budgets counted."""

    written: float
    counted: float

    def per(self, n: int) -> Growth:
        return Growth(self.written / n, self.counted / n)

    def minus(self, other: Growth) -> Growth:
        return Growth(self.written - other.written, self.counted - other.counted)

    def fits(self) -> bool:
        return 0 < self.written <= self.counted

    def is_ample(self, times: float = AMPLE) -> bool:
        return self.fits() and self.counted <= times * self.written


@pytest.fixture
def growth(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Growth]:
    """Return what a page grows by from `few` to `many` of something."""
    counted: list[int] = []
    take = Budget.take

    def noted(budget: Budget, size: int) -> bool:
        taken = take(budget, size)
        counted.extend([size] * taken)
        return taken

    monkeypatch.setattr(Budget, "take", noted)

    def between(page: Callable[[int], str], few: int, many: int) -> Growth:
        found = []
        for n in (few, many):
            counted.clear()
            found.append(Growth(len(page(n).encode()), sum(counted)))
        return found[1].minus(found[0])

    return between


def picture(_: str) -> Image.Image:
    return Image.new("RGB", (96, 96))


def letter(_: str) -> str:
    return "t"


# --- the report ---


def table(kind: str = "unsure") -> pd.DataFrame:
    """Return rows that are all shown in the same words."""
    given_first = kind == "agrees"
    tops = [[g, n] if given_first else [n, g] for g, n in zip(GIVEN, NEXT, strict=True)]
    return scores_table(IDS, GIVEN, GIVEN).assign(
        is_label_issue=kind == "flagged",
        is_reviewed=kind == "reviewed",
        predicted_label=[top[0] for top in tops],
        label_score=np.float32(0.2771234),
        cg_score=np.float32(1.2345),
        top_labels=[[*top, *sorted({*CLASSES} - {*top})] for top in tops],
        top_scores=[[0.4123, 0.2771, 0.1523, 0.1312, 0.0271]] * ROWS,
    )


def report(
    scores: pd.DataFrame, *, cards: int = CARDS, k: int | None = None, columns: int = 0, **sights
) -> str:
    """Return a report with `k` neighbours for each label, and so many telling columns."""
    if k is not None:
        sights["neighbours"] = neighbours_in(scores, k)
    if columns:
        told = [TellingColumn(str(number), "1", ["1", "1"]) for number in range(columns)]
        sights["columns"] = lambda asked: [
            TellingColumns([one.given, one.rival], told) for one in asked
        ]
        sights["cells"] = lambda _, names: ["1"] * len(names)
    options = ReportOptions(samples=cards, random_samples=0)
    return render(build_context(**inputs(scores, params=options, **sights)))


SIGHTS = {
    "names": {},
    "pictures": {"picture": picture},
    "texts": {"excerpt": letter},
    "neighbours": {"picture": picture, "k": 4},
    "a neighbour each": {"k": 1},
    "columns": {"columns": 6, "k": 4},
    "columns, a neighbour each": {"columns": 6, "k": 1},
    "one column": {"columns": 1},
}


@pytest.mark.parametrize("sights", SIGHTS.values(), ids=SIGHTS.keys())
@pytest.mark.parametrize("kind", ["flagged", "unsure", "agrees", "reviewed"])
def test_no_card_takes_more_than_is_counted(growth, kind, sights):
    scores = table(kind)
    assert growth(lambda n: report(scores, cards=n, **sights), CARDS, 2 * CARDS).fits()


def test_a_card_with_all_it_can_have(growth):
    # The votes are there, and there is no neighbour to show.
    page = growth(lambda n: report(table(), cards=n, picture=picture, k=0), CARDS, 2 * CARDS)
    assert page.is_ample()


def test_a_neighbour_with_its_picture(growth):
    page = growth(lambda k: report(table(), k=k, picture=picture), 2, 4)
    assert page.is_ample()


def test_what_stands_around_the_neighbours(growth):
    page = growth(lambda k: report(table(), k=k, picture=picture), 0, 1)
    assert page.is_ample()


def test_a_telling_column(growth):
    assert growth(lambda n: report(table(), columns=n), 3, 6).is_ample()


def test_what_stands_around_the_columns(growth):
    assert growth(lambda n: report(table(), columns=n), 0, 1).is_ample()


def test_a_value_of_a_neighbour(growth):
    """Where there are more neighbours, each column takes that many more values."""
    few, many = (growth(lambda n, k=k: report(table(), columns=n, k=k), 3, 6) for k in (4, 8))
    assert many.minus(few).is_ample()


# --- boxes ---


def scene(_: str) -> Scene:
    return Scene("p", 0.1234, 0.1234, 0.2345, 0.2345)


def boxed(n: int, *, each: int = 1) -> pd.DataFrame:
    """Return a table of boxes, so many pictures of which have flagged ones."""
    places = {f"box_{side}": 0.1234 for side in ("left", "top", "width", "height")}
    pictures = [str(at // each % 10) if at < n * each else "x" for at in range(ROWS)]
    flagged = [at < n * each for at in range(ROWS)]
    return table("flagged").assign(
        **places, picture=pictures, is_label_issue=flagged, overlap_set=-1, is_overlap_issue=False
    )


def test_a_box_in_its_picture(growth):
    shown = {"picture": picture, "scene": scene, "whole": picture}
    with_ = growth(lambda n: report(table(), cards=n, **shown), CARDS, 2 * CARDS)
    without = growth(lambda n: report(table(), cards=n, picture=picture), CARDS, 2 * CARDS)
    assert with_.minus(without).is_ample()


@pytest.mark.parametrize("each", [1, 8])
def test_a_picture_with_its_flagged_boxes(growth, each):
    shown = {"picture": picture, "scene": scene, "whole": picture, "cards": 0}
    assert growth(lambda n: report(boxed(n, each=each), **shown), 2, 8).fits()


# --- near-duplicates and outliers ---


def odd(
    *, sets: int = 1, members: int = 2, outliers: int = 1, kinds: int = 2, span: int = 10, **sights
) -> str:
    """Return a report without cards, with sets of the same content across labels and splits."""
    names = [CLASSES[i % kinds] for i in range(ROWS)]
    scores = table("flagged").assign(given_label=names, split=names, content_hash="same")
    rows = [list(range(span * at, span * at + members)) for at in range(sets)]
    far = dict.fromkeys(range(ROWS - outliers, ROWS), 1e-12)
    return report(odd_table(rows, far, scores), cards=0, **sights)


ODD_SIGHTS = {name: SIGHTS[name] for name in ("names", "pictures", "texts")}


@pytest.mark.parametrize("sights", ODD_SIGHTS.values(), ids=ODD_SIGHTS.keys())
def test_no_oddity_takes_more_than_is_counted(growth, sights):
    assert growth(lambda n: odd(outliers=n, **sights), 8, 16).fits()
    assert growth(lambda n: odd(sets=4, members=n, **sights), 4, 6).fits()
    assert growth(lambda n: odd(sets=n, **sights), 8, 16).fits()
    # More members and labels than are shown.
    assert growth(lambda n: odd(sets=n, members=10, kinds=5, **sights), 8, 16).fits()


def test_an_outlier_with_its_picture(growth):
    assert growth(lambda n: odd(outliers=n, picture=picture), 8, 16).is_ample(AMPLE_SAMPLE)


def test_what_stands_around_the_samples_of_a_set(growth):
    of_two = growth(lambda n: odd(sets=n, picture=picture), 8, 16).per(8)
    of_four = growth(lambda n: odd(sets=n, members=4, picture=picture), 8, 16).per(8)
    assert of_two.minus(of_four.minus(of_two)).is_ample()


# --- the page of a comparison ---


def change(kind: str, n: int, *, twice: bool = False, sights: Sights | None = None) -> str:
    """Return a comparison that shows n samples of a kind, renamed where that can be."""
    a = table("agrees").assign(is_label_issue=kind == "resolved")
    b = a.assign(is_label_issue=kind == "introduced", predicted_label="f")
    if kind == "relabelled":
        b = b.assign(given_label=NEXT, top_scores=[[0.4, 0.1, 0.1, 0.1, 0.1]] * ROWS)
    if kind == "edited":
        b = b.assign(content_hash=[f"e{i:031}" for i in range(ROWS)])
    else:
        b = b.assign(id=[f"r{name}" for name in IDS])
    shown = sights and Versions(sights, sights, lambda *_: not twice)
    options = DiffOptions(samples=n)
    page = render_diff(build_diff_context(**comparison(a, b, versions=shown, options=options)))
    assert sum(page.count(f"<li{start}") for start in (">", " class=", " data-at=")) >= n
    return page


SHOWN = {
    "names": {},
    "pictures": {"sights": Sights(picture=picture)},
    "two pictures": {"sights": Sights(picture=picture), "twice": True},
    "two texts": {"sights": Sights(excerpt=letter), "twice": True},
}


@pytest.mark.parametrize("shown", SHOWN.values(), ids=SHOWN.keys())
@pytest.mark.parametrize("kind", ["relabelled", "introduced", "resolved", "edited"])
def test_no_card_of_a_change_takes_more_than_is_counted(growth, kind, shown):
    assert growth(lambda n: change(kind, n, **shown), CARDS, 2 * CARDS).fits()


def test_a_card_of_a_change_with_all_it_can_have(growth):
    page = growth(lambda n: change("relabelled", n, **SHOWN["two pictures"]), CARDS, 2 * CARDS)
    assert page.is_ample()


# --- what is around all of them ---


def test_the_frame_has_room_for_markup_style_and_script():
    assert len(report(table(), cards=0).encode()) < FRAME_BYTES
    assert len(change("relabelled", 0).encode()) < FRAME_BYTES
