"""The scores table: reports/scores.parquet."""

from __future__ import annotations

from pathlib import Path

from damage import any_content, forged_table, provenance_changed
from fuzzing import Input, Target
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from verbs import OF_SCORES

PATH = "reports/scores.parquet"


def inputs(repo: Path) -> SearchStrategy[Input]:
    valid = (repo / PATH).read_bytes()
    content = any_content(valid, forged_table(valid), provenance_changed(valid))
    return st.builds(lambda verb, it: Input(verb, {PATH: it}), st.sampled_from(OF_SCORES), content)


TARGETS = [Target("scores", "table", inputs), Target("scores-of-pictures", "pictures", inputs)]
