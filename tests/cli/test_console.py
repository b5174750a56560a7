"""What a command prints, wherever it is printed to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from datarepo import ENVIRONMENT, DataRepo, make_scores, new_repo

#: In none of the encodings below, and in one of them.
LABELS = ["Δ犬", "café"]
FORGED = "x\n::error::pwned ##[error]pwned"
PIPELINE = {"vars": [{"item": 1}], "stages": {FORGED: {"foreach": ["a"], "do": {"cmd": "true"}}}}


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> DataRepo:
    """Two versions, labels that are not ASCII, and a pipeline that DVC warns of by its name."""
    repo = new_repo(tmp_path_factory.mktemp("console") / "repo")
    repo.write("params.yaml", "cgaudit: {recipe: 2, check: {max_issue_rate: 0}}")
    for labels in (LABELS, LABELS[::-1]):
        repo.write_scores(make_scores(["1", "2"], labels, classes=("Δ犬", "café", "–")))
        repo.commit("scores")
    repo.write("dvc.yaml", json.dumps(PIPELINE))
    repo.commit("pipeline")
    return repo


def run(repo: DataRepo, *words: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    return in_environment(repo, {**ENVIRONMENT, **variables}, *words)


def in_environment(
    repo: DataRepo, variables: Mapping[str, str], *words: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "cgaudit", *words],
        cwd=repo.project, env=variables, capture_output=True, check=False,
    )  # fmt: skip


LOCALE_C = {"PYTHONUTF8": "0", "LC_ALL": "C", "LANG": "C", "PYTHONCOERCECLOCALE": "0"}
SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    ("encoding", "variables"),
    [
        pytest.param("latin-1", {"PYTHONIOENCODING": "latin-1"}, id="latin-1"),
        pytest.param("ascii", {"PYTHONIOENCODING": "ascii"}, id="ascii", marks=SLOW),
        pytest.param("ascii", LOCALE_C, id="locale C", marks=SLOW),
    ],
)
def test_no_encoding_breaks_a_command(
    repo: DataRepo, encoding: str, variables: dict[str, str]
) -> None:
    def said(*words: str, codes: tuple[int, ...] = (0,)) -> str:
        done = run(repo, *words, **variables)
        assert done.returncode in codes, done.stderr
        assert b"Traceback" not in done.stderr
        return done.stdout.decode(encoding)

    diff = ("diff", "HEAD~2", "HEAD~1")
    labels = {row["from"] for row in json.loads(said(*diff, "--json"))["relabelled"]}
    assert labels == set(LABELS)
    # In Markdown a reference is shown as the character that it stands for.
    assert "&#8594;" in said(*diff, "--md")
    assert "\\u2192" in said(*diff)
    if encoding == "ascii":
        # click writes its help in UTF-8 then.
        assert run(repo, "audit", "--help", **variables).returncode == 0
        for words in (("history",), ("doctor",), ("check", "HEAD~2")):
            said(*words, codes=(0, 1))


@SLOW
@pytest.mark.parametrize("home", [None, "/dev/null/home"])
def test_nobody_needs_a_home(repo: DataRepo, home: str | None) -> None:
    homeless = {
        name: value
        for name, value in ENVIRONMENT.items()
        if name not in {"HOME", "USER", "LOGNAME"} and not name.startswith("XDG_")
    }
    if home is not None:
        homeless["HOME"] = home
    for words in (("diff", "HEAD~2", "HEAD~1", "--json"), ("doctor", "--json")):
        done = in_environment(repo, homeless, *words)
        with_one = run(repo, *words)
        assert done.returncode == with_one.returncode, done.stderr
        assert done.stdout == with_one.stdout


@pytest.mark.parametrize(
    "words", [("check", "HEAD~1"), pytest.param(("diff", "HEAD~1", "--json"), marks=SLOW)]
)
def test_a_reader_that_has_gone_changes_nothing(repo: DataRepo, words: tuple[str, ...]) -> None:
    whole = run(repo, *words)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "cgaudit", *words],
        cwd=repo.project, env=ENVIRONMENT, stdout=writing, stderr=subprocess.PIPE, check=False,
    )  # fmt: skip
    os.close(writing)
    assert done.returncode == whole.returncode
    assert done.stderr == whole.stderr


def test_a_command_without_stdout(repo: DataRepo) -> None:
    words = f"{sys.executable} -m cgaudit check HEAD~1 >&- 2>&-"
    done = subprocess.run(words, shell=True, cwd=repo.project, env=ENVIRONMENT, check=False)
    assert done.returncode == 1


def test_what_dvc_says_goes_through_the_door_too(repo: DataRepo) -> None:
    done = run(repo, "diff", "HEAD~1", "HEAD", "--json")
    assert json.loads(done.stdout)
    lines = done.stderr.decode().splitlines()
    assert [text for text in lines if "already specified" in text], "DVC warns no more"
    assert not [text for text in lines if text.startswith("::") or "##[" in text]


WARNED = """
import logging, warnings
from cgaudit.cli.console import take_over
take_over()
warnings.warn({0!r}, stacklevel=1)
logging.getLogger("some.library").warning({0!r})
raise ValueError({0!r})
"""


def test_nobody_prints_past_the_door(tmp_path: Path) -> None:
    file = tmp_path / "warned.py"
    file.write_text(WARNED.format(FORGED + "\x1b[2J"))
    done = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("pwned") > 4
    assert not [text for text in done.stderr.splitlines() if text.startswith("::")]
    assert "##[" not in done.stderr
    assert "\x1b" not in done.stderr
