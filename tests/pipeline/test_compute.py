"""Versions without scores, scored beside the workspace; pictures of both, read the same way."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from datarepo import DataRepo, copy_of, new_repo
from tutorial_data import COUNT, label_folders, label_of, labels_table, save

from cgaudit.errors import MissingObjectError, NoScoresError
from cgaudit.paramsfile import load_params
from cgaudit.project import Project
from cgaudit.revisions import Repository
from cgaudit.verbs import featurize, fit, score
from cgaudit.verbs.diff import diff, diff_page

SECTION = """\
cgaudit:
  source: {source}
  featurize: {{name: {featurizer}, state: featurizer.npz}}
  score: {{method: exact}}
"""
TEXTS = {
    "card": "my card was declined when I paid at shop number {0} on day {1}",
    "cash": "the machine gave me no cash at branch {0} on day {1}",
    "rate": "which exchange rate do you apply for currency {0} in week {1}",
}


def audit(repo: DataRepo, source: str, featurizer: str) -> None:
    """Write params.yaml, run the stages in the current folder, give the outputs to DVC."""
    repo.write("params.yaml", SECTION.format(source=source, featurizer=featurizer))
    project = Project(repo.project)
    params = load_params(project.params)
    fit.fit(project, params)
    featurize.featurize(project, params)
    score.score(project, params)
    repo.dvc("add", "--quiet", "reports/features", "reports/scores.parquet")


def edit_table(path: Path, change: Callable[[list[dict[str, str]]], list[dict[str, str]]]) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(change(rows))


def fix(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Correct sample 4, spoil sample 30, remove samples 11 and 12."""
    for row in rows:
        row["label"] = {"0004": "columns", "0030": "stripes"}.get(row["id"], row["label"])
    return [row for row in rows if row["id"] not in ("0011", "0012")]


def folders(repo: DataRepo) -> None:
    label_folders(repo.project)
    repo.dvc("add", "--quiet", "photos")
    repo.commit("data")
    photos = repo.project / "photos"
    for number, label in ((4, "columns"), (30, "stripes")):
        (photos / label_of(number) / f"{number:04}.png").rename(photos / label / f"{number:04}.png")
    for number in (11, 12):
        (photos / label_of(number) / f"{number:04}.png").unlink()
    repo.dvc("add", "--quiet", "photos")
    audit(repo, "{path: photos}", "pixels")


def with_table(repo: DataRepo) -> None:
    labels_table(repo.project)
    repo.dvc("add", "--quiet", "photos")
    repo.commit("data")
    edit_table(repo.project / "labels.csv", fix)
    for number in (11, 12):
        (repo.project / "photos" / f"{number:04}.png").unlink()
    save(COUNT + 3, repo.project / "edited")
    (repo.project / "edited" / f"{COUNT + 3:04}.png").replace(repo.project / "photos" / "0006.png")
    repo.dvc("add", "--quiet", "photos")
    audit(repo, "{path: photos, labels: labels.csv}", "pixels")


def texts(repo: DataRepo) -> None:
    kinds = sorted(TEXTS)
    as_checks = dict(zip(("checks", "columns", "stripes"), kinds, strict=True))
    with (repo.project / "questions.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("id", "text", "label"))
        for i in range(COUNT):
            text = TEXTS[kinds[i % 3]].format(i, i * 7 % 31)
            writer.writerow((f"{i:04}", text, as_checks[label_of(i)]))
    repo.dvc("add", "--quiet", "questions.csv")
    repo.commit("data")

    def change(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        fixed = fix(rows)
        return [{**row, "label": as_checks.get(row["label"], row["label"])} for row in fixed]

    edit_table(repo.project / "questions.csv", change)
    repo.dvc("add", "--quiet", "questions.csv")
    audit(repo, "{path: questions.csv}", "text")


KINDS = {"folders": folders, "with_table": with_table, "texts": texts}


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Repos whose first commit has data alone, and whose second relabels and adds the audit."""
    made: dict[str, Path] = {}

    def template(kind: str) -> Path:
        if kind not in made:
            base = tmp_path_factory.mktemp(kind)
            repo = new_repo(base / "repo", remote=base / "store")
            with pytest.MonkeyPatch.context() as patch:
                patch.chdir(repo.project)
                KINDS[kind](repo)
            repo.commit("audit and relabel")
            repo.dvc("push", "--quiet", "--all-commits")
            made[kind] = base
        return made[kind]

    return template


@pytest.fixture
def repo_of(
    templates: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], DataRepo]:
    """Copy such a repo, enter it, and keep temporary files where they can be counted."""

    def copy(kind: str) -> DataRepo:
        repo = copy_of(templates(kind), tmp_path / "copy")
        monkeypatch.chdir(repo.project)
        (tmp_path / "scratch").mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
        return repo

    return copy


def computed(repo: DataRepo, a: str = "HEAD~1", b: str = "HEAD") -> tuple[dict, list[str]]:
    repository = Repository.around(Project(repo.project))
    params = load_params(repo.project / "params.yaml")
    found = diff(repository, *repository.pair(a, b), params, compute=True)
    return found.diff, found.notes


def page(repo: DataRepo, a: str = "HEAD~1", b: str = "HEAD") -> str:
    repository = Repository.around(Project(repo.project))
    params = load_params(repo.project / "params.yaml")
    found = diff(repository, *repository.pair(a, b), params, compute=True)
    return diff_page(repository, found, params)


def contents(repo: DataRepo) -> dict[str, Any]:
    """What there is, apart from the bookkeeping of git and DVC."""
    return {
        str(file.relative_to(repo.root)): (file.stat().st_mtime_ns, file.read_bytes())
        for file in sorted(repo.root.rglob("*"))
        if file.is_file() and not {".git", "tmp"} & set(file.relative_to(repo.root).parts)
    }


def lose(repo: DataRepo, md5: str) -> None:
    """Remove a content from the cache and from the remote."""
    for place in (repo.project / ".dvc" / "cache", repo.root.parent / "store"):
        (place / "files" / "md5" / md5[:2] / md5[2:]).unlink()


def md5_of(number: int, folder: Path) -> str:
    save(number, folder)
    return hashlib.md5((folder / f"{number:04}.png").read_bytes()).hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_commit_before_the_audit_is_scored_beside_the_workspace(repo_of, tmp_path, kind):
    repo = repo_of(kind)
    before = contents(repo)
    diff, (note,) = computed(repo)
    changes = {Path(row["id"]).stem: (row["from"], row["to"]) for row in diff["relabelled"]}
    checks, columns, stripes = (
        sorted(TEXTS) if kind == "texts" else ("checks", "columns", "stripes")
    )
    assert changes == {"0004": (stripes, columns), "0030": (checks, stripes)}
    verdicts = {Path(row["id"]).stem: row["verdict"] for row in diff["relabelled"]}
    assert verdicts == {"0004": "supported", "0030": "contradicted"}
    edited = 1 if kind == "with_table" else 0
    assert diff["samples"] == {
        "added": 0, "removed": 2, "relabelled": 2, "edited": edited,
        "moved": 0, "unchanged": COUNT - 4 - edited,
    }  # fmt: skip
    # What was removed or edited is all that the later version has no features of.
    assert f"features: computed {2 + edited}, reused {COUNT - 2 - edited}" in note
    assert any("were computed for this comparison" in text for text in diff["warnings"])
    assert contents(repo) == before
    assert list((tmp_path / "scratch").iterdir()) == []


def test_the_scores_are_those_of_a_checkout(repo_of, tmp_path):
    repo = repo_of("with_table")
    repository = Repository.around(Project(repo.project))
    params = load_params(Path("params.yaml"))
    earlier = diff(repository, *repository.pair("HEAD~1", "HEAD"), params, compute=True).pair.a
    repo.git("worktree", "add", "--quiet", str(tmp_path / "tree"), "HEAD~1")
    repository.download("photos", repository.revision("HEAD~1"), tmp_path / "tree" / "photos")
    source = params.source.model_copy(
        update={name: str(tmp_path / "tree" / getattr(params.source, name))
                for name in ("path", "labels")}
    )  # fmt: skip
    there = params.model_copy(update={"source": source})
    state = params.featurize.model_copy(
        update={"state": str(repo.project / params.featurize.state)}
    )
    there = there.model_copy(update={"featurize": state})
    elsewhere = Project(tmp_path)
    featurize.featurize(elsewhere, there, cold=True)
    score.score(elsewhere, there)
    table = pd.read_parquet(elsewhere.outputs.scores)
    assert earlier.scores.table["content_hash"].tolist() == table["content_hash"].tolist()
    assert earlier.scores.table["label_score"].to_numpy() == pytest.approx(
        table["label_score"].to_numpy(), abs=1e-4
    )


def test_only_contents_without_features_are_fetched(repo_of, tmp_path):
    repo = repo_of("folders")
    lose(repo, md5_of(50, tmp_path / "drawn"))
    assert computed(repo)[0]["samples"]["relabelled"] == 2
    lose(repo, md5_of(11, tmp_path / "drawn"))
    with pytest.raises(MissingObjectError, match="dvc push"):
        computed(repo)


def test_a_commit_without_the_data_is_refused(repo_of):
    repo = repo_of("with_table")
    repo.git("checkout", "--quiet", "--orphan", "elsewhere")
    repo.git("rm", "--quiet", "-r", "--cached", ".")
    repo.git("commit", "--quiet", "--allow-empty", "--message", "nothing")
    with pytest.raises(NoScoresError, match=r"elsewhere .* has neither scores nor photos"):
        computed(repo, "elsewhere", "main")


def test_without_compute_it_is_offered(repo_of):
    repository = Repository.around(Project(repo_of("texts").project))
    with pytest.raises(NoScoresError, match="`cgaudit diff --compute`"):
        diff(repository, *repository.pair("HEAD~1", "HEAD"), load_params(Path("params.yaml")))


def test_neither_version_has_scores(repo_of):
    repo = repo_of("with_table")
    repo.git("rm", "--quiet", "--cached", "reports/scores.parquet.dvc")
    repo.project.joinpath("reports/scores.parquet.dvc").unlink()
    repo.project.joinpath("reports/scores.parquet").unlink()
    diff, notes = computed(repo, "HEAD~1", "workspace")
    assert diff["samples"]["relabelled"] == 2
    assert [re.search(r"computed (\d+)", note)[1] for note in notes] == ["3", "0"]


@pytest.mark.slow
def test_the_command(repo_of):
    repo_of("folders")
    command = [sys.executable, "-m", "cgaudit", "diff", "HEAD~1", "HEAD"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "--compute" in refused.stderr
    options = ["--compute", "--json", "--html", "page/diff.html"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["samples"]["relabelled"] == 2
    assert "computed 2, reused 88" in done.stderr
    assert "Wrote page/diff.html" in done.stderr
    assert Path("page/diff.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_page_shows_both_pictures_of_an_edited_sample(repo_of, tmp_path):
    text = page(repo_of("with_table"))
    assert text.count('aria-label="Picture before"') == text.count('aria-label="Picture after"')
    others = text.partition('<section id="others"')[2].partition("</section>")[0]
    assert others.count('aria-label="Picture before"') == 1
    relabelled = text.partition('<section id="samples"')[2].partition("</section>")[0]
    assert relabelled.count('aria-label="Picture"') == 2
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_page_of_the_workspace_needs_no_cache(repo_of):
    repo = repo_of("folders")
    expected = page(repo, "HEAD~1", "workspace")
    assert expected.count('aria-label="Picture"') >= 2
    repo.dvc("unprotect", "photos")
    shutil.rmtree(repo.project / ".dvc" / "cache")
    assert page(repo, "HEAD~1", "workspace") == expected


def test_pictures_that_nobody_has_are_said_to_be_missing(repo_of):
    repo = repo_of("with_table")
    repository = Repository.around(Project(repo.project))
    params = load_params(Path("params.yaml"))
    found = diff(repository, *repository.pair("HEAD~1", "HEAD"), params, compute=True)
    for place in (repo.project / ".dvc" / "cache", repo.root.parent / "store"):
        shutil.rmtree(place)
    repository = Repository.around(Project(repo.project))
    text = diff_page(repository, found, params)
    assert 'aria-label="Picture' not in text
    assert text.count("neither in the cache nor on a remote") >= 4


def test_the_page_of_texts_shows_them(repo_of):
    text = page(repo_of("texts"))
    relabelled = text.partition('<section id="samples"')[2].partition("</section>")[0]
    assert "which exchange rate do you apply" not in re.sub(r'<li class="words".*', "", relabelled)
    assert "the machine gave me no cash at branch 4" in relabelled
    assert relabelled.count("<blockquote") == 2
