"""Artefacts that are arrays: the samples, the feature store, fitted states, the kept factor."""

from __future__ import annotations

import json
from pathlib import Path

import verbs
from damage import any_content, damaged, forged_json, forged_npy, forged_npz, forged_table
from fuzzing import Input, Target
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sandbox import Content, Verb

_READ = (verbs.SCORE, verbs.SCORE_DRY, verbs.DOCTOR, verbs.EXPORTS[3])


def samples(repo: Path) -> SearchStrategy[Input]:
    path = "reports/samples.parquet"
    valid = (repo / path).read_bytes()
    return _one(path, _READ, any_content(valid, forged_table(valid)))


def features(repo: Path) -> SearchStrategy[Input]:
    store = "reports/features"
    found = {name: (repo / store / name).read_bytes() for name in
             ("vectors.npy", "content_hash.npy", "meta.json")}  # fmt: skip
    meta = any_content(found["meta.json"], forged_json(json.loads(found["meta.json"])))
    readers = (*_READ, verbs.REPORT, verbs.FEATURIZE)
    return st.one_of(
        _one(f"{store}/meta.json", readers, meta),
        *(
            _one(f"{store}/{name}", readers, any_content(found[name], forged_npy(found[name])))
            for name in ("vectors.npy", "content_hash.npy")
        ),
        _one(store, readers, any_content(b"no folder")),
    )


def state(repo: Path) -> SearchStrategy[Input]:
    path = "featurizer.npz"
    valid = (repo / path).read_bytes()
    content = any_content(valid, forged_npz(valid))
    return _one(path, (verbs.FEATURIZE, Verb(("featurize", "--cold"), ("repo/reports",))), content)


def factor(repo: Path) -> SearchStrategy[Input]:
    folder = ".git/cgaudit/kept"
    header = (repo / folder / "header.json").read_bytes()
    made = any_content(header, forged_json(json.loads(header)))
    parts = [
        _one(f"{folder}/{name}", (verbs.SCORE, verbs.EXPORTS[3]),
             any_content(valid, damaged(valid)))
        for name in ("factor.bin", "inverses.bin", "diagonal.bin", "digests.bin")
        for valid in [(repo / folder / name).read_bytes()]
    ]  # fmt: skip
    return st.one_of(_one(f"{folder}/header.json", (verbs.SCORE, verbs.EXPORTS[3]), made), *parts)


def _one(
    path: str, readers: tuple[Verb, ...], content: SearchStrategy[Content]
) -> SearchStrategy[Input]:
    return st.builds(lambda verb, it: Input(verb, {path: it}), st.sampled_from(readers), content)


TARGETS = [
    Target("samples", "table", samples),
    Target("features", "table", features),
    Target("state-of-a-table", "table", state),
    Target("state-of-pictures", "pictures", state),
    Target("factor", "table", factor),
]
