"""The desk of the report, where a person decides: its keys, what it shows, its download."""

from __future__ import annotations


def press(visit, keys):
    for key in keys:
        visit.page.keyboard.press(key)


def on_desk(visit):
    """Return place in the queue, id and decision of the sample on the desk."""
    place, decision, sample = visit.page.locator("#place").inner_text().split(" · ")
    return place, sample, decision


def downloaded(visit, folder):
    with visit.page.expect_download() as waiting:
        visit.page.locator("#download").click()
    assert waiting.value.suggested_filename == "fixes.json"
    path = folder / "fixes.json"
    waiting.value.save_as(path)
    return path
