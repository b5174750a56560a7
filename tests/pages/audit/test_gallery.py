"""Which samples are shown, what speaks for and against their labels, and what the script gets."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from PIL import Image
from report_inputs import inputs, neighbours_in, scores_table

from cgaudit.pages.audit import ReportOptions, build_context, render
from cgaudit.pages.audit.review import EXACT_LIMIT, as_script
from cgaudit.pages.audit.select import select


def table(n: int = 60, seed: int = 1):
    rng = np.random.default_rng(seed)
    truth = [f"class {i}" for i in rng.integers(0, 4, n)]
    given = [f"class {rng.integers(0, 4)}" if rng.random() < 0.2 else name for name in truth]
    return scores_table([f"s{i:03d}" for i in range(n)], given, truth)


def test_the_worst_come_first_then_the_drawn_ones_that_are_not_among_them():
    scores = table()
    chosen = select(scores, n_worst=10, n_drawn=20, seed=3)
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
    scores = table()
    other = scores.assign(label_score=scores["label_score"].to_numpy()[::-1])

    def ids(frame, seed):
        chosen = select(frame, 5, 15, seed)
        return [chosen.samples[place].id for place in chosen.drawn]

    assert ids(scores, 0) == ids(other, 0)
    assert ids(scores, 0) != ids(scores, 1)


def test_every_sample_is_drawn_equally_often():
    scores = table(12)
    drawn = [
        chosen.samples[place].id
        for seed in range(600)
        for chosen in [select(scores, 4, 3, seed)]
        for place in chosen.drawn
    ]
    counts = np.array([drawn.count(name) for name in scores["id"]])
    assert counts.sum() == 1800
    assert abs(counts - 150).max() < 5 * np.sqrt(150)


def test_a_cut_selection_keeps_the_start_of_the_draw():
    chosen = select(table(), 10, 20, 0)
    cut = chosen.cut(14)
    assert len(cut.samples) == 14
    assert cut.drawn == chosen.drawn[: len(cut.drawn)]
    assert all(place < 14 for place in cut.drawn)
    assert chosen.drawn[len(cut.drawn)] >= 14
    assert chosen.cut(4).n_worst == 4


def test_more_is_asked_for_than_there_is():
    chosen = select(table(8), 100, 100, 0)
    assert len(chosen.samples) == chosen.n_worst == 8
    assert sorted(chosen.drawn) == list(range(8))


def picture(sample: str) -> Image.Image:
    pixels = np.random.default_rng(int(sample[1:])).integers(0, 256, (40, 40, 3), np.uint8)
    return Image.fromarray(pixels)


def context_of(scores, **changes):
    options = ReportOptions(samples=10, random_samples=5)
    return build_context(**inputs(scores, **({"params": options} | changes)))


def test_a_card_has_witnesses_for_both_labels():
    scores = table()
    gallery = context_of(scores, picture=picture, neighbours=neighbours_in(scores))["gallery"]
    label = dict(zip(scores["id"], scores["given_label"], strict=True))
    for card in gallery["cards"]:
        assert card["rival"] != card["given"]
        for side in ("given", "rival"):
            witnesses = card["evidence"][side]
            assert len(witnesses) == 4
            assert {label[other["id"]] for other in witnesses} == {card[side]}
            assert all(other["thumbnail"] is not None for other in witnesses)
        assert card["votes"]["of"] == 10
        assert card["votes"]["given"] + card["votes"]["rival"] <= 10


def test_a_neighbour_that_is_shown_itself_has_one_picture():
    scores = table()
    context = context_of(scores, picture=picture, neighbours=neighbours_in(scores))
    gallery, thumbnails = context["gallery"], context["thumbnails"]
    at = {card["id"]: card["thumbnail"] for card in gallery["cards"]}
    seen = [
        (other["id"], other["thumbnail"])
        for card in gallery["cards"]
        for others in card["evidence"].values()
        for other in others
    ]
    assert any(name in at for name, _ in seen)
    assert all(at.get(name, number) == number for name, number in seen)
    assert len({thumbnail["uri"] for thumbnail in thumbnails}) == len(thumbnails)


def test_without_features_there_is_no_evidence_and_no_claim():
    scores = table()
    text = render(context_of(scores))
    assert "Nearest" not in text
    assert "Of its" not in text


def test_the_reason_is_a_plain_sentence():
    scores = table()
    scores.loc[0, ["given_label", "predicted_label", "label_score"]] = ["class 0", "class 1", 0.0]
    scores.at[0, "top_labels"] = ["class 1", "class 2"]
    scores.at[0, "top_scores"] = [0.921, 0.05]
    scores["is_label_issue"] = scores["id"] == "s000"
    text = render(context_of(scores, neighbours=neighbours_in(scores)))
    reason = re.search(r'<p class="why">(.*?)</p>', text)
    assert reason
    plain = re.sub("<[^>]*>", "", reason[1]).replace("\N{NO-BREAK SPACE}", " ")
    assert re.fullmatch(
        r"Judged by all other samples it is class 1 \(92\.1 %\), not class 0 \(0 %\)\. "
        r"Of its 10 nearest, (none|\d+) (is|are) labelled class 1 and (none|\d+) class 0\.",
        plain,
    )


@pytest.mark.parametrize("name", ["</script><b>", "\u2028\u2029", "&lt;", 'a"b\\', "<!--"])
def test_the_script_gets_every_name_exactly(name):
    scores = table()
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
    scores = table()
    scores["id"] = ["x" * (EXACT_LIMIT + 1) + sample for sample in scores["id"]]
    assert set(context_of(scores)["review"]["id"]) == {None}


def test_the_key_is_of_what_is_decided_not_of_how_it_is_shown():
    scores = table()

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
