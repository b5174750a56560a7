"""The scores table: reports/scores.parquet, or the folder of its parts."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from damage import any_content, forged_table, provenance_changed
from fuzzing import Input, Target
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from sandbox import Odd
from verbs import OF_SCORES

from cgaudit.results.stored import write_parts

PATH, PARTS = "reports/scores.parquet", "reports/scores"


def inputs(repo: Path) -> SearchStrategy[Input]:
    valid = (repo / PATH).read_bytes()
    content = any_content(valid, forged_table(valid), provenance_changed(valid))
    return st.builds(lambda verb, it: Input(verb, {PATH: it}), st.sampled_from(OF_SCORES), content)


def inputs_in_parts(repo: Path) -> SearchStrategy[Input]:
    """One of four parts, or their folder, is anything; dvc.yaml names them."""
    named = (repo / "dvc.yaml").read_text().replace(PATH, PARTS).encode()
    with tempfile.TemporaryDirectory() as scratch:
        write_parts(pq.read_table(repo / PATH), Path(scratch) / "scores", 4)
        parts = {
            f"{PARTS}/{file.name}": file.read_bytes()
            for file in sorted((Path(scratch) / "scores").iterdir())
        }
    there = {"dvc.yaml": named, PATH: Odd.DANGLING, **parts}
    first = next(iter(parts.values()))
    content = st.one_of(
        any_content(first, forged_table(first), provenance_changed(first)),
        st.sampled_from(list(parts.values())),
    )
    others = (f"{PARTS}/part-0004.parquet", f"{PARTS}/other.txt", f"{PARTS}/deep/part-0000.parquet")
    path = st.sampled_from([*parts, *others])
    return st.builds(
        lambda verb, at, it: Input(verb, {**there, at: it}),
        st.sampled_from(OF_SCORES),
        path,
        content,
    )


TARGETS = [
    Target("scores", "table", inputs),
    Target("scores-in-parts", "table", inputs_in_parts),
    Target("scores-of-pictures", "pictures", inputs),
]
