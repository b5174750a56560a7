"""Which pictures look odd among others."""

from __future__ import annotations

import numpy as np
import pytest

from cgaudit.numerics.pictures import KINDS, picture_issues

USUAL = (20.0, 220.0, 0.6, 640.0, 480.0)
ODD = {
    "dark": (0.0, 63.0, 0.6, 640.0, 480.0),
    "light": (192.0, 255.0, 0.6, 640.0, 480.0),
    "low_information": (100.0, 115.0, 0.6, 640.0, 480.0),
    "blurry": (20.0, 220.0, 0.29, 640.0, 480.0),
    "odd_size": (20.0, 220.0, 0.6, 150.0, 119.0),
    "odd_aspect_ratio": (20.0, 220.0, 0.6, 1200.0, 290.0),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_found_alone(kind: str) -> None:
    found = picture_issues(np.array([USUAL] * 9 + [ODD[kind]]))
    assert {it: np.flatnonzero(flags).tolist() for it, flags in found.items()} == {
        it: [9] if it == kind else [] for it in KINDS
    }


def test_just_within_is_no_issue() -> None:
    within = [
        *((0.0, 64.0, 0.6, 640.0, 480.0), (191.0, 255.0, 0.6, 640.0, 480.0)),
        *((100.0, 116.0, 0.6, 640.0, 480.0), (20.0, 220.0, 0.31, 640.0, 480.0)),
        *((20.0, 220.0, 0.6, 161.0, 120.0), (20.0, 220.0, 0.6, 1200.0, 301.0)),
    ]
    found = picture_issues(np.array([USUAL] * 20 + within))
    assert not any(flags.any() for flags in found.values())


def test_what_most_pictures_are_is_no_issue() -> None:
    found = picture_issues(np.array([ODD["dark"]] * 6 + [USUAL] * 4))
    assert not found["dark"].any()
    found = picture_issues(np.array([ODD["dark"]] * 5 + [USUAL] * 5))
    assert found["dark"].sum() == 5


def test_what_is_not_known_is_no_issue() -> None:
    unknown = (20.0, 220.0, np.nan, 640.0, 480.0)
    assert not picture_issues(np.array([USUAL, unknown]))["blurry"].any()
    found = picture_issues(np.array([unknown, unknown]))
    assert not any(flags.any() for flags in found.values())
