"""The plots and the table of a history, before there is any HTML."""

from __future__ import annotations

import pytest

from cgaudit.pages.history.context import page_context
from cgaudit.results.figures import FIGURES


def versions(**figures: list[float | None]) -> list[dict]:
    """Return versions with these figures, a day apart."""
    n = len(next(iter(figures.values())))
    rows = [
        {
            **dict.fromkeys((it.key for it in FIGURES), 1),
            **{name: found[i] for name, found in figures.items()},
        }
        for i in range(n)
    ]
    return [
        {**row, "commit": f"{i:07x}" * 5, "date": f"2025-01-{i + 1:02}", "subject": f"change {i}",
         "tags": [], "recomputed": False}
        for i, row in enumerate(rows)
    ]  # fmt: skip


def charts(**figures: list[float | None]) -> dict[str, dict]:
    found = page_context({"versions": versions(**figures), "notes": []}, "a title")
    return {chart["name"]: chart for chart in found["charts"]}


def test_no_small_change_looks_like_a_cliff() -> None:
    found = charts(n_samples=[800, 805], label_quality=[0.9, 0.9001], label_issue_rate=[0.04, 0.05])
    assert [tick["says"] for tick in found["Samples"]["ticks"]] == ["0", "500", "1,000"]
    assert [dot["y"] for dot in found["Samples"]["dots"]] == [20, 19.5]
    assert "from 0 to 6\u00a0%." in found["Issue rate"]["axis"]
    # The one axis that does not start at zero says so, and still shows a move as small as it is.
    assert found["Label quality"]["axis"] == "The axis runs from 0.86 to 0.94, not from\u00a00."
    before, after = (dot["y"] for dot in found["Label quality"]["dots"])
    assert 0 < before - after < 1


@pytest.mark.parametrize(
    "quality",
    [[0, 0], [1, 1], [0.999, 1.0], [0.0, 1.0], [0.5, None, 0.3], [0.2], [float("nan"), 0.5]],
)
def test_points_stay_in_their_plot(quality: list[float | None]) -> None:
    chart = charts(label_quality=quality)["Label quality"]
    for point in [*chart["dots"], *chart["ticks"]]:
        assert 0 <= point["y"] <= 100
    says = [tick["says"] for tick in chart["ticks"]]
    assert len(set(says)) == len(says) >= 2
    assert 0 <= min(map(float, says)) < max(map(float, says)) <= 1


def test_versions_are_named_below_a_chart_where_they_fit() -> None:
    labels = charts(complexity=[3.5] * 40)["Complexity"]["labels"]
    at = [[label["name"] for label in labels if width in label["at"]] for width in range(3)]
    for names in at:
        assert names[0] == "0000000"
        assert names[-1] == "0000027"
    assert 2 < len(at[0]) < len(at[1]) < len(at[2]) < 40
    long = versions(complexity=[1, 2, 3])
    long[1]["tags"] = ["a-tag-of-many-letters"]
    found = page_context({"versions": long, "notes": []}, "a title")["charts"][0]["labels"]
    assert [(it["says"], it["name"]) for it in found[1:2]] == [
        ("a-tag-of-ma…", "a-tag-of-many-letters")
    ]
