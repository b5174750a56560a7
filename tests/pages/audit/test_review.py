"""What the page's script gets: every name exactly, or none."""

from __future__ import annotations

import json
import re

import pytest
from report_inputs import context_of, four_classes, scores_table

from cgaudit.pages.audit import ReportOptions, render
from cgaudit.pages.frame.exact import EXACT_LIMIT, as_script


@pytest.mark.parametrize("name", ["</script><b>", "\u2028\u2029", "&lt;", 'a"b\\', "<!--"])
def test_the_script_gets_every_name_exactly(name):
    scores = four_classes()
    scores["id"] = [name + sample for sample in scores["id"]]
    scores["given_label"] = [label + name for label in scores["given_label"]]
    scores["predicted_label"] = [label + name for label in scores["predicted_label"]]
    scores["top_labels"] = [[label + name for label in row] for row in scores["top_labels"]]
    review = context_of(scores)["review"]
    script = as_script(review)
    assert not set(script) & set("<>&\u2028\u2029")
    read = json.loads(script)
    by_id = scores.set_index("id")
    for index, sample in enumerate(read["id"]):
        row = by_id.loc[sample]
        assert read["labels"][str(read["given"][index])] == row["given_label"]
        assert read["labels"][str(read["suggested"][index])] == row["predicted_label"]
        assert read["hash"][index] == row["content_hash"]
        assert [read["labels"][str(code)] for code in read["top"][index]] == row["top_labels"]


def test_a_lone_surrogate_reaches_the_script_and_the_file():
    script = as_script(["\udcff.png"])
    assert json.loads(script.encode()) == ["\udcff.png"]


def test_names_too_long_to_be_exact_are_left_out():
    scores = four_classes()
    scores["id"] = ["x" * (EXACT_LIMIT + 1) + sample for sample in scores["id"]]
    assert set(context_of(scores)["review"]["id"]) == {None}


def test_the_key_is_of_what_is_decided_not_of_how_it_is_shown():
    scores = four_classes()

    def key(frame, **options):
        text = render(context_of(frame, params=ReportOptions(samples=9, **options)))
        found = re.search('data-key="([0-9a-f]{16})"', text)
        assert found
        return found[1]

    assert key(scores) == key(scores, title="Another title", thumbnail=64)
    moved = scores.assign(content_hash=scores["content_hash"].str.replace("0", "1"))
    assert key(scores) != key(moved)


def test_of_too_many_classes_those_of_the_cards_can_still_be_chosen():
    names = [f"class {i} {'long ' * 60}" for i in range(2000)]
    scores = scores_table([str(i) for i in range(2000)], names, names[300:] + names[:300])
    review = context_of(scores)["review"]
    assert not review["complete"]
    assert len(as_script(review)) < 500_000
    top = {code for row in review["top"] for code in row}
    used = top | {*review["given"], *review["suggested"]}
    assert {str(code) for code in used} <= set(review["labels"])
