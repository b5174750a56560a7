"""What a diff says of 250 known relabellings among 3,000 pictures labelled by hand."""

from __future__ import annotations

import json
import shutil
import statistics
import sys

import numpy as np
import pandas as pd
import pytest
from datarepo import new_repo, run

CORRECTED, SPOILED = 200, 50


def relabelled(labels: pd.DataFrame, truth: pd.Series) -> pd.DataFrame:
    """Correct 200 of the wrong labels, and spoil 50 of the right ones."""
    rng = np.random.default_rng(0)
    labels, true = labels.copy(), truth.reindex(labels["id"]).to_numpy()
    wrong = labels["label"].to_numpy() != true
    right = rng.choice(np.flatnonzero(wrong), CORRECTED, replace=False)
    labels.loc[right, "label"] = true[right]
    for row in rng.choice(np.flatnonzero(~wrong), SPOILED, replace=False):
        labels.loc[row, "label"] = rng.choice(np.setdiff1d(true, [true[row]]))
    return labels


@pytest.mark.slow
def test_corrections_and_spoilings_are_told_apart_and_ripple_is_apart(tmp_path, shared_data):
    data, repo = shared_data / "cifar10n-3k", new_repo(tmp_path / "repo")
    truth = pd.read_csv(data / "truth.csv", dtype=str).set_index("id")["true_label"]
    labels = pd.read_csv(data / "labels.csv", dtype=str)
    shutil.copytree(data / "images", repo.project / "images")
    labels.to_csv(repo.project / "labels.csv", index=False)
    repo.dvc("add", "--quiet", "images")
    cgaudit = (sys.executable, "-m", "cgaudit")
    run(*cgaudit, "init", "--yes", "--data", "images", "--labels", "labels.csv", cwd=repo.project)
    repo.dvc("repro", "--quiet")
    repo.commit("a")
    changed = relabelled(labels, truth)
    changed.to_csv(repo.project / "labels.csv", index=False)
    repo.dvc("repro", "--quiet")
    repo.commit("b")

    found = json.loads(run(*cgaudit, "diff", "HEAD~1", "HEAD", "--json", cwd=repo.project))
    assert found["samples"] == {
        "added": 0, "removed": 0, "relabelled": 250, "edited": 0, "moved": 0, "unchanged": 2750,
    }  # fmt: skip
    touched = set(labels["id"][labels["label"] != changed["label"]])
    assert {row["id"] for row in found["relabelled"]} == touched
    # Most others move a little, and only as ripple: they are nobody's doing.
    assert 100 < found["ripple"]["count"] <= 2750

    verdicts = {True: [], False: []}
    for row in found["relabelled"]:
        verdicts[row["to"] == truth[row["id"]]].append(row["verdict"])
    assert {len(verdicts[True]), len(verdicts[False])} == {CORRECTED, SPOILED}
    decided = [verdict != "undecided" for given in verdicts.values() for verdict in given]
    assert statistics.mean(decided) >= 0.6
    accuracy = [
        given.count(right) / (len(given) - given.count("undecided"))
        for given, right in ((verdicts[True], "supported"), (verdicts[False], "contradicted"))
    ]
    assert statistics.mean(accuracy) >= 0.82
