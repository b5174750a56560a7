"""Data with DVC, in git alone and in Git LFS: the same versions give the same answers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from datarepo import ENVIRONMENT, DataRepo
from homes import (
    HOMES,
    clone,
    does,
    has_lfs,
    needs_lfs,
    repository,
    says,
    two_versions,
    without_provenance,
)

from cgaudit.project import Project
from cgaudit.revisions import Repository


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, DataRepo]:
    base = tmp_path_factory.mktemp("homes")
    return {home: two_versions(home, base / home) for home in HOMES if home != "lfs" or has_lfs()}


def of_home(homes: dict[str, DataRepo], home: str) -> DataRepo:
    if home == "lfs":
        needs_lfs()
    return homes[home]


def as_json(repo: DataRepo, *words: str) -> dict[str, Any]:
    done = says(repo, *words, "--json")
    assert done.exit_code in (0, 1), done.output
    return json.loads(done.stdout)


@pytest.mark.parametrize("home", ["git", "lfs"])
@pytest.mark.parametrize("words", [("v1", "v2"), ("v1", "bare-data", "--compute")])
def test_a_comparison_is_the_same(
    homes: dict[str, DataRepo], home: str, words: tuple[str, ...]
) -> None:
    expected = as_json(homes["dvc"], "diff", *words)
    assert expected["samples"]["relabelled"] == 3
    assert (expected["samples"]["added"], expected["samples"]["removed"]) == (1, 1)
    found = as_json(of_home(homes, home), "diff", *words)
    assert without_provenance(found) == without_provenance(expected)


@pytest.mark.parametrize("home", ["git", "lfs"])
def test_limits_and_history_are_the_same(homes: dict[str, DataRepo], home: str) -> None:
    repo = of_home(homes, home)
    for words in (("v1", "v2"), ("v1", "v2", "--recompute")):
        expected, found = (as_json(it, "check", *words) for it in (homes["dvc"], repo))
        assert found["limits"] == expected["limits"]
    names = ("commit",)
    rows, expected_rows = (
        [without_provenance(row, names) for row in as_json(it, "history", "--moves")["versions"]]
        for it in (repo, homes["dvc"])
    )
    assert rows == expected_rows
    assert len(rows) == 2


@pytest.mark.parametrize("home", ["git", "lfs"])
def test_where_the_versions_are_read_is_told(homes: dict[str, DataRepo], home: str) -> None:
    repo = of_home(homes, home)
    assert "there is no DVC here" in says(repo, "diff", "v1", "v2").stderr
    assert "no DVC" not in says(homes["dvc"], "diff", "v1", "v2").stderr
    assert repo.git("status", "--porcelain") == ""


@pytest.fixture
def plain(homes: dict[str, DataRepo], tmp_path: Path) -> DataRepo:
    shutil.copytree(homes["git"].root, tmp_path / "repo", symlinks=True)
    return DataRepo(tmp_path / "repo")


def test_what_changed_since_the_scores_is_told_and_mended(plain: DataRepo) -> None:
    assert as_json(plain, "diff")["warnings"] == []
    assert "Nothing changed" in does(plain, "run").stderr
    file = plain.project / "labels.csv"
    file.write_text(file.read_text().replace("0000.png,checks", "0000.png,stripes"))
    (sentence,) = as_json(plain, "diff")["warnings"]
    assert "'labels.csv' changed since" in sentence
    assert "run `cgaudit run` first" in sentence
    stale = [it for it in as_json(plain, "doctor")["findings"] if it["check"] == "stale"]
    assert [(it["fails"], it["remedy"]) for it in stale] == [(True, "cgaudit run")]
    held = as_json(plain, "check", "--limits-from", "HEAD")["limits"]
    assert {it["limit"]: it["ok"] for it in held}["max_stale"] is False
    does(plain, "run")
    assert as_json(plain, "diff")["samples"]["relabelled"] == 1
    held = as_json(plain, "check", "--limits-from", "HEAD")["limits"]
    assert {it["limit"]: it["ok"] for it in held}["max_stale"] is True


def test_what_only_the_report_reads_makes_no_scores_old(plain: DataRepo) -> None:
    file = plain.project / "params.yaml"
    file.write_text(file.read_text().replace("Label audit: ", "Audit of labels: "))
    assert as_json(plain, "diff")["warnings"] == []
    file.write_text(file.read_text().replace("ridge: ", "ridge: 1"))
    assert "cgaudit.score" in as_json(plain, "diff")["warnings"][0]


def test_scores_without_a_record_are_not_taken_for_those_of_the_data(plain: DataRepo) -> None:
    (plain.project / "reports/made.json").unlink()
    held = as_json(plain, "check", "--limits-from", "HEAD")["limits"]
    assert {it["limit"]: it["ok"] for it in held}["max_stale"] is False
    plain.write("reports/made.json", '{"params": [], "read": {}, "wrote": {}}')
    held = as_json(plain, "check", "--limits-from", "HEAD")["limits"]
    assert {it["limit"]: it["ok"] for it in held}["max_stale"] is False


def test_a_file_that_is_in_no_version(plain: DataRepo) -> None:
    shutil.copy(plain.project / "photos/0000.png", plain.project / "photos/new.png")
    found = [it for it in as_json(plain, "doctor")["findings"] if it["check"] == "presence"]
    assert [(it["fails"], it["remedy"]) for it in found] == [(False, "git add photos")]
    plain.git("add", "photos")
    assert not [it for it in as_json(plain, "doctor")["findings"] if it["check"] == "presence"]


def test_decisions_are_written_and_the_next_command_is_named(plain: DataRepo) -> None:
    plain.write("fixes.json", '[{"id": "0012", "action": "relabel", "label": "checks"}]')
    assert "`cgaudit run`" in does(plain, "apply", "fixes.json").stdout
    assert "0012.png,checks" in (plain.project / "labels.csv").read_text()
    assert "cgaudit run" in (plain.project / "reports/index.html").read_text()
    does(plain, "run")
    assert as_json(plain, "diff")["samples"]["relabelled"] == 1


def test_links_are_followed_within_a_commit_and_no_further(plain: DataRepo) -> None:
    photos = plain.project / "photos"
    first = (photos / "0000.png").read_bytes()
    (photos / "0000.png").rename(plain.project / "kept.png")
    (photos / "0000.png").symlink_to("../kept.png")
    (photos / "out.png").symlink_to("/etc/hostname")
    plain.commit("links")
    repository = Repository.around(Project(plain.project))
    head = repository.revision("HEAD")
    assert repository.read("photos/0000.png", head).data == first
    names = repository.md5s("photos", head)
    assert "0000.png" in names
    assert "out.png" not in names
    assert repository.find("photos/out.png", head) is None


def test_a_version_that_dvc_kept_says_so(plain: DataRepo) -> None:
    plain.write(".dvc/config", "")
    plain.git("rm", "-r", "--quiet", "--cached", "reports")
    plain.commit("with DVC")
    shutil.rmtree(plain.project / ".dvc")
    done = says(plain, "diff", "HEAD", "v1")
    assert done.exit_code == 2
    assert "DVC keeps the data, and in the working tree there is no DVC" in done.output


def test_dvc_is_left_to_dvc(homes: dict[str, DataRepo], tmp_path: Path) -> None:
    done = says(homes["dvc"], "run")
    assert (done.exit_code, "run `dvc repro`" in done.output) == (2, True)
    done = says(homes["dvc"], "init", "--yes", "--without-dvc")
    assert (done.exit_code, "without --without-dvc" in done.output) == (2, True)
    empty = repository("git", tmp_path / "empty")
    done = says(empty, "init", "--yes")
    assert done.exit_code == 2
    assert "Run `dvc init`" in done.output
    assert "`cgaudit init --without-dvc`" in done.output
    done = says(empty, "init", "--yes", "--without-dvc", "--ci", "github")
    assert (done.exit_code, "of DVC's stages" in done.output) == (2, True)


def test_who_takes_up_dvc_later_keeps_what_was(plain: DataRepo) -> None:
    """As docs/without-dvc.md has it."""
    plain.git("rm", "-r", "--quiet", "reports")
    plain.git("rm", "-r", "--quiet", "--cached", "photos")
    plain.dvc("init", "--quiet")
    plain.dvc("add", "--quiet", "photos")
    does(plain, "init", "--yes")
    for stage in ("featurize", "score"):
        does(plain, stage)
    found = as_json(plain, "diff", "v2")
    assert found["samples"]["unchanged"] == 45
    assert found["summary"]["difference"]["label_quality"] == 0


#: Runs commands as the command line does, and says which of DVC's modules that brought.
PROOF = """
import json, sys
from click.testing import CliRunner
from cgaudit.cli import cli
for words in json.loads(sys.argv[1]):
    done = CliRunner().invoke(cli, words)
    if done.exit_code not in (0, 1):
        sys.exit(f"{words}: {done.output}")
    found = [name for name in sys.modules if name.split(".")[0] in ("dvc", "dvc_data", "scmrepo")]
    if found:
        sys.exit(f"{words} imported {found[:3]}")
"""


@pytest.mark.slow
def test_dvc_is_never_imported(plain: DataRepo) -> None:
    plain.write("fixes.json", '[{"id": "0012", "action": "relabel", "label": "checks"}]')
    commands = [
        ["init", "--yes", "--without-dvc"],
        ["diff", "v1", "v2"],
        ["diff", "v1", "bare-data", "--compute", "--html", "page.html"],
        ["check", "v1", "v2", "--recompute"],
        ["history", "--moves"],
        ["export", "v1", "--to", "csv", "--out", "scores.csv"],
        ["apply", "fixes.json"],
        ["diff"],
        ["run"],
        ["check", "--limits-from", "HEAD"],
        ["select"],
        ["report"],
        ["doctor"],
        ["audit", "photos", "--labels", "labels.csv", "--out", "elsewhere"],
    ]
    done = subprocess.run(
        [sys.executable, "-c", PROOF, json.dumps(commands)],
        cwd=plain.project, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture
def unfetched(homes: dict[str, DataRepo], tmp_path: Path) -> DataRepo:
    return clone(of_home(homes, "lfs"), tmp_path / "clone")


def test_contents_that_were_never_fetched_say_how(
    homes: dict[str, DataRepo], unfetched: DataRepo
) -> None:
    assert (unfetched.project / "photos/0000.png").read_bytes().startswith(b"version https://git-")
    done = says(unfetched, "diff", "v1", "v2")
    assert done.exit_code == 2
    assert "reports/scores.parquet at v2" in done.output
    assert "`git lfs fetch --all`" in done.output
    assert "Nothing to compare" in does(unfetched, "diff", "v1", "v2", "--missing-ok").stdout
    found = [it for it in as_json(unfetched, "doctor")["findings"] if it["check"] == "presence"]
    assert [(it["where"], it["remedy"]) for it in found] == [
        ("photos", "git lfs pull"), ("labels.csv", "git lfs pull"),
    ]  # fmt: skip
    # The remedies. LFS fetches from the folder that was cloned.
    unfetched.git("lfs", "install", "--local")
    unfetched.git("lfs", "fetch", "--all")
    expected = as_json(homes["lfs"], "diff", "v1", "v2")
    assert as_json(unfetched, "diff", "v1", "v2") == expected
    unfetched.git("lfs", "pull")
    assert as_json(unfetched, "diff", "v2")["warnings"] == []


def test_a_content_that_is_not_what_its_pointer_says(unfetched: DataRepo) -> None:
    unfetched.git("lfs", "install", "--local")
    unfetched.git("lfs", "fetch", "--all")
    pointer = unfetched.git("show", "v2:reports/scores.parquet")
    sha = pointer.split("sha256:")[1].split()[0]
    object_ = unfetched.root / ".git/lfs/objects" / sha[:2] / sha[2:4] / sha
    # Git LFS has linked it from where it came from.
    object_.unlink()
    object_.write_bytes(b"spoilt")
    done = says(unfetched, "diff", "v1", "v2")
    assert done.exit_code == 2
    assert "is damaged where Git LFS keeps it" in done.output
    # The remedy.
    object_.unlink()
    unfetched.git("lfs", "fetch", "--all")
    does(unfetched, "diff", "v1", "v2")


def test_samples_whose_contents_are_not_here_are_absent_not_removed(
    homes: dict[str, DataRepo], tmp_path: Path
) -> None:
    repo = of_home(homes, "lfs")
    shutil.copytree(repo.root, tmp_path / "copy", symlinks=True)
    copy = DataRepo(tmp_path / "copy")
    photo = copy.project / "photos/0003.png"
    photo.write_bytes((copy.git("show", "HEAD:photos/0003.png") + "\n").encode())
    copy.git("add", "photos")
    does(copy, "run", "--force")
    found = as_json(copy, "diff")
    assert found["samples"]["removed"] == 0
    assert [row["id"] for row in found["absent"]] == ["0003"]
    assert "`git lfs pull`, then `cgaudit run`" in found["warnings"][0]
