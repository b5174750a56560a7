"""How large a page may become, and what of it is taken by what.

A page is laid out within a budget before it is rendered, so each piece of markup is counted by
what it takes. `tests/pages/frame/test_size.py` holds these numbers to the templates.
"""

from __future__ import annotations

import html
from collections.abc import Mapping

#: What the whole page may take, in bytes.
PAGE_BYTES = 5_000_000

#: Of these, what the markup, style and script around the galleries take, without any text.
FRAME_BYTES = 200_000

#: Classes that a table of them shows at most.
CLASS_ROWS = 200

#: Names longer than this may be cut short on the page, and have a tooltip.
TOOLTIP_FROM = 16

#: A text beside other things is cut after so many characters.
EXCERPT_LIMIT = 320


class Audit:
    """What pieces of the report take without their names, texts and pictures."""

    #: A card: markup, and numbers for the script.
    CARD = 1070
    #: A sample without a card, of which the script makes one: its numbers and the marks around.
    REST = 260
    #: One neighbour, and what stands around all of a card.
    NEIGHBOUR = 110
    EVIDENCE = 180
    #: A row of the telling columns, what stands around all of them, one value of a neighbour.
    COLUMN = 75
    COLUMNS = 200
    CELL = 10
    #: A set of near-duplicates, and one of its samples or an outlier.
    SET = 420
    SAMPLE = 480
    #: A number on its line beside what is said of it.
    NUMERIC = 420
    #: What is said of one that the script makes a card of.
    WHY = 180
    #: What stands around a label of several, and what the script is told of a sample's.
    CHIP = 130
    CHANCES = 120
    #: A box in its picture, without the picture.
    SCENE = 300
    #: A column or a split to choose in the filters, without its name.
    COLUMN_OFFER = 60


class Change:
    """What pieces of a comparison's page take without their names, texts and pictures."""

    CARD = 1100


def text_bytes(value: object) -> int:
    """Return what all texts in nested data take once escaped, the long ones again as a tooltip."""
    if isinstance(value, str):
        times = 2 if len(value) > TOOLTIP_FROM else 1
        return times * len(html.escape(value).encode())
    if isinstance(value, Mapping):
        return sum(text_bytes(part) for part in value.values())
    if isinstance(value, list):
        return sum(text_bytes(part) for part in value)
    return 0
