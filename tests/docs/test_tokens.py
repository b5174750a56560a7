"""The recipe for tokens in docs/embeddings.md, on digits that stand for them, twelve a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from datarepo import DataRepo
from homes import does
from sklearn.datasets import load_digits

PAGE = Path(__file__).parents[2] / "docs" / "embeddings.md"


def test_a_text_is_as_good_as_its_worst_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digits, rng = load_digits(), np.random.default_rng(0)
    n, a_sentence = 600, 12
    wrong = np.zeros(n, dtype=bool)
    wrong[rng.choice(n // a_sentence, 6, replace=False) * a_sentence + 3] = True
    tags = np.where(wrong, (digits.target[:n] + 3) % 10, digits.target[:n])
    sentences = [f"s{row // a_sentence}" for row in range(n)]
    table = {
        "id": [f"{sentence}:{row % a_sentence}" for row, sentence in enumerate(sentences)],
        "vector": list(digits.data[:n].astype(np.float32)),
        "tag": [f"T{tag}" for tag in tags],
    }
    pd.DataFrame(table).to_parquet(tmp_path / "tokens.parquet")
    section = PAGE.read_text().split("## Tokens and spans")[1]
    (command,) = re.findall(r"^cgaudit (audit .*?)\s+#", section, re.MULTILINE)
    does(DataRepo(tmp_path), *command.split())
    monkeypatch.chdir(tmp_path)
    told: dict[str, pd.Series[float]] = {}
    exec(re.findall(r"```python\n(.*?)```", section, re.DOTALL)[0], told)
    bad = {sentence for sentence, is_wrong in zip(sentences, wrong, strict=True) if is_wrong}
    # One digit of another sentence is written oddly.
    assert len(bad.intersection(told["worst"].index[: len(bad)])) >= len(bad) - 1
