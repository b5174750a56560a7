"""What a card says: what speaks for and against its label."""

from __future__ import annotations

import re

import numpy as np
from PIL import Image
from report_inputs import context_of, four_classes, neighbours_in

from cgaudit.pages.audit import render


def picture(sample: str) -> Image.Image:
    pixels = np.random.default_rng(int(sample[1:])).integers(0, 256, (40, 40, 3), np.uint8)
    return Image.fromarray(pixels)


def test_a_card_has_witnesses_for_both_labels():
    scores = four_classes()
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
    scores = four_classes()
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
    scores = four_classes()
    text = render(context_of(scores))
    assert "Nearest" not in text
    assert "Of its" not in text


def test_the_reason_is_a_plain_sentence():
    scores = four_classes()
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
