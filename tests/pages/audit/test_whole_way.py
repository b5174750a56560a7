"""The whole way in a real browser: look, decide, reload, take the decisions home, apply them.

The data is real, in a git and DVC repository, and everything but the looking is done by commands.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Visit
from datarepo import run
from desk import downloaded, on_desk, press
from playwright.sync_api import expect

from cgaudit.results.table import read_scores
from cgaudit.review.decisions import read_decisions

pytestmark = pytest.mark.slow

#: One of each action and one that leaves things as they are, again and again.
KEYS = "akdas" * 4
ACTIONS = {"a": "relabel", "k": "keep", "d": "drop", "s": None}
#: What the page shows without being asked for more.
SHOWN = 200


@pytest.fixture(scope="module", params=["digits", "cifar10n-3k"])
def repo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data repository whose labels were audited by `dvc repro`, and committed."""
    if request.param == "digits":
        data = request.getfixturevalue("project").folder
    else:
        data = request.getfixturevalue("shared_data") / request.param
    folder = tmp_path_factory.mktemp(request.param)
    shutil.copytree(data / "images", folder / "images", copy_function=shutil.copyfile)
    (folder / "images").chmod(0o755)
    shutil.copyfile(data / "labels.csv", folder / "labels.csv")
    run("git", "init", "--quiet", cwd=folder)
    run("dvc", "init", "--quiet", cwd=folder)
    run("dvc", "add", "--quiet", "images", cwd=folder)
    run("cgaudit", "init", "--yes", "--data", "images", "--labels", "labels.csv", cwd=folder)
    run("dvc", "repro", cwd=folder)
    run("git", "add", "--all", cwd=folder)
    run("git", "commit", "--quiet", "--message", "audited", cwd=folder)
    return folder


@pytest.fixture
def visit(browser: Any, repo: Path) -> Iterator[Visit]:
    """The report at the desk; it must end without complaints, and nothing may have left it."""
    page = repo / "reports" / "index.html"
    visit = Visit(browser, page, 1280, "light", reduced_motion="reduce")
    yield visit
    assert visit.complaints == []
    assert visit.left_the_page() == []
    visit.context.close()


def rows_of(repo: Path) -> dict[str, dict[str, str]]:
    with (repo / "labels.csv").open(newline="", encoding="utf-8") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def filter_by_the_first_cell(page: Any) -> None:
    """Choose a pair in the heat map: exactly its samples are shown, until it is taken back."""
    cell = page.locator(".heatmap td[data-g] button").first
    cell.click()
    given, suggested = cell.get_attribute("aria-label").split(": ")[0].split(", suggested ")
    cards = page.locator("#gallery > li:visible")
    total, said = int(cell.inner_text()), page.locator("#pair").inner_text()
    assert 0 <= cards.count() <= total
    more = "" if cards.count() == total else "; a larger report.samples shows more"
    assert said == f", {total} flagged in all of this pair{more}"
    for change in cards.locator(".change").all():
        assert change.locator(".given").inner_text() == given
        assert change.locator(".other").inner_text() == suggested
    page.get_by_role("button", name="Clear filters").click()
    expect(page.locator("#gallery > li")).to_have_count(SHOWN)


def decide_by_keys(visit: Visit) -> dict[str, tuple[str, str | None]]:
    """Decide on as many samples as there are keys; return the action and new label of each."""
    decided: dict[str, tuple[str, str | None]] = {}
    visit.page.locator("#desk").scroll_into_view_if_needed()
    for wanted in KEYS:
        _, sample, state = on_desk(visit)
        assert state == "not decided"
        suggested = visit.page.locator("#accepts").inner_text()
        can_accept = visit.page.locator("#actions [data-do=accept]").is_visible()
        key = "k" if wanted == "a" and not can_accept else wanted
        press(visit, key)
        action = ACTIONS[key]
        if action:
            decided[sample] = (action, suggested if action == "relabel" else None)
    return decided


def test_twenty_decisions_by_keys_become_exactly_these_changes_of_labels(visit, repo, tmp_path):
    filter_by_the_first_cell(visit.page)
    decided = decide_by_keys(visit)
    progress = visit.page.locator("#progress")
    assert progress.get_attribute("value") == str(len(KEYS))
    visit.page.reload()
    assert progress.get_attribute("value") == str(len(KEYS))
    assert on_desk(visit)[2] == "not decided"

    fixes = downloaded(visit, tmp_path)
    decisions = read_decisions(fixes)
    assert {one.id: (one.action, one.label) for one in decisions} == decided
    before = rows_of(repo)
    table = read_scores(repo / "reports" / "scores.parquet").table
    hashes = dict(zip(table["id"], table["content_hash"], strict=True))
    assert all(one.given_label == before[one.id]["label"] for one in decisions)
    assert all(one.content_hash == hashes[one.id] for one in decisions)

    run("cgaudit", "apply", str(fixes), cwd=repo)
    expected = {
        sample: row | ({"label": label} if action == "relabel" else {})
        for sample, row in before.items()
        for action, label in [decided.get(sample, ("keep", None))]
        if action != "drop"
    }
    assert rows_of(repo) == expected
