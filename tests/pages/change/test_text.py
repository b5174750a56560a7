"""Comparisons as text and Markdown: bounded, counted, inert."""

from __future__ import annotations

import html
import re

import numpy as np
import pytest
from datarepo import make_scores

from cgaudit.pages.change import diff_markdown, diff_text, headline
from cgaudit.versions import compare
from cgaudit.versions.compare import with_difference
from cgaudit.wording.expected import Expected
from cgaudit.wording.markdown import LIMIT

NASTY = "a|b `c` **d** <img src=x onerror=alert(1)> @org/team #12 [x](http://y) www.z.org\n\x1b[31m"


def diff_of(n: int, label: str = "cat", name: str = "{}") -> dict:
    classes = (label, "dog", "fox")
    # Two that stay speak for the labels of the others.
    ids = [*(name.format(i) for i in range(n)), "stays", "stays too"]
    p = np.random.default_rng(0).dirichlet(np.ones(3), size=n + 2)
    a = make_scores(ids, [label] * n + [label, "dog"], classes=classes, probabilities=p)
    b = make_scores(ids, ["dog"] * n + [label, "dog"], classes=classes, probabilities=p)
    return compare(a, b, ids_are_paths=False)


def test_the_first_line_is_the_headline() -> None:
    diff = diff_of(12)
    verdicts = diff["verdicts"]
    line = headline(diff)
    assert line.startswith(
        f"12 relabelled: {verdicts['supported']} supported by the rest of the data, "
        f"{verdicts['contradicted']} contradicted, {verdicts['undecided']} undecided · "
    )
    assert re.search(
        r"· \d+ label issues? resolved, \d+ introduced · label quality 0\.\d{3} → 0", line
    )
    assert str(diff_markdown(diff)).splitlines()[0] == line
    assert diff_text(diff).splitlines()[0] == line


def test_headline_counts_everything_that_changed() -> None:
    a = make_scores(["1", "2"], ["cat", "cat"], hashes=["A", "B"], seed=1)
    b = make_scores(["1", "3"], ["cat", "dog"], hashes=["A", "C"], seed=3)
    line = headline(compare(a, b, ids_are_paths=False))
    assert line.startswith("0 relabelled · 1 added, 1 removed · ")
    assert line.endswith(" · 1 further score moved only because its neighbours changed")


@pytest.mark.parametrize("n", [1, 50, 5000])
@pytest.mark.parametrize("name", ["{}", "{}" + "ü" * 300, "{}" + "@|<`" * 100])
def test_markdown_is_bounded_and_counts_what_it_leaves_out(n: int, name: str) -> None:
    diff = diff_of(n, name=name)
    page = str(diff_markdown(diff))
    assert len(page.encode()) <= LIMIT
    table = page.split(f"Relabelled ({n:,})")[1].split("</details>")[0]
    shown = table.count("\n| <code>")
    more = re.search(r"… and ([\d,]+) more", table)
    assert shown + (int(more[1].replace(",", "")) if more else 0) == n
    assert page.count("<details>") == page.count("</details>")


def test_a_tight_limit_is_kept_too() -> None:
    page = str(diff_markdown(diff_of(1000), limit=6000))
    assert len(page.encode()) <= 6000
    assert "… and" in page


def test_names_are_inert_in_markdown() -> None:
    page = str(diff_markdown(diff_of(12, label=NASTY)))
    assert "<img" not in page
    assert "\x1b" not in page
    for line in page.splitlines():
        outside = html.unescape(re.sub(r"<code>[^<]*</code>", "", line))
        assert not re.search(r"@\w|#\w", outside)
        assert not re.search(r"www\.|`|\]\(", line)
        if line.startswith("|"):
            assert len(set(line) & set("`*")) == 0
    # Every row of a table has the same number of cells.
    for table in re.findall(r"(?:^\|.*\n)+", page, flags=re.MULTILINE):
        assert len({line.count("|") for line in table.splitlines()}) == 1


def test_nothing_invisible_reaches_a_terminal() -> None:
    assert "\x1b" not in diff_text(diff_of(12, label=NASTY))


def test_text_counts_the_tail() -> None:
    assert "… and 30 more, listed by --json." in diff_text(diff_of(50))


def test_text_columns_line_up_with_wide_characters() -> None:
    lines = diff_text(diff_of(3, label="犬犬")).splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("sample"))
    # 犬 takes two columns of a terminal, so the line is one character shorter for each.
    assert lines[at].index("to ") - lines[at + 1].index("dog") == 2


def test_no_change_is_a_short_page() -> None:
    scores = make_scores(["1", "2"], ["cat", "dog"])
    page = str(diff_markdown(compare(scores, scores, ids_are_paths=False)))
    assert page.startswith("0 relabelled · 0 label issues resolved, 0 introduced")
    assert "<details>" not in page


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ((73, 71, 75, 0), ["about 73 (71 to 75)", "0.9900", "+0", "+0.0000"]),
        ((73, 71, None, 1), ["at least 71", "0.9900 or more", "–", "–"]),
        ((73, 0, None, 1), ["none stands out", "0.9900 or more", "–", "–"]),
    ],
)
def test_expected_errors_are_told_within_their_bounds(
    bounds: tuple[int, int, int | None, int], said: list[str]
) -> None:
    diff = diff_of(3)
    names = ("n_expected_errors", "expected_errors_low", "expected_errors_high",
             "expected_errors_is_lower_bound")  # fmt: skip
    figures = dict(zip(names, bounds, strict=True)) | {"flag_precision": 0.99}
    side = diff["summary"]["a"] | figures
    diff["summary"] = with_difference(side, side)
    rows = {
        cells[0]: cells[1:]
        for line in diff_text(diff).splitlines()
        if len(cells := re.split(r" {2,}", line.strip())) == 4
    }
    assert rows["wrong in the whole data, estimated"] == [said[0], said[0], said[2]]
    assert rows["of the flagged, expected to be wrong"] == [said[1], said[1], said[3]]
    assert "expected errors low" not in diff_text(diff)


def test_about_that_becomes_at_least_is_explained_wherever_it_is_shown() -> None:
    diff = diff_of(3)
    told = {"n_expected_errors": 58, "expected_errors_low": 52, "flag_precision": 0.8}
    a = diff["summary"]["a"] | told
    a |= {"expected_errors_high": 66, "expected_errors_is_lower_bound": 0}
    b = diff["summary"]["b"] | told | {"expected_errors_is_lower_bound": 1}
    diff["summary"] = with_difference(a, b)
    for page in (diff_text(diff), html.unescape(str(diff_markdown(diff)))):
        assert "about 58 (52 to 66)" in page
        assert "at least 52" in page
        for metrics in (a, b):
            why = Expected.of(metrics).why
            assert why[1:] in page


@pytest.mark.parametrize("label", ["cat", NASTY])
def test_samples_that_came_and_went_are_named_a_few_of_them(label: str) -> None:
    stay = ["stays", "stays too"]
    gone, come = ([f"{what} {i} {label}" for i in range(12)] for what in ("gone", "come"))
    classes = ("cat", "dog", "fox")
    a = make_scores([*stay, *gone], ["cat", "dog"] + ["cat"] * 12, classes=classes)
    b = make_scores([*stay, *come], ["cat", "dog"] + ["dog"] * 12, classes=classes)
    diff = compare(a, b, ids_are_paths=False)
    text, page = diff_text(diff), html.unescape(str(diff_markdown(diff)))
    for title, what in (("Removed (12)", "gone"), ("Added (12)", "come")):
        for shown in (text, page):
            named = shown.split(title)[1].split("… and 2 more, listed by")[0]
            assert sum(f"{what} {i} " in named for i in range(12)) == 10
    assert "\x1b" not in text
    assert "<img" not in str(diff_markdown(diff))


def test_what_moved_is_named_with_where_it_was() -> None:
    a = make_scores(["old/1", "2"], ["cat", "dog"], hashes=["A", "B"])
    b = make_scores(["new/1", "2"], ["cat", "dog"], hashes=["A", "B"])
    text = diff_text(compare(a, b, ids_are_paths=True))
    assert re.search(r"Moved \(1\)\nsample +was +label\nnew/1 +old/1 +cat\n", text)
