"""Three reviewers, from their pages to applied decisions that say whose they were."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from cgaudit.cli import cli
from cgaudit.results.table import Scores, read_scores, write_scores

NAMES = ("ada", "bo", "cy")
N = 240


def invoke(*args):
    return CliRunner().invoke(cli, list(map(str, args)))


def done(*args):
    result = invoke(*args)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Three well-separated classes, every sixth label wrong, audited once."""
    root = tmp_path_factory.mktemp("team")
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, N)
    np.save(root / "x.npy", (np.eye(3)[truth] + rng.normal(0, 0.15, (N, 3))).astype(np.float32))
    given = np.where(np.arange(N) % 6 == 3, (truth + 1) % 3, truth)
    with (root / "labels.csv").open("w", newline="") as file:
        rows = [(f"s{i:03}", f"class {label}") for i, label in enumerate(given)]
        csv.writer(file).writerows([("id", "label"), *rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        done("audit", "x.npy", "--labels", "labels.csv", "--id-column", "id")
        done("review", "split", "--reviewers", ",".join(NAMES), "--overlap", "0.4",
             "--audit", "cgaudit-report")  # fmt: skip
    return root


@pytest.fixture
def here(source, tmp_path, monkeypatch):
    for path in source.rglob("*"):
        if path.is_file():
            place = tmp_path / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def data_of(page):
    text = Path(page).read_text(encoding="utf-8")
    return json.loads(re.search(r'id="review-data"[^>]*>(.*?)</script>', text)[1])


def download(name, decide):
    """Write what a reviewer downloads who decides on each sample by `decide`."""
    data = data_of(f"review/{name}.html")
    assert data["reviewer"] == name
    rows = []
    for i, sample in enumerate(data["id"]):
        given, suggested = (data["labels"][str(data[key][i])] for key in ("given", "suggested"))
        rows.append({
            "id": sample, "given_label": given, "content_hash": data["hash"][i],
            "reviewer": name, "decided_at": f"2026-11-27T10:{i:02}:00.000Z",
            **decide(sample, suggested),
        })  # fmt: skip
    file = Path(f"fixes-{name}.json")
    file.write_text(json.dumps(rows))
    return file


def accept(sample, suggested):
    return {"action": "relabel", "label": suggested}


def labels():
    with Path("labels.csv").open(newline="") as file:
        return {row["id"]: row["label"] for row in csv.DictReader(file)}


def test_each_page_has_a_part_and_together_they_have_every_flag(here):
    whole = data_of("cgaudit-report/index.html")
    flagged = {sample for sample, flag in zip(whole["id"], whole["flagged"], strict=True) if flag}
    parts = [set(data_of(f"review/{name}.html")["id"]) for name in NAMES]
    assert len(flagged) >= 10
    assert set.union(*parts) == flagged
    assert len(set.intersection(*parts)) == int(np.ceil(0.4 * len(flagged)))


def test_what_three_decide_is_merged_settled_applied_and_remembered(here):
    common = sorted(set.intersection(*(set(data_of(f"review/{n}.html")["id"]) for n in NAMES)))
    odd, stale = common[0], common[1]

    def bo(sample, suggested):
        if sample == odd:
            return {"action": "keep"}
        older = {"given_label": "class 9"} if sample == stale else {}
        return {**accept(sample, suggested), **older}

    files = [download(name, bo if name == "bo" else accept) for name in NAMES]
    option = ["--audit", "cgaudit-report"]
    joined = done("review", "merge", *files, "--page", "c.html", "--json", *option)
    first = json.loads(joined.stdout)
    assert [row["id"] for row in first["conflicts"]] == [odd]
    assert [(row["id"], row["reviewer"]) for row in first["stale"]] == [(stale, "bo")]
    assert first["agreement"]["measure"] == "Fleiss' kappa"
    assert first["agreement"]["reviewers"] == list(NAMES)
    # Whoever joins them in another order gets the same file.
    before = Path("fixes.json").read_bytes()
    done("review", "merge", *reversed(files), *option)
    assert Path("fixes.json").read_bytes() == before

    page = data_of("c.html")
    assert page["id"] == [odd]
    assert "bo: keep" in page["said"][0]
    settled = [{"id": odd, "action": "keep", "reviewer": "all"}]
    Path("settled.json").write_text(json.dumps(settled))
    text = done("review", "merge", *files, "--settle", "settled.json", *option).stdout
    assert "0 in conflict" in text
    assert "95 % interval" in text
    was = labels()
    done("apply", "fixes.json", *option)
    with Path("reviewed.csv").open(newline="") as file:
        remembered = {row["id"]: row for row in csv.DictReader(file)}
    assert remembered[odd]["decision"] == "keep"
    assert remembered[odd]["reviewer"] == "all"
    assert remembered[stale]["reviewer"] == "ada, cy"
    assert remembered[common[2]]["reviewer"] == "ada, bo, cy"
    assert remembered[common[2]]["decided_at"].startswith("2026-11-27T10:")
    changed = {sample for sample, label in labels().items() if label != was[sample]}
    assert changed == set(remembered) - {odd}


def test_decisions_are_joined_where_there_are_no_scores(here, monkeypatch):
    files = [download(name, accept).resolve() for name in NAMES[:2]]
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    text = done("review", "merge", *files).stdout
    assert "Cohen's kappa" in text or "kappa cannot be told" in text
    assert "`apply` will tell" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["split", "--reviewers", "ada", "--audit", "cgaudit-report"], "1 named"),
        (["split", "--reviewers", "a,../b", "--audit", "cgaudit-report"], "file's name"),
        (["split", "--reviewers", "a,b"], "--audit cgaudit-report"),
        (["merge", "labels.csv"], "has no 'action'"),
        (["merge", "nothing.json"], "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said(here, arguments, words):
    refused = invoke("review", *arguments)
    assert refused.exit_code == 2
    assert words in refused.output


def test_the_data_is_not_written_over(here):
    file = download("ada", accept)
    for out in (file, "labels.csv", "reviewed.csv"):
        refused = invoke("review", "merge", file, "--out", out, "--audit", "cgaudit-report")
        assert refused.exit_code == 2, refused.output


def test_where_nothing_is_flagged_there_is_nothing_to_share_out(here):
    scores = read_scores(Path("cgaudit-report/scores.parquet"))
    write_scores(
        Scores(scores.table.assign(is_label_issue=False), scores.provenance),
        Path("cgaudit-report/scores.parquet"),
    )
    Path("cgaudit-report/summary.json").unlink()
    result = invoke("review", "split", "--reviewers", "ada,bob", "--audit", "cgaudit-report")
    assert result.exit_code == 2
    assert "flags nothing: there is nothing to review" in result.stderr
