"""Artefacts that are text: params.yaml, reviewed.csv, summary.json, skipped.csv, the plots."""

from __future__ import annotations

import json
from pathlib import Path

import verbs
import yaml
from damage import any_content, damaged, forged_json, forged_yaml
from fuzzing import Input, Target
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sandbox import Verb

_ALL = (verbs.DIFF, verbs.CHECK, verbs.HISTORY, verbs.DOCTOR, verbs.REPORT, verbs.SCORE,
        verbs.FEATURIZE, verbs.MOVES, *verbs.EXPORTS[:3])  # fmt: skip


def _at(path: str, readers: tuple[Verb, ...], content: SearchStrategy) -> SearchStrategy[Input]:
    return st.builds(
        lambda verb, it, committed: Input(verb, {path: it}, committed),
        st.sampled_from(readers),
        content,
        st.booleans() if path == "reports/summary.json" else st.just(False),
    )


def params(repo: Path) -> SearchStrategy[Input]:
    text = (repo / "params.yaml").read_text()
    content = any_content(text.encode(), forged_yaml(text, yaml.safe_load(text)))
    return _at("params.yaml", _ALL, content)


def summary(repo: Path) -> SearchStrategy[Input]:
    valid = (repo / "reports/summary.json").read_bytes()
    content = any_content(valid, forged_json(json.loads(valid)))
    readers = (verbs.DIFF, verbs.CHECK, verbs.HISTORY, verbs.REPORT, verbs.REPORT_SHORT,
               verbs.DOCTOR, verbs.MOVES)  # fmt: skip
    return _at("reports/summary.json", readers, content)


def reviewed(repo: Path) -> SearchStrategy[Input]:
    valid = (repo / "reviewed.csv").read_bytes()
    readers = (verbs.DIFF, verbs.CHECK, verbs.SCORE, verbs.DOCTOR, verbs.MOVES)
    return _at("reviewed.csv", readers, any_content(valid, _csv(valid)))


def skipped(repo: Path) -> SearchStrategy[Input]:
    valid = b'id,reason\na,"no, none"\nb,empty\n'
    return _at("reports/skipped.csv", (verbs.REPORT, verbs.REPORT_SHORT),
               any_content(valid, _csv(valid)))  # fmt: skip


def unreadable(repo: Path) -> SearchStrategy[Input]:
    valid = b'id,reason\na,"no, none"\nb,empty\n'
    return _at("reports/unreadable.csv", (verbs.SCORE, verbs.SCORE_DRY, verbs.EXPORTS[3]),
               any_content(valid, _csv(valid)))  # fmt: skip


def _csv(valid: bytes) -> SearchStrategy[bytes]:
    header, *rows = valid.splitlines(keepends=True)
    odd = st.sampled_from(
        [b"a\n", b"a,b,c,d,e,f\n", b'"never closed', b"\xff,\xfe\n", b"\x00,b\n", header,
         b"x" * 200_000 + b",b\n", b"=1+1,@x\n", b"\n", b"\r", b'a,"b\nc"\n'],
    )  # fmt: skip
    lines = st.lists(st.one_of(odd, st.sampled_from([header, *rows, b"\n"])), max_size=6)
    return st.one_of(
        lines.map(lambda it: header + b"".join(it)),
        lines.map(b"".join),
        damaged(valid),
        st.just(valid.decode().encode("utf-16")),
    )


TARGETS = [
    Target("params", "table", params),
    Target("summary", "table", summary),
    Target("reviewed", "table", reviewed),
    Target("skipped", "table", skipped),
    Target("unreadable", "table", unreadable),
]
