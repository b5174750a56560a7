"""Make docs/report.png, the README's picture of the demo's report: the review, some samples in.

Needs the report (`dvc repro`), Playwright and Debian's Chromium (scripts/install_test_tools.sh).
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import ViewportSize, sync_playwright

from cgaudit.project import Project

REPORT = Project(Path()).outputs.page
PICTURE = Path("docs/report.png")
CHROMIUM = "/usr/bin/chromium"
WINDOW: ViewportSize = {"width": 1280, "height": 1140}

#: Keys of the review: change, keep, drop, skip.
KEYS = "aaaaaaaksaad"


def main() -> None:
    """Open the report, decide on a few samples and take the picture."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--disable-gpu"], chromium_sandbox=False
        )
        page = browser.new_page(viewport=WINDOW, color_scheme="light", reduced_motion="reduce")
        page.goto(REPORT.resolve().as_uri())
        page.locator("#desk").scroll_into_view_if_needed()
        for key in KEYS:
            page.keyboard.press(key)
        page.locator("#samples-title").evaluate("title => title.scrollIntoView()")
        shot = page.screenshot()
        browser.close()
    PICTURE.parent.mkdir(exist_ok=True)
    # A palette makes the file a third as large, and looks the same.
    Image.open(io.BytesIO(shot)).quantize(255).save(PICTURE, optimize=True)
    print(f"Wrote {PICTURE} ({PICTURE.stat().st_size / 1000:.0f} kB).")


if __name__ == "__main__":
    main()
