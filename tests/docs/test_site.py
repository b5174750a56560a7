"""The documentation as a site: built strictly, and read from its files without any other host."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from places import ROOT

pytest.importorskip("material", reason="the extra `docs` is not installed")
pytestmark = pytest.mark.slow

#: Attributes by which a page has a browser fetch something, by the tag.
FETCHED = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "srcset"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


class Fetches(HTMLParser):
    """Collects what a page has a browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "link" and named.get("rel") in {"canonical", "next", "prev"}:
            return
        self.found += filter(None, [named.get(FETCHED.get(tag, ""))])


def test_no_page_names_another_host_to_fetch_from(site: Path) -> None:
    pages = [page for page in site.rglob("*.html") if page.name != "404.html"]
    assert len(pages) > 30
    for page in pages:
        fetches = Fetches()
        fetches.feed(page.read_text(encoding="utf-8"))
        outside = [url for url in fetches.found if re.match(r"(https?:)?//", url)]
        assert outside == [], page
    for style in site.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*['\"]?(https?:)?//", style.read_text("utf-8"))


class Headings(HTMLParser):
    """Collects the text of a page's headings."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if re.fullmatch("h[1-6]", tag):
            self._inside = True
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        if re.fullmatch("h[1-6]", tag):
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data


def test_no_heading_shows_its_markup(site: Path) -> None:
    headings: dict[str, list[str]] = {}
    for page in site.rglob("*.html"):
        reader = Headings()
        reader.feed(page.read_text(encoding="utf-8"))
        headings[str(page.relative_to(site))] = reader.found
    assert sum(map(len, headings.values())) > 200
    # Backticks within backticks end the code that they were to stand in.
    shown = {page: [it for it in found if "`" in it] for page, found in headings.items()}
    assert {page: found for page, found in shown.items() if found} == {}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync = pytest.importorskip("playwright.sync_api")
    if shutil.which("chromium") is None:
        pytest.skip("no Chromium here")
    with sync.sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=shutil.which("chromium"))


def test_it_is_read_and_searched_from_the_file_system(site: Path, browser: Any) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / "index.html").as_uri())
    search = page.get_by_role("textbox", name="Search")
    search.click()
    # What is typed before the index is read is lost.
    ready = page.locator(".md-search-result__meta").filter(has_text="Type to start searching")
    ready.wait_for(state="attached")
    # It listens for keys: text that comes without them it may not see.
    search.press_sequentially("near_duplicate_threshold")
    found = page.locator(".md-search-result__item a")
    found.first.wait_for()
    assert any("reference/params.html" in str(it.get_attribute("href")) for it in found.all())
    page.goto((site / "reference" / "python.html").as_uri())
    assert page.get_by_role("heading", name="score_labels").is_visible()
    page.close()
    assert asked
    assert [url for url in asked if not url.startswith("file://")] == []
