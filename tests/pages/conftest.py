"""A real browser, and what looks for flaws in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from places import ROOT

AXE = Path("axe-core", "axe.min.js")
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


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the source of axe-core, as npm installs it."""
    folder = Path(os.environ.get("NODE_PATH") or ROOT / "node_modules")
    if not (folder / AXE).exists():
        pytest.skip(f"no {folder / AXE}: install it with `npm install`")
    return (folder / AXE).read_text(encoding="utf-8")
