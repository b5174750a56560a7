"""What is said of wrong labels: of the flagged, and in the whole data."""

from __future__ import annotations

import pytest

from cgaudit.wording.expected import Expected

ABOUT = {
    "n_label_issues": 58, "flag_precision": 0.798, "n_expected_errors": 61,
    "expected_errors_low": 52, "expected_errors_high": 66, "expected_errors_is_lower_bound": 0,
}  # fmt: skip
BOUND = {**ABOUT, "expected_errors_high": None, "expected_errors_is_lower_bound": 1}
NONE = {**BOUND, "expected_errors_low": 0, "flag_precision": None}


@pytest.mark.parametrize(
    ("metrics", "flagged", "whole"),
    [
        (ABOUT, "58 labels flagged: 79.8 % of them (some 46) are expected to be really wrong.",
         "Wrong in the whole data: about 61, flagged or not, 95 % interval 52 to 66 (“about”: "),
        (BOUND, "58 labels flagged: 79.8 % or more of them (some 46) are expected to be really "
         "wrong.",
         "Wrong in the whole data: at least 52, flagged or not, a 95 % interval around 61, "
         "the estimate, starts at 52 (“at least”: "),
        (NONE, "58 labels flagged: how many of them are really wrong cannot be told before some "
         "are decided on.", "Wrong in the whole data: none stands out, a 95 % interval "
         "around 61, the estimate, starts at 0 (nothing stands out beyond "),
    ],
)  # fmt: skip
def test_the_flagged_and_the_whole_data_are_told_apart(
    metrics: dict[str, float | None], flagged: str, whole: str
) -> None:
    first, second = Expected.of(metrics).sentences()
    assert first == flagged
    assert second.startswith(whole)


def test_where_nothing_can_be_expected_nothing_is_said() -> None:
    assert Expected.of({"n_label_issues": 5}).sentences() == []


def test_without_a_flag_only_the_whole_data_is_told() -> None:
    (said,) = Expected.of({**ABOUT, "n_label_issues": 0}).sentences()
    assert said.startswith("Wrong in the whole data")
