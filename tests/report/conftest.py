"""Fixtures of the report's tests: the synthetic reports, and a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cgaudit.report import build_context, render

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright; each page gets a fresh profile."""
    if not CHROMIUM.exists():
        pytest.skip(f"the browser tests need Chromium at {CHROMIUM}")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=FLAGS, chromium_sandbox=False
        )
        yield chromium
        chromium.close()


@pytest.fixture
def write_page(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """Render the given inputs of `build_context` to a file."""

    def write(arguments: dict[str, Any]) -> Path:
        path = tmp_path / "index.html"
        path.write_text(render(build_context(**arguments)), encoding="utf-8")
        return path

    return write
