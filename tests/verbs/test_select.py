"""`cgaudit select`, on real scores of real data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from datarepo import ENVIRONMENT, new_repo
from scored_digits import COUNT, UNLABELLED, invoke, scored_project, set_params, write_digits
from tutorial_data import labels_table, save


def table(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "reports/selection.parquet")


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scored_project(tmp_path_factory.mktemp("digits ü"))


@pytest.fixture
def project(scored: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(scored, tmp_path / "project"))


def test_the_table_says_of_each_sample_whether_and_why(project: Path) -> None:
    set_params(project, share=0.25)
    said = invoke(project, "select").output
    found = table(project)
    assert found.columns.tolist() == ["id", "keep", "rank", "reason", "label", "content_hash"]
    assert len(found) == COUNT
    assert found["keep"].sum() == round(0.25 * (COUNT - len(UNLABELLED)))
    assert sorted(found.loc[found["keep"], "rank"]) == list(range(1, found["keep"].sum() + 1))
    assert set(found.loc[~found["keep"], "reason"]) <= {
        "left out: its label looks wrong", "not among the share", "has no label",
    }  # fmt: skip
    assert (found["reason"] == "has no label").sum() == len(UNLABELLED)
    assert "39 of 157 labelled samples kept" in said
    rows = json.loads((project / "reports/curve.json").read_text())
    assert rows[-1]["share"] == 1
    assert rows[1]["share"] < 0.25


def test_again_gives_the_same_bytes(project: Path) -> None:
    invoke(project, "select")
    paths = [project / "reports" / name for name in ("selection.parquet", "curve.json")]
    before = [path.read_bytes() for path in paths]
    for path in paths:
        path.unlink()
    invoke(project, "select")
    assert [path.read_bytes() for path in paths] == before


def test_more_samples_leave_what_was_chosen(project: Path) -> None:
    set_params(project, share=0.3, flagged="keep", curve=False)
    invoke(project, "select")
    before = table(project)
    write_digits(project, range(COUNT, COUNT + 40), new=False)
    # Another name for one that was kept: its content is what it was.
    moved = before.loc[before["keep"], "id"].iloc[0]
    labels = (project / "labels.csv").read_text().replace(f"\n{moved},", f"\nnew-{moved},")
    (project / "labels.csv").write_text(labels)
    invoke(project, "featurize")
    invoke(project, "score")
    said = invoke(project, "select").output
    after = table(project)
    kept = set(before.loc[before["keep"], "id"]) - {moved} | {f"new-{moved}"}
    assert kept <= set(after.loc[after["keep"], "id"])
    assert set(after.loc[after["id"].isin(kept), "reason"]) == {"kept before"}
    assert after["keep"].sum() == round(0.3 * (COUNT + 40 - len(UNLABELLED)))
    assert f"{len(kept)} samples are still there" in said


def test_another_rule_chooses_anew(project: Path) -> None:
    set_params(project, curve=False)
    invoke(project, "select")
    set_params(project, curve=False, rule="k_centre")
    assert "chosen anew" in invoke(project, "select").output
    assert set(table(project).query("keep")["reason"]) == {"chosen by k_centre"}


def test_which_to_label_first(project: Path) -> None:
    set_params(project, among="unlabelled", share=0.5)
    invoke(project, "select")
    found = table(project)
    assert set(found.loc[found["keep"], "id"]) < {f"{number:03}" for number in UNLABELLED}
    assert found["keep"].sum() == 2
    assert json.loads((project / "reports/curve.json").read_text()) == []
    set_params(project, among="unlabelled", rule="cg_low")
    assert "cg_score" in invoke(project, "select", code=2).output
    set_params(project, among="unlabelled", rule="random")
    invoke(project, "select")


def test_a_wrong_word_is_refused_with_what_is_known(project: Path) -> None:
    set_params(project, rule="hearding")
    assert "'herding'" in invoke(project, "select", code=2).output
    set_params(project, shar=0.5)
    assert "Did you mean 'share'?" in invoke(project, "select", code=2).output


def test_without_scores_it_says_what_makes_them(project: Path) -> None:
    (project / "reports/scores.parquet").unlink()
    assert "Run `cgaudit score`" in invoke(project, "select", code=2).output


def test_the_report_shows_it_while_it_is_of_these_scores(project: Path) -> None:
    set_params(project, share=0.25)
    invoke(project, "select")
    invoke(project, "report")
    page = (project / "reports/index.html").read_text()
    assert 'id="selection"' in page
    assert "39 of 157 labelled samples are chosen" in page
    assert 'class="graph"' in page
    labels = project / "labels.csv"
    labels.write_text(labels.read_text().replace("000.png,d0", "000.png,d1"))
    invoke(project, "score")
    assert "Run `cgaudit select`" in invoke(project, "report").output
    assert 'id="selection"' not in (project / "reports/index.html").read_text()


def test_damage_is_named(project: Path) -> None:
    invoke(project, "select")
    (project / "reports/curve.json").write_text("[{}]")
    assert "Run `cgaudit select` again" in invoke(project, "report", code=2).output


@pytest.mark.slow
def test_the_whole_way_in_a_dvc_repo(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo", remote=tmp_path / "store")
    labels_table(repo.project)
    repo.dvc("add", "--quiet", "photos")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", ENVIRONMENT["PATH"])
        invoke(repo.project, "init", "--yes", "--add", "select")
        assert "stays as it is" in invoke(repo.project, "init", "--yes", "--add", "select").output
        set_params(repo.project, share=0.4)
        repo.dvc("repro", "--quiet")
        repo.commit("one")
        first = table(repo.project)
        # With what was chosen before at hand, the same scores give the same file as without it.
        repo.dvc("repro", "--quiet", "--force", "select")
        assert table(repo.project).equals(first)
        assert 'id="selection"' in (repo.project / "reports/index.html").read_text()
        shown = json.loads(repo.dvc_says("plots", "show", "--json", "--out", "page"))
        assert shown["data"]["reports/curve.json"][0]["type"] == "vega"
        save(90, repo.project / "photos")
        with (repo.project / "labels.csv").open("a") as file:
            file.write("0090,0090.png,checks\n")
        repo.dvc("repro", "--quiet")
        second = table(repo.project)
    kept = set(first.loc[first["keep"], "id"])
    assert len(kept - set(second.loc[second["keep"], "id"])) <= 1  # one may be flagged now
    assert (second["reason"] == "kept before").sum() >= len(kept) - 1
