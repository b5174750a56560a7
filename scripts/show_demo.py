"""Say what the audit of the demo found, and how much of what was flipped it found."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cgaudit.project import Project
from cgaudit.results.table import read_scores

SHOWN = ["id", "given_label", "predicted_label", "label_score", "cg_score"]


def main() -> None:
    """Print the most suspicious samples, and the flags against the truth that was kept aside."""
    outputs = Project(Path()).outputs
    table = read_scores(outputs.scores).table.set_index("id", drop=False)
    truth = pd.read_csv("data/truth.csv", dtype=str).set_index("id")["true_label"]
    wrong = table["given_label"] != truth.reindex(table.index)
    flagged = table["is_label_issue"]
    worst = table.sort_values("label_score", kind="stable")

    print(f"\nReport: {outputs.page.resolve()}\n")
    print("The five most suspicious samples:\n")
    print(worst.head(5)[SHOWN].to_string(index=False))
    print(f"\n{found(wrong, flagged, worst.index)}")


def found(wrong: pd.Series, flagged: pd.Series, ranking: pd.Index) -> str:
    """Return the sentence that the README quotes."""
    return (
        f"{wrong.sum()} of {len(wrong)} labels were flipped on purpose. {flagged.sum()} are "
        f"flagged, {(flagged & wrong).sum()} of them flipped ones; "
        f"{wrong[ranking[: wrong.sum()]].sum()} flipped ones are among the {wrong.sum()} lowest "
        "label scores."
    )


if __name__ == "__main__":
    main()
