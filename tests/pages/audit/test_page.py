"""The page as text: what is in it, what can never be, and how large it may get."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from outline import TEXTS, Outline
from report_inputs import digits, inputs, noise, scores_table, wild

from cgaudit.pages.audit import ReportOptions, build_context, render
from cgaudit.pages.frame.size import PAGE_BYTES
from cgaudit.wording.text import printable


def page(arguments: dict[str, Any]) -> str:
    return render(build_context(**arguments))


def review_of(text: str) -> Any:
    """Return the data that the page's script reads."""
    block = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert block
    return json.loads(block[1])


def cards_of(text: str) -> list[str]:
    return review_of(text)["id"]


@pytest.fixture(scope="module")
def digits_page() -> str:
    return page(digits())


def test_the_skeleton(digits_page):
    outline = Outline(digits_page)
    assert not outline.open
    assert outline.tags[:3] == ["html", "head", "meta"]
    tags = Counter(outline.tags)
    assert tags["main"] == tags["h1"] == tags["header"] == tags["footer"] == 1
    assert {"overview", "pairs", "classes", "samples", "gallery", "method"} <= set(outline.ids)
    assert "skipped" not in outline.ids
    assert digits_page.count("<li data-g=") == 12
    assert len(re.findall('aria-label="Picture of sample', digits_page)) == len(
        cards_of(digits_page)
    )


def test_ids_are_unique_and_every_reference_has_its_target(digits_page):
    outline = Outline(digits_page)
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.references) <= set(outline.ids)


def test_the_policy_admits_exactly_the_blocks_of_the_page(digits_page):
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', digits_page)
    assert policy
    said = policy[1].replace("&#39;", "'")
    for tag in ("style", "script"):
        block = re.search(f"<{tag}>(.*?)</{tag}>", digits_page, re.DOTALL)
        assert block
        digest = base64.b64encode(hashlib.sha256(block[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in said
    assert said.startswith("default-src 'none'; img-src data:; ")
    assert "unsafe" not in said


def test_nothing_that_the_policy_would_refuse(digits_page):
    outline = Outline(digits_page)
    assert "style" not in outline.attributes
    assert not [name for name in outline.attributes if name.startswith("on")]
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", digits_page)


def test_same_input_same_bytes():
    assert page(digits()) == page(digits())


@settings(max_examples=60, deadline=None)
@given(one=TEXTS, other=TEXTS, sample=TEXTS, text=TEXTS)
def test_no_text_changes_the_structure(one, other, sample, text):
    """Whatever labels, ids and texts hold, the page has the tags it has for harmless ones."""

    def outline(given: str, suggested: str, name: str, excerpt: str) -> Outline:
        table = scores_table(["0", "1", "2"], ["a", "b", "b"], ["a", "b", "b"])
        table["given_label"] = ["a" + given, "b" + suggested, "b" + suggested]
        table["predicted_label"] = "b" + suggested
        table["top_labels"] = [["b" + suggested]] * 3
        table["top_scores"] = [[0.9]] * 3
        table["is_label_issue"] = [True, False, False]
        table["id"] = ["0" + name, "1" + name, "2" + name]
        skipped = pd.DataFrame({"id": [name], "reason": [excerpt]})
        options = ReportOptions(title="t" + name)
        return Outline(
            page(
                inputs(
                    table,
                    skipped=skipped,
                    params=options,
                    excerpt=lambda _: excerpt,
                    provenance={"seed": "s" + given},
                )
            )
        )

    wildly, plainly = outline(one, other, sample, text), outline("", "", "", "plain")
    assert wildly.tags == plainly.tags
    assert wildly.attributes - Counter({"title": 10**6}) == plainly.attributes - Counter(
        {"title": 10**6}
    )
    assert wildly.texts.count(printable("a" + one)) >= 1


def test_lone_surrogates_can_be_written():
    table = scores_table(["a", "b"], ["a", "b"], ["b", "b"])
    odd = "\udcff.png"
    page(
        inputs(
            table,
            params=ReportOptions(title=odd),
            excerpt=lambda _: odd,
            provenance={"featurizer": odd},
        )
    ).encode("utf-8")


def test_the_note_when_nothing_is_flagged():
    table = scores_table(list("abc"), list("xyz"), list("xyz")).assign(is_label_issue=False)
    text = page(inputs(table))
    assert "None of 3 labels looks wrong." in text
    assert "Nothing is flagged, so no two classes are confused." in text


def test_one_class_and_an_empty_gallery():
    table = scores_table(list("abc"), ["only"] * 3, ["only"] * 3)
    text = page(inputs(table, params=ReportOptions(samples=0)))
    assert not Outline(text).open
    assert "No sample is shown" in text


def test_the_default_page_is_small():
    assert len(page(digits()).encode()) < 1_500_000
    assert len(page(wild(10_000)).encode()) < 1_500_000


@pytest.mark.parametrize(
    "samples",
    [120, pytest.param(2000, marks=pytest.mark.slow), pytest.param(5000, marks=pytest.mark.slow)],
)
def test_the_page_stays_under_its_limit_whatever_is_shown(samples):
    ids = [f"{i:05d} images/of/\"'<&" for i in range(samples)]
    labels = ["<'\"&>" + str(i % 200) for i in range(samples)]
    table = scores_table(ids, labels, labels[::-1])
    text = page(inputs(table, params=ReportOptions(samples=samples), picture=noise))
    assert len(text.encode()) < PAGE_BYTES
    assert ("not all samples have their picture here" in text) == (samples > 120)
    if samples > 120:
        assert len(text.encode()) > 0.8 * PAGE_BYTES
