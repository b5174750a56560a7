"""What the README says, held against what the repo does."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from places import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def plain(text):
    return " ".join(text.replace("\n> ", " ").split())


def test_the_demo_finds_what_the_readme_says():
    if not (ROOT / "reports" / "scores.parquet").exists():
        pytest.skip("the demo has not been run: make audit")
    done = subprocess.run(
        [sys.executable, "scripts/show_demo.py"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert plain(done.stdout.strip().splitlines()[-1]) in plain(README)


def test_links_lead_somewhere():
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
