"""Label quality over the versions of a repository."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from datarepo import SCORES, DataRepo, make_scores, new_repo

from cgaudit.errors import RevisionError
from cgaudit.pages.history import history_csv, history_page, history_text
from cgaudit.pages.history.context import page_context
from cgaudit.params import SourceParams
from cgaudit.project import Project
from cgaudit.revisions import Repository
from cgaudit.verbs.history import history

PARAMS = "cgaudit:\n  recipe: 2\n  score: {{ridge: {ridge}, device: {device}}}\n"
NASTY = '<script>alert(1)</script> & "more"'


def summary(quality: float, n: int = 10) -> str:
    figures = {"n_samples": n, "n_label_issues": 1, "label_issue_rate": 0.1}
    return json.dumps({**figures, "label_quality": quality, "complexity": 3.5, "class": {}})


def commit(repo: DataRepo, quality: float | None, message: str, *, ridge: float = 0.1,
           device: str = "cpu") -> str:  # fmt: skip
    if quality is not None:
        repo.write("reports/summary.json", summary(quality))
    repo.write("params.yaml", PARAMS.format(ridge=ridge, device=device))
    return repo.commit(message)


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> DataRepo:
    repo = new_repo(tmp_path_factory.mktemp("history") / "repo", "inner")
    commit(repo, None, "before the audit")
    repo.git("tag", "v0")
    commit(repo, 0.5, "first")
    repo.git("tag", "v1")
    commit(repo, None, "something else")
    repo.git("checkout", "--quiet", "-b", "side")
    commit(repo, 0.6, "half way")
    commit(repo, 0.7, "all the way", device="cuda")
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "--message", "merged side", "side")
    repo.write("reports/summary.json", "<<<<<<< conflict")
    repo.commit("a mistake")
    commit(repo, 0.8, NASTY, ridge=0.3)
    repo.git("tag", "--annotate", "--message", "two", "v2")
    return repo


def read(repo: DataRepo, **options: object) -> dict:
    return history(Repository.around(Project(repo.project)), **options)


def test_commits_along_first_parents(repo: DataRepo) -> None:
    found = read(repo)
    rows = found["versions"]
    assert [row["label_quality"] for row in rows] == [0.5, 0.7, 0.8]
    assert [row["subject"] for row in rows] == ["first", "merged side", NASTY]
    assert [row["tags"] for row in rows] == [["v1"], [], ["v2"]]
    # Another device is the same computation, another λ is not.
    assert [row["recomputed"] for row in rows] == [False, False, True]
    (note,) = found["notes"]
    assert "damaged" in note
    assert "relabelled" not in rows[0]


def test_which_versions(repo: DataRepo) -> None:
    assert [row["tags"] for row in read(repo, all_tags=True)["versions"]] == [["v1"], ["v2"]]
    assert [row["label_quality"] for row in read(repo, most=1)["versions"]] == [0.8]
    assert [row["label_quality"] for row in read(repo, start="side")["versions"]] == [0.5, 0.6, 0.7]
    with pytest.raises(RevisionError, match="nowhere"):
        read(repo, start="nowhere")


def test_text_and_csv(repo: DataRepo) -> None:
    found = read(repo)
    text = history_text(found)
    assert "v2" in text
    assert "scored with other parameters" in text
    rows = list(csv.DictReader(io.StringIO(history_csv(found))))
    assert [float(row["label_quality"]) for row in rows] == [0.5, 0.7, 0.8]
    assert rows[2]["subject"] == NASTY
    assert rows[2]["recomputed"] == "true"
    assert "No version" in history_text({"versions": [], "notes": []})


class Reader(HTMLParser):
    """Counts elements, and collects text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_is_whole_and_inert(repo: DataRepo) -> None:
    page = history_page(read(repo))
    reader = Reader()
    reader.feed(page)
    assert "script" not in reader.tags
    assert NASTY in reader.text
    assert reader.text.count("other parameters than at first") == 1
    # The plots, the lines in them, and the mark of the masthead.
    assert reader.tags.count("svg") == 4 + 4 + 1
    assert reader.tags.count("main") == 1
    assert reader.tags.count("circle") == 12
    # The line breaks where other parameters begin.
    assert reader.tags.count("polyline") == 8
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", page)
    assert "script-src &#39;none&#39;" in page
    empty = history_page({"versions": [], "notes": []})
    assert empty.startswith("<!doctype html>")
    assert "No version here has metrics." in empty


def test_the_table_has_the_columns_of_the_terminal(repo: DataRepo) -> None:
    found = read(repo)
    page = page_context(found, "a title")
    (header,) = (line for line in history_text(found).splitlines() if line.startswith("version "))
    assert re.split(r"  +", header)[2:] == page["columns"]
    assert page["columns"][1] == "issues"
    assert [row["cells"][1] for row in page["rows"]] == ["1", "1", "1"]


def test_moves_between_neighbours(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    ids = ["1", "2", "3"]
    for labels in (["cat", "dog", "fox"], ["cat", "cat", "cat"], ["cat", "cat", None]):
        repo.write_scores(make_scores(ids, labels, hashes=list("ABC")))
        repo.dvc("add", "--quiet", SCORES)
        commit(repo, len(set(labels)) / 10, "another")
    ids[0] = "4"
    repo.write_scores(make_scores(ids, labels, hashes=list("DBC")))
    repo.dvc("add", "--quiet", SCORES)
    commit(repo, 0.9, "swapped one")
    found = read(repo, source=SourceParams(id_column="id"))
    moves = [(row["added"], row["removed"], row["relabelled"]) for row in found["versions"]]
    assert moves == [(None, None, None), (0, 0, 2), (0, 0, 1), (1, 1, 0)]
    assert "relabelled" in history_text(found)
    (repo.project / ".dvc" / "cache").rename(tmp_path / "away")
    assert read(repo, source=SourceParams())["versions"][1]["relabelled"] is None


def test_the_command(repo: DataRepo, tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "cgaudit", "history", *arguments],
            cwd=repo.project, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip

    page = tmp_path / "history.html"
    assert len(json.loads(run("--json", "--html", str(page)))["versions"]) == 3
    assert page.read_text() == history_page(read(repo))
    assert run("--all-tags", "--csv") == history_csv(read(repo, all_tags=True))


def test_two_hundred_revisions_in_a_second(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo")
    stream = []
    for number in range(200):
        data = summary(number / 200)
        stream.append(
            f"commit refs/heads/main\ncommitter A <a@example.org> {1_700_000_000 + number} +0000\n"
            f"data 1\nx\nM 644 inline reports/summary.json\ndata {len(data)}\n{data}\n"
        )
    subprocess.run(
        ["git", "fast-import", "--quiet"], input="".join(stream).encode(), cwd=repo.root, check=True
    )
    start = time.process_time()
    found = read(repo)
    assert len(found["versions"]) == 200
    assert time.process_time() - start < 1
    repo.git("tag", "old", "main~150")
    repo.git("tag", "new", "main~2")
    since = "2023-11-14 22:15:00 +0000"
    assert len(read(repo, since=since)["versions"]) == 100
    assert [row["tags"] for row in read(repo, since=since, all_tags=True)["versions"]] == [["new"]]
