"""What stands beside the scores: a selection and its curve, a training log and what it was made."""

from __future__ import annotations

import json
from pathlib import Path

import verbs
from damage import any_content, forged_json, forged_table
from fuzzing import Input, Target
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sandbox import Content, Verb


def selection(repo: Path) -> SearchStrategy[Input]:
    path = "reports/selection.parquet"
    valid = (repo / path).read_bytes()
    content = any_content(valid, forged_table(valid))
    return _one(path, (verbs.SELECT, verbs.REPORT), content)


def curve(repo: Path) -> SearchStrategy[Input]:
    path = "reports/curve.json"
    valid = (repo / path).read_bytes()
    content = any_content(valid, forged_json(json.loads(valid)))
    return _one(path, (verbs.REPORT,), content)


def dynamics(repo: Path) -> SearchStrategy[Input]:
    path = "reports/dynamics.parquet"
    valid = (repo / path).read_bytes()
    content = any_content(valid, forged_table(valid))
    return _one(path, (verbs.REPORT, verbs.DIFF, verbs.DYNAMICS), content)


def imported(repo: Path) -> SearchStrategy[Input]:
    path = "reports/imported.parquet"
    valid = (repo / path).read_bytes()
    content = any_content(valid, forged_table(valid))
    return _one(path, (verbs.REPORT, verbs.DIFF, verbs.IMPORT), content)


def log(repo: Path) -> SearchStrategy[Input]:
    valid = (repo / "log.jsonl").read_bytes()
    first = json.loads(valid.splitlines()[0])
    lines = st.lists(forged_json(first), max_size=6).map(b"\n".join)
    return _one("log.jsonl", (verbs.DYNAMICS,), any_content(valid, lines))


def _one(
    path: str, readers: tuple[Verb, ...], content: SearchStrategy[Content]
) -> SearchStrategy[Input]:
    return st.builds(lambda verb, it: Input(verb, {path: it}), st.sampled_from(readers), content)


TARGETS = [
    Target("selection", "table", selection),
    Target("curve", "table", curve),
    Target("dynamics", "table", dynamics),
    Target("imported", "table", imported),
    Target("training-log", "table", log),
]
