"""A repository whose every artefact is malicious, reviewed as CI would review it.

The verbs that are safe on an untrusted branch (docs/security.md) are run, most of them in this
process, with a HOME and a temporary folder of their own, on a branch that somebody wrote to forge,
break out or exhaust.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from datarepo import ENVIRONMENT, DataRepo, new_repo
from story import Project as Story
from tutorial_data import texts_table

from cgaudit.cli import cli
from cgaudit.results.table import Scores, read_scores, write_scores
from cgaudit.scaffold.verify import is_ours

pytestmark = pytest.mark.slow

#: Each steps out of a place that it is shown in.
WORDS = (
    "x\n::error::FORGED", "x\r::add-mask::FORGED", "##[error]FORGED", "##vso[task.x]FORGED",
    "\x1b]0;FORGED\x07", "\x9b2JFORGED", "\u202eFORGED", "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>', "'><a href=javascript:alert(1)>", "]]>&x;<!--",
    "{{7*7}}{% raw %}", "@everyone #1 www.evil.example", "[x](http://evil.example) ![y](z)",
    "</details>|`<code>`", "=cmd|' /C calc'!A0", "../../../../etc/passwd", "/etc/passwd",
    "\ud7ff\uffff\ufffe", "x" * 100_000,
)  # fmt: skip
STAGES = f"x{WORDS[0]}"
#: Run as processes: what a process looks for when it starts is a trap of its own.
PROCESSES = {"diff", "diff-recompute", "check", "report", "doctor"}
TRAP = "import pathlib\npathlib.Path({!r}).touch()\n"


class Ran(NamedTuple):
    """How a command ended and what it printed."""

    code: int
    stdout: str
    stderr: str


class Pages(HTMLParser):
    """What a page would run, load or follow."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.active: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # What is data to the page's own script does not run.
        self.scripts += tag == "script" and ("type", "application/json") not in attrs
        if tag in {"iframe", "object", "embed", "base"}:
            self.active.append(tag)
        for name, value in attrs:
            # The icon of the page and its pictures are in it.
            address = name in {"src", "href", "action", "srcset", "data"}
            ours = (value or "").startswith(("#", "data:image/"))
            if name.startswith("on") or (address and not ours):
                self.active.append(f"{tag} {name}={value}")


def hostile(number: int) -> str:
    return f"{WORDS[number % len(WORDS)]}{number}"


def scores_of_a_stranger(scores: Scores) -> Scores:
    n = len(scores.table)
    labels = [hostile(i % 40) for i in range(n)]
    table = scores.table.assign(
        id=sorted(hostile(i) for i in range(n)),
        given_label=labels,
        predicted_label=labels[1:] + labels[:1],
        is_label_issue=True,
        label_score=np.float32(0.01),
        top_labels=[[label, hostile(i)] for i, label in enumerate(labels)],
        top_scores=[np.array([0.9, 0.1], dtype=np.float32)] * n,
        path=[str(i) for i in range(n)],
    )
    return Scores(table, scores.provenance)


def table(rows: list[list[str]]) -> str:
    return pd.DataFrame(rows[1:], columns=rows[0]).to_csv(index=False, quoting=csv.QUOTE_ALL)


def attack(repo: DataRepo, ran: Path) -> None:
    """Rewrite every artefact of the project."""
    path = repo.project / "reports" / "scores.parquet"
    scores = scores_of_a_stranger(read_scores(path))
    write_scores(scores, path)
    rows = [[hostile(i), "a text", hostile(i % 40)] for i in range(len(scores.table))]
    repo.write("questions.csv", table([["id", "text", "label"], *rows]))
    kept = scores.table[["id", "content_hash", "given_label"]].to_numpy().tolist()
    memory = [[*row, "keep"] for row in kept[::2]]
    repo.write("reviewed.csv", table([["id", "content_hash", "label", "decision"], *memory]))
    skipped = [[word, word] for word in WORDS]
    for name in ("skipped", "unreadable"):
        repo.write(f"reports/{name}.csv", table([["id", "reason"], *skipped]))
    summary = {"n_samples": 1e308, "label_quality": 2, "class": {word: {} for word in WORDS}}
    repo.write("reports/summary.json", json.dumps({**summary, WORDS[7]: WORDS[8]}))
    content = yaml.safe_load((repo.project / "params.yaml").read_text())
    content["cgaudit"]["check"] = {"classes": {word[:50]: {"max_issue_rate": 0} for word in WORDS}}
    content["cgaudit"]["report"] = {"title": "".join(WORDS[:10])}
    repo.write("params.yaml", yaml.safe_dump(content))
    pipeline = {
        "vars": [{"item": 1}],
        "stages": {STAGES: {"foreach": ["a"], "do": {"cmd": f"touch {ran}"}}},
    }
    repo.write("dvc.yaml", yaml.safe_dump(pipeline))
    repo.write("dvc.lock", yaml.safe_dump({"schema": "2.0", "stages": {WORDS[0]: {"cmd": "x"}}}))
    for module in ("dvc", "json", "yaml", "click", "torch", "cgaudit", "sitecustomize"):
        repo.write(f"{module}.py", TRAP.format(str(ran)))


class Review:
    """The branch of a stranger in a fresh clone, and everything that CI ran on it."""

    def __init__(self, root: Path) -> None:
        self.root, self.ran = root, root / "ran"
        repo = new_repo(root / "repo", remote=root / "store")
        texts_table(repo.project)
        story = Story.__new__(Story)
        story.root = repo.project
        story.does("init", "--yes", "--data", "questions.csv")
        for stage in ("featurize", "score", "report"):
            story.does(stage)
        repo.commit("audited")
        repo.git("checkout", "--quiet", "-b", "x/@everyone-#1-<b>`x`|y|")
        attack(repo, self.ran)
        repo.commit("".join(WORDS[:15]))
        self.clone = root / "clone"
        repo.git("clone", "--quiet", str(repo.root), str(self.clone))
        self.outside = root / "outside"
        self.outside.write_text("untouched")
        for name in ("home", "tmp", "out"):
            (root / name).mkdir()
        (self.clone / "reports" / "index.html").unlink()
        (self.clone / "reports" / "index.html").symlink_to(self.outside)
        self.before = self.files()
        self.said = {
            name: (self.run if name in PROCESSES else self.call)(*words)
            for name, words in self.commands().items()
        }

    def commands(self) -> dict[str, tuple[str, ...]]:
        out, pair = self.root / "out", "origin/main...workspace"
        check = ("check", pair, "--limits-from", "origin/main")
        return {
            "diff": ("diff", pair, "--html", f"{out}/diff.html"),
            "diff-md": ("diff", pair, "--md"),
            "diff-json": ("diff", pair, "--json"),
            "diff-recompute": ("diff", pair, "--recompute", "--missing-ok", "--md"),
            "check": (*check, "--junit", f"{out}/limits.xml", "--github"),
            "check-own": ("check", pair, "--junit", f"{out}/own.xml", "--github"),
            "check-md": (*check, "--md"),
            "check-json": (*check, "--json"),
            "check-recompute": (*check, "--recompute", "--missing-ok", "--json"),
            "history": ("history", "--html", f"{out}/history.html"),
            "history-json": ("history", "--json"),
            "history-csv": ("history", "--csv"),
            "report": ("report",),
            "report-md": ("report", "--md"),
            "export-csv": ("export", "--to", "csv", "--out", f"{out}/scores.csv"),
            "export-jsonl": ("export", "--to", "jsonl", "--out", f"{out}/scores.jsonl"),
            "export-ls": ("export", "--to", "label-studio", "--out", f"{out}/label-studio"),
            "doctor": ("doctor", pair),
            "doctor-json": ("doctor", pair, "--json"),
        }

    def environment(self) -> dict[str, str]:
        home, scratch = str(self.root / "home"), str(self.root / "tmp")
        own = {"CI": "true", "HOME": home, "TMPDIR": scratch, "XDG_CACHE_HOME": home}
        return {**ENVIRONMENT, **own}

    def call(self, *words: str) -> Ran:
        """Run a command in this process, which takes a tenth of the time of one of its own."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment().items():
                patch.setenv(name, value)
            patch.setattr(tempfile, "tempdir", None)
            patch.chdir(self.clone)
            done = CliRunner().invoke(cli, list(words), color=True, prog_name="cgaudit")
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Ran(done.exit_code, done.stdout_bytes.decode(), done.stderr_bytes.decode())

    def run(self, *words: str) -> Ran:
        """Run a command as CI does."""
        # As the command itself starts: it looks for no modules in the current folder.
        program = "from cgaudit.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-P", "-c", program, *words],
            cwd=self.clone, env=self.environment(), capture_output=True, timeout=300, check=False,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def files(self) -> dict[str, bytes]:
        """Return the files outside of .git and of what DVC keeps, by their paths."""
        found = {}
        for top, folders, names in os.walk(self.clone):
            folders[:] = [it for it in folders if it not in {".git", ".dvc"}]
            for name in names:
                path = Path(top, name)
                at = path.relative_to(self.clone).as_posix()
                found[at] = path.read_bytes() if not path.is_symlink() else b"link"
        return found


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Review:
    return Review(tmp_path_factory.mktemp("stranger"))


def test_each_command_ends_as_it_should(review: Review) -> None:
    ended = {name: (ran.code, ran.stderr) for name, ran in review.said.items()}
    assert {name: it for name, it in ended.items() if it[0] not in (0, 1, 2)} == {}
    assert {name: it for name, it in ended.items() if "Traceback" in it[1]} == {}
    # Enough of it was read for the rest of this file to say something.
    done = [name for name, (code, _) in ended.items() if code in (0, 1)]
    assert {"diff", "diff-md", "diff-json", "check", "check-md", "history", "report"} <= set(done)
    assert ended["check"][0] == 1


def test_nothing_of_it_ran(review: Review) -> None:
    assert not review.ran.exists()


def test_nothing_is_written_but_where_it_was_asked_for(review: Review) -> None:
    assert review.outside.read_text() == "untouched"
    after = review.files()
    changed = {name for name in after if after[name] != review.before.get(name)}
    assert changed == {"reports/index.html"}
    assert not (review.clone / "reports" / "index.html").is_symlink()
    assert set(review.before) <= set(after)
    # PyTorch makes an empty folder of its own.
    left = {path.name for path in (review.root / "tmp").iterdir()}
    assert {name for name in left if not name.startswith("torchinductor_")} == set()


def test_no_line_of_a_log_is_theirs(review: Review) -> None:
    for name, ran in review.said.items():
        for text in (ran.stdout, ran.stderr):
            commands = [line for line in text.splitlines() if re.match(r"\s*::", line)]
            ours = r"::(error|notice) title=cgaudit check::"
            assert all(re.match(ours, line) for line in commands), (name, commands)
            assert not re.search(r"##\w*\[", text), name
            assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert sum(line.startswith("::error") for line in review.said["check"].stdout.split("\n")) <= 10


@pytest.mark.parametrize("name", ["diff-md", "diff-recompute", "check-md"])
def test_a_comment_is_ours_and_fits(review: Review, name: str) -> None:
    text = review.said[name].stdout
    assert is_ours(text)
    assert len(text) < 60_000


@pytest.mark.parametrize("name", ["diff-json", "check-json", "history-json", "doctor-json"])
def test_json_is_json(review: Review, name: str) -> None:
    assert isinstance(json.loads(review.said[name].stdout), dict)


def test_xml_is_xml(review: Review) -> None:
    for name in ("limits.xml", "own.xml"):
        ElementTree.parse(review.root / "out" / name)


def test_pages_run_and_load_nothing_of_theirs(review: Review) -> None:
    files = [review.root / "out" / f"{name}.html" for name in ("diff", "history")]
    files.append(review.clone / "reports" / "index.html")
    for file in files:
        page = Pages()
        text = file.read_text(encoding="utf-8")
        page.feed(text)
        assert page.scripts <= 1, file
        assert page.active == [], file
        assert len(text) < 5_000_000
        assert "root:x:0" not in text


def test_no_cell_is_a_formula(review: Review) -> None:
    for text in (review.said["history-csv"].stdout, (review.root / "out/scores.csv").read_text()):
        cells = pd.read_csv(io.StringIO(text), dtype=str, header=None).fillna("")
        starts = cells.to_numpy().ravel()
        assert not [cell for cell in starts if re.match(r"[=@+\t\r]|-(?![\d.])", cell)]


def test_what_it_did_to_the_limits_and_to_its_own_issues_is_said(review: Review) -> None:
    result = json.loads(review.said["check-json"].stdout)
    assert result["ok"] is False
    (loosened,) = (row for row in result["limits"] if row["limit"] == "max_loosened")
    assert loosened["ok"] is False
    assert any("no issue because the change itself says so" in note for note in result["notes"])
    assert json.loads(review.said["diff-json"].stdout)["issues"]["silenced"]
