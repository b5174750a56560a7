"""A clone of which only a part of the data was pulled."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from datarepo import DataRepo, make_scores, new_repo, run

#: What each picture's bytes are; the scores need no more of them than their MD5s.
NAMES = ("checks/a.png", "checks/b.png", "stripes/c.png", "stripes/d.png")
PARAMS = "cgaudit:\n  recipe: 2\n  source: {path: photos}\n"


def partly_pulled(folder: Path) -> DataRepo:
    """Return a clone that has photos/checks and no more; its origin has scores at HEAD."""
    origin = new_repo(folder / "repo", remote=folder / "store")
    for name in NAMES:
        origin.write(f"photos/{name}", name)
    origin.write("params.yaml", PARAMS)
    write_scores(origin, NAMES)
    origin.dvc("add", "--quiet", "photos", "reports/scores.parquet")
    origin.commit("audited")
    origin.dvc("push", "--quiet")
    run("git", "clone", "--quiet", str(origin.root), str(folder / "clone"), cwd=folder)
    clone = DataRepo(folder / "clone")
    clone.dvc("pull", "--quiet", "photos/checks", "reports/scores.parquet")
    return clone


def write_scores(repo: DataRepo, names: Sequence[str], issues: Collection[str] = ()) -> None:
    """Write the scores table of the pictures of these names, some of which are label issues."""
    import hashlib

    scores = make_scores(
        list(names),
        [name.partition("/")[0] for name in names],
        hashes=[hashlib.md5(name.encode()).hexdigest() for name in names],
        classes=("checks", "stripes"),
    )
    scores.table["path"] = scores.table["id"]
    scores.table["is_label_issue"] = scores.table["id"].isin(issues)
    (repo.project / "reports/scores.parquet").unlink(missing_ok=True)
    repo.write_scores(scores)
