"""Scores of more than a block: written in parts, and two versions of them read a part at a time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from datarepo import DataRepo
from homes import HOMES, does, has_lfs, needs_lfs, says, two_versions
from tutorial_data import labels_table

from cgaudit.results import parts
from cgaudit.results.table import read_scores, write_scores
from cgaudit.versions import apart, read

WHOLE = 1 << 18


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, DataRepo]]:
    base = tmp_path_factory.mktemp("parts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "BLOCK", 10)
        patch.setattr(parts, "PART_ROWS", 12)
        yield {it: two_versions(it, base / it) for it in HOMES if it != "lfs" or has_lfs()}


@pytest.fixture(params=HOMES)
def repo(homes: dict[str, DataRepo], request: pytest.FixtureRequest, tmp_path: Path) -> DataRepo:
    if request.param == "lfs":
        needs_lfs()
    shutil.copytree(homes[request.param].root, tmp_path / "repo", symlinks=True)
    return DataRepo(tmp_path / "repo")


def as_json(repo: DataRepo, *words: str) -> Any:
    done = says(repo, *words, "--json")
    assert done.exit_code in (0, 1), done.output
    return json.loads(done.stdout)


def test_the_stages_and_the_folder_are_of_parts(homes: dict[str, DataRepo]) -> None:
    project = homes["dvc"].project
    stages = yaml.safe_load((project / "dvc.yaml").read_text())["stages"]
    assert "reports/scores" in stages["score"]["outs"]
    assert "reports/scores" in stages["report"]["deps"]
    assert "scores.parquet" not in (project / "dvc.yaml").read_text()
    names = [file.name for file in sorted((project / "reports/scores").iterdir())]
    assert names == [f"part-000{number}.parquet" for number in range(4)]
    assert not (project / "reports/scores.parquet").exists()


@pytest.mark.parametrize(
    "words",
    [("diff", "v1", "v2"), ("diff", "v1"), ("check", "v1", "v2"), ("history", "--moves"),
     ("diff", "v1", "bare-data", "--compute"), ("check", "v1", "v2", "--recompute")],
)  # fmt: skip
def test_the_answer_is_that_of_all_rows(
    repo: DataRepo, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "BLOCK", WHOLE)
    expected = as_json(repo, *words)
    monkeypatch.setattr(parts, "BLOCK", 10)
    counted = []

    def spied(*sides: Any, **settings: Any) -> apart.Reduced:
        reduced = apart.set_apart(*sides, **settings)
        counted.append(reduced.apart.n)
        return reduced

    monkeypatch.setattr(read, "set_apart", spied)
    assert as_json(repo, *words) == expected
    # What is computed for the comparison lies in memory anyhow.
    assert bool(counted) == ("--compute" not in words and "--recompute" not in words)
    assert all(n > 0 for n in counted)


def test_the_page_of_a_comparison_has_the_same_rows(
    repo: DataRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = []
    for block in (WHOLE, 10):
        monkeypatch.setattr(parts, "BLOCK", block)
        page = tmp_path / f"{block}.html"
        does(repo, "diff", "v1", "v2", "--html", str(page))
        pages.append(page.read_text())
    for sample in ("0004", "0009", "0012", "0020", "0045"):
        assert [page.count(f'"{sample}"') > 0 or sample in page for page in pages] == [True, True]
    assert pages[1].count("data:image/") >= 4


def test_the_report_is_that_of_one_file(repo: DataRepo) -> None:
    at = repo.project / "reports/scores.parquet"
    pages = [_pages(repo)]
    whole = read_scores(at)
    shutil.rmtree(at.with_suffix(""))
    write_scores(whole, at)
    pages.append(_pages(repo))
    assert pages[0] == pages[1]


def _pages(repo: DataRepo) -> list[str]:
    """Return the report, and the pages of two reviewers."""
    does(repo, "report")
    does(repo, "review", "split", "--reviewers", "ada,bob", "--out", "pages")
    names = ("reports/index.html", "pages/ada.html", "pages/bob.html")
    return [(repo.project / name).read_text(encoding="utf-8") for name in names]


def test_parts_that_are_not_here_are_read_as_they_were_recorded(
    repo: DataRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts, "BLOCK", 10)
    expected = as_json(repo, "diff", "v1")["samples"]
    shutil.rmtree(repo.project / "reports/scores")
    done = says(repo, "diff", "v1", "--json")
    if (repo.project / "dvc.yaml").exists():
        found = json.loads(done.stdout)
        assert found["samples"] == expected
        assert any("reports/scores is not in the workspace" in it for it in found["warnings"])
    else:
        assert done.exit_code == 2
        assert "There is no reports/scores" in done.stderr


def test_what_changed_since_is_told_of_parts(repo: DataRepo) -> None:
    assert as_json(repo, "diff")["warnings"] == []
    assert [it for it in as_json(repo, "doctor")["findings"] if it["check"] == "stale"] == []
    held = as_json(repo, "check", "--limits-from", "HEAD")["limits"]
    assert {it["limit"]: it["ok"] for it in held}["max_stale"] is True
    file = repo.project / "labels.csv"
    file.write_text(file.read_text().replace("0000.png,checks", "0000.png,stripes"))
    assert "'labels.csv' changed since" in as_json(repo, "diff")["warnings"][0]
    held = as_json(repo, "check", "--limits-from", "HEAD")["limits"]
    assert {it["limit"]: it["ok"] for it in held}["max_stale"] is False


def test_a_forged_part_is_told(repo: DataRepo) -> None:
    folder = repo.project / "reports/scores"
    content = (folder / "part-0001.parquet").read_bytes()
    (folder / "part-0002.parquet").unlink()
    (folder / "part-0002.parquet").write_bytes(content)
    done = says(repo, "diff", "v1")
    assert done.exit_code == 2
    assert "part-0002.parquet is the part that was called part-0001.parquet" in done.stderr
    again = "run" if not (repo.project / "dvc.yaml").exists() else "score"
    does(repo, again, *(["--force"] if again == "run" else []))
    assert as_json(repo, "diff", "v1")["samples"]["relabelled"] == 3


@pytest.mark.slow
def test_one_file_that_is_large_is_advised_on_and_the_advice_works(
    homes: dict[str, DataRepo], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(homes["dvc"].root, tmp_path / "repo", symlinks=True)
    repo = DataRepo(tmp_path / "repo")
    pipeline = repo.project / "dvc.yaml"
    as_parts = pipeline.read_text()
    pipeline.write_text(as_parts.replace("reports/scores\n", "reports/scores.parquet\n"))
    monkeypatch.setattr(parts, "BLOCK", 10)
    told = does(repo, "score").stderr
    assert "write reports/scores for reports/scores.parquet wherever dvc.yaml has it" in told
    assert (repo.project / "reports/scores.parquet").is_file()
    assert not (repo.project / "reports/scores").exists()
    pipeline.write_text(pipeline.read_text().replace("reports/scores.parquet", "reports/scores"))
    assert pipeline.read_text() == as_parts
    repo.dvc("repro", "--quiet", "--force", "report")
    assert (repo.project / "reports/scores/part-0000.parquet").is_file()
    assert not (repo.project / "reports/scores.parquet").exists()
    assert as_json(repo, "diff", "v1")["samples"]["relabelled"] == 3


def test_scores_that_lie_here_go_before_older_ones_of_the_other_form_on_record(
    homes: dict[str, DataRepo], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(homes["dvc"].root, tmp_path / "repo", symlinks=True)
    repo = DataRepo(tmp_path / "repo")
    pipeline = repo.project / "dvc.yaml"
    pipeline.write_text(
        pipeline.read_text().replace("reports/scores\n", "reports/scores.parquet\n")
    )
    repo.dvc("repro", "--quiet", "score")
    pipeline.write_text(pipeline.read_text().replace("reports/scores.parquet", "reports/scores"))
    file = repo.project / "labels.csv"
    file.write_text(file.read_text().replace("0000.png,checks", "0000.png,stripes"))
    monkeypatch.setattr(parts, "BLOCK", 10)
    does(repo, "score")
    assert (repo.project / "reports/scores").is_dir()
    assert as_json(repo, "diff", "v2")["samples"]["relabelled"] == 1


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataRepo:
    """A folder that was audited, its scores in parts."""
    monkeypatch.setattr(parts, "BLOCK", 10)
    monkeypatch.setattr(parts, "PART_ROWS", 12)
    labels_table(tmp_path, 45)
    shutil.rmtree(tmp_path / "incoming")
    here = DataRepo(tmp_path)
    does(here, "audit", "photos", "--labels", "labels.csv", "--out", "out")
    return here


def test_an_audit_in_parts_is_exported_and_applied(
    here: DataRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sorted(it.name for it in (tmp_path / "out/scores").iterdir())[0] == "part-0000.parquet"
    does(here, "export", "--audit", "out", "--to", "csv", "--out", "all.csv")
    exported = (tmp_path / "all.csv").read_text().splitlines()
    assert len(exported) == 46
    (tmp_path / "fixes.csv").write_text("id,action,label\n0000,relabel,stripes\n")
    does(here, "apply", "fixes.csv", "--audit", "out")
    assert "0000,0000.png,stripes" in (tmp_path / "labels.csv").read_text()
    # The other form goes when the data is smaller.
    monkeypatch.setattr(parts, "BLOCK", WHOLE)
    does(here, "audit", "photos", "--labels", "labels.csv", "--out", "out")
    assert (tmp_path / "out/scores.parquet").is_file()
    assert not (tmp_path / "out/scores").exists()
    does(here, "export", "--audit", "out", "--to", "csv", "--out", "one.csv")
    header, *rows = (tmp_path / "one.csv").read_text().splitlines()
    # The rows of parts come part by part; one label was changed in between.
    assert exported[0] == header
    same_ids = sorted(row.split(",")[0] for row in rows)
    assert sorted(row.split(",")[0] for row in exported[1:]) == same_ids
    assert [row.split(",")[0] for row in rows] == same_ids


def test_what_is_found_wrong_in_the_last_part_leaves_the_export_as_it_was(
    here: DataRepo, tmp_path: Path
) -> None:
    (tmp_path / "all.csv").write_text("as it was")
    last = sorted((tmp_path / "out/scores").iterdir())[-1]
    whole = last.read_bytes()
    for content in (whole[: len(whole) // 2], whole.replace(b"PAR1", b"PAR2")):
        last.write_bytes(content)
        done = says(here, "export", "--audit", "out", "--to", "csv", "--out", "all.csv")
        assert done.exit_code == 2
        assert last.name in done.output
        assert (tmp_path / "all.csv").read_text() == "as it was"
