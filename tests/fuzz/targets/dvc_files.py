"""DVC's own files, which a stranger may commit: dvc.lock, dvc.yaml, .dvc/config, *.dvc."""

from __future__ import annotations

from pathlib import Path

import verbs
import yaml
from damage import any_content, damaged, forged_yaml
from fuzzing import Input, Target
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

_READ = (verbs.DIFF_COMMITTED, verbs.DIFF_COMPUTED, verbs.CHECK_COMMITTED, verbs.HISTORY,
         verbs.MOVES, verbs.DOCTOR, verbs.FEATURIZE)  # fmt: skip


def _of_yaml(path: str):
    def inputs(repo: Path) -> SearchStrategy[Input]:
        text = (repo / path).read_text()
        return _at(path, any_content(text.encode(), forged_yaml(text, yaml.safe_load(text))))

    return inputs


_CONFIGS = (
    *(b"[core]\n    remote = nothing\n", b"[core]\nremote\n", b"remote = x\n", b"[core"),
    *(b"['remote \"store\"']\n    url = nope://x\n", b"[cache]\n    type = nothing\n"),
    *(b"['remote \"store\"']\n    url =\n", b"[core]\n[core]\n", b"[core]\n    analytics = x\n"),
    *(b"[a]\nb = %(c)s\n", b"[cache]\n    dir = ../outside\n", b"\xff\xfe", b"[core]\nremote = 1"),
    b"['remote \"store\"']\n    url = /proc/self\n[core]\n    remote = store\n",
)


def config(repo: Path) -> SearchStrategy[Input]:
    valid = (repo / ".dvc/config").read_bytes()
    odd = st.sampled_from(_CONFIGS)
    return _at(".dvc/config", any_content(valid, odd, odd, damaged(valid)))


def _at(path: str, content: SearchStrategy) -> SearchStrategy[Input]:
    return st.builds(
        lambda verb, it, committed: Input(verb, {path: it}, committed),
        st.sampled_from(_READ),
        content,
        st.booleans(),
    )


TARGETS = [
    Target("dvc-lock", "pictures", _of_yaml("dvc.lock"), share=1),
    Target("dvc-yaml", "pictures", _of_yaml("dvc.yaml"), share=1),
    Target("dvc-pointer", "pictures", _of_yaml("photos.dvc"), share=1),
    Target("dvc-config", "pictures", config, share=1),
]
