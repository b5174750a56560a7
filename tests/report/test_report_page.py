"""The page as text: what is in it, what can never be, and how large it may get."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections import Counter
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from report_inputs import digits, inputs, scores_table, wild

from cgaudit.pages.audit import ReportOptions, build_context, render
from cgaudit.pages.frame.size import PAGE_BYTES
from cgaudit.wording.text import printable

VOID = {"meta", "link", "img", "br", "hr", "input"}


class Outline(HTMLParser):
    """The tags of a page, its attributes' names, its text, and whether the tags nest."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: Counter[str] = Counter()
        self.ids: list[str] = []
        self.references: list[str] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes[name] += 1
            if name == "id":
                self.ids.append(str(value))
            if name in ("aria-labelledby", "href") and value and not value.startswith("data:"):
                self.references.append(value.removeprefix("#"))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.texts.append(data)


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
    assert len(re.findall("Picture of sample", digits_page)) == len(cards_of(digits_page))


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


TEXTS = st.text(
    st.one_of(
        st.sampled_from("<>&\"'`=/\u2028\u2029\u202e\x00\r\n{}%#"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)


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


def noise(sample: str) -> Image.Image:
    """Return a picture that no encoder can shrink."""
    seed = zlib.crc32(sample.encode())
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (96, 96, 3), np.uint8))


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
