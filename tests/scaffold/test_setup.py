"""`cgaudit init`: what it finds, what it would write, and what it leaves alone."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
import yaml
from datarepo import DataRepo, new_repo
from measured import patients
from several import separated
from tutorial_data import label_folders, labels_table, save

from cgaudit.errors import ParamsError, RevisionError, SourceError
from cgaudit.params import SourceParams, Task
from cgaudit.paramsfile import parse_params
from cgaudit.project import Project
from cgaudit.revisions import Repository
from cgaudit.scaffold import Setup, keep_state, plan_setup, upgraded, with_state
from cgaudit.scaffold.state import LARGEST_IN_GIT

PREPARE = """\
# Ours.
stages:
    prepare:
        cmd: python prepare.py
        outs:
            - photos
"""


@pytest.fixture
def repo(tmp_path: Path) -> DataRepo:
    return new_repo(tmp_path / "repo")


def planned(
    repo: DataRepo, data: str | None = None, task: Task | None = None, **named: str
) -> Setup:
    repository = Repository.around(Project(repo.project))
    files, outputs = repository.listed(), repository.outputs()
    source = SourceParams.model_validate(named)
    return plan_setup(Project(repo.project), files, outputs, source, data, task)


def write_setup(repo: DataRepo, setup: Setup) -> None:
    for name, content in setup.contents.items():
        repo.write(name, content)


def source_of(setup: Setup) -> dict[str, object]:
    return setup.params.source.model_dump(exclude_defaults=True)


def test_label_folders_under_a_dvc_file(repo: DataRepo) -> None:
    label_folders(repo.project)
    repo.dvc("add", "--quiet", "photos")
    setup = planned(repo)
    assert source_of(setup) == {"path": "photos"}
    assert setup.explained[:2] == ["data: photos (photos.dvc)", "labels: the 3 folders of photos"]
    assert setup.params.score.method == "exact"


def test_a_table_of_labels_in_git(repo: DataRepo) -> None:
    labels_table(repo.project)
    repo.dvc("add", "--quiet", "photos")
    repo.write("notes.csv", "id,label\nx,1\ny,2\n")
    setup = planned(repo)
    assert source_of(setup) == {
        "path": "photos", "labels": "labels.csv",
        "id_column": "id", "label_column": "label", "image_column": "image",
    }  # fmt: skip
    assert "labels: labels.csv, 90 of 90 images are in it" in setup.explained


def test_data_and_labels_in_one_tracked_folder(repo: DataRepo) -> None:
    labels_table(repo.project / "data")
    repo.dvc("add", "--quiet", "data")
    # incoming/ is in there too; the pictures' common folder is data itself.
    setup = planned(repo, data="data/photos")
    assert setup.params.source.path == "data/photos"
    assert setup.params.source.labels == "data/labels.csv"


def test_the_output_of_a_stage(repo: DataRepo) -> None:
    label_folders(repo.project)
    repo.write("dvc.yaml", PREPARE)
    setup = planned(repo)
    assert setup.explained[0] == "data: photos (an output of the stage prepare)"
    text = setup.contents["dvc.yaml"]
    assert text.startswith(PREPARE)
    stages = yaml.safe_load(text)["stages"]
    assert list(stages) == ["prepare", "featurize", "score", "report"]
    assert "photos" in stages["featurize"]["deps"]


TEMPLATES = {
    "foreach": ("foreach: [photos]\n    do: {cmd: get, outs: ['${item}']}", "get@photos"),
    "matrix": ("matrix: {a: [pho], b: [tos]}\n    cmd: get\n    outs: ['${item.a}${item.b}']",
               "get@pho-tos"),
    "params": ("cmd: get\n    outs: ['${outdir}']", "get"),
    "settings": ("cmd: get\n    outs:\n    - ${outdir}: {cache: false}", "get"),
    "vars": ("vars: [{here: photos}]\n    cmd: get\n    outs: ['${here}']", "get"),
    "wdir": ("wdir: sub\n    cmd: get\n    outs: ['../${outdir}']", "get"),
}  # fmt: skip


@pytest.mark.parametrize("kind", TEMPLATES)
@pytest.mark.parametrize("data", [None, "photos", "./photos"])
def test_outputs_are_known_by_what_dvc_makes_of_the_template(
    repo: DataRepo, kind: str, data: str | None
) -> None:
    label_folders(repo.project)
    (repo.project / "sub").mkdir()
    stage, name = TEMPLATES[kind]
    repo.write("params.yaml", "outdir: photos\n")
    repo.write("dvc.yaml", f"stages:\n  get:\n    {stage}\n")
    setup = planned(repo, data=data)
    assert setup.explained[0] == f"data: photos (an output of the stage {name})"


def test_a_folder_inside_what_another_project_tracks_is_tracked(repo: DataRepo) -> None:
    label_folders(repo.project / "data")
    repo.dvc("add", "--quiet", "data")
    (repo.project / "audit").mkdir()
    setup = planned(DataRepo(repo.root, "audit"), data="../data/photos")
    assert setup.explained[0] == "data: ../data/photos (../data.dvc)"


def test_what_dvcignore_leaves_out_is_not_counted(repo: DataRepo) -> None:
    label_folders(repo.project)
    save(1, repo.project / "photos/_rejected")
    repo.write(".dvcignore", "_rejected\n")
    repo.dvc("add", "--quiet", "photos")
    assert "labels: the 3 folders of photos" in planned(repo).explained


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("dvc.yaml", "stages:\n<<<<<<< HEAD\n", r"'dvc\.yaml' has the conflict markers"),
        ("dvc.yaml", "stages:\n  a:\n    cmd: b\n    outs: ['${c}']\n", "DVC cannot read its own"),
        ("photos.dvc", "outs: 1\n", "DVC cannot read its own files"),
    ],
)
def test_what_dvc_cannot_read_is_said(repo: DataRepo, file: str, text: str, said: str) -> None:
    repo.write(file, text)
    repo.commit("damaged")
    with pytest.raises(RevisionError, match=said):
        planned(repo)


def test_a_sub_folder_of_a_monorepo(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "repo", "team/birds")
    label_folders(repo.project)
    repo.dvc("add", "--quiet", "photos")
    setup = planned(repo)
    assert setup.params.source.path == "photos"
    assert set(setup.contents) == {
        "params.yaml",
        "dvc.yaml",
        "reviewed.csv",
        ".gitignore",
        ".gitattributes",
    }


def test_a_folder_of_its_own_for_data_elsewhere(repo: DataRepo) -> None:
    label_folders(repo.project)
    repo.dvc("add", "--quiet", "photos")
    (repo.project / "audit").mkdir()
    inner = DataRepo(repo.root, "audit")
    setup = planned(inner, data="../photos")
    assert setup.params.source.path == "../photos"
    assert "../photos" in yaml.safe_load(setup.contents["dvc.yaml"])["stages"]["report"]["deps"]


def test_given_features_have_a_state_too(repo: DataRepo) -> None:
    with (repo.project / "vectors.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "label"])
        writer.writerows([(f"{n:02}", "ab"[n % 2]) for n in range(20)])
    import numpy as np

    np.save(repo.project / "vectors.npy", np.random.default_rng(0).normal(size=(20, 4)))
    repo.dvc("add", "--quiet", "vectors.npy")
    setup = planned(repo, labels="vectors.csv")
    assert setup.learns
    assert "featurizer.npz" in setup.contents["dvc.yaml"]
    assert "state" in yaml.safe_load(setup.contents["params.yaml"])["cgaudit"]["featurize"]


def test_the_features_of_a_table_with_an_index_are_named(repo: DataRepo) -> None:
    rows = [f"{i},{i % 7}.5,{'xy'[i % 2]}" for i in range(30)]
    repo.write("t.csv", "\n".join([",width,label", *rows]) + "\n")
    repo.dvc("add", "--quiet", "t.csv")
    setup = planned(repo)
    # Without the last row, or sorted, the column need not look like an index any more.
    assert source_of(setup)["feature_columns"] == ["width"]
    assert "column '' left out: an index by its name, or by having none" in setup.explained


def test_the_section_reads_back_as_what_was_proposed(repo: DataRepo) -> None:
    odd = "pic: tures #1"
    for number in range(6):
        save(number, repo.project / odd / ("no" if number % 2 else "1e3"))
    repo.dvc("add", "--quiet", odd)
    setup = planned(repo)
    section = yaml.safe_load(setup.contents["params.yaml"])["cgaudit"]
    assert parse_params(section, "params.yaml") == setup.params
    assert yaml.safe_load(setup.contents["dvc.yaml"])["stages"]["report"]["deps"][0] == odd


def test_comments_and_order_of_params_stay(repo: DataRepo) -> None:
    label_folders(repo.project)
    repo.dvc("add", "--quiet", "photos")
    text = "# all of it\ntrain:   {lr: 0.1}  # hand-tuned\n\nzeta: 1"
    repo.write("params.yaml", text)
    assert planned(repo).contents["params.yaml"].startswith(f"{text}\ncgaudit:\n")


def test_it_is_idempotent(repo: DataRepo) -> None:
    label_folders(repo.project)
    repo.dvc("add", "--quiet", "photos")
    write_setup(repo, planned(repo))
    assert planned(repo).contents == {}
    with pytest.raises(ParamsError, match="already"):
        planned(repo, data="photos")


def test_names_that_are_taken(repo: DataRepo) -> None:
    label_folders(repo.project)
    repo.dvc("add", "--quiet", "photos")
    repo.write("dvc.yaml", "stages:\n  score:\n    cmd: python score.py\n")
    setup = planned(repo)
    stages = yaml.safe_load(setup.contents["dvc.yaml"])["stages"]
    assert list(stages) == ["score", "audit-featurize", "audit-score", "audit-report"]
    assert setup.report_stage == "audit-report"
    write_setup(repo, setup)
    assert planned(repo).contents == {}
    repo.write("dvc.yaml", "stages:\n  score: {cmd: x}\n  audit-report: {cmd: y}\n")
    with pytest.raises(ParamsError, match="audit-report"):
        planned(repo)


def test_outputs_that_are_taken(repo: DataRepo) -> None:
    label_folders(repo.project)
    repo.dvc("add", "--quiet", "photos")
    repo.write("reports/index.html", "mine")
    with pytest.raises(ParamsError, match=r"reports/index\.html, which is kept by git"):
        planned(repo)


def test_only_some_of_the_stages(repo: DataRepo) -> None:
    label_folders(repo.project)
    repo.dvc("add", "--quiet", "photos")
    repo.write("dvc.yaml", "stages:\n  s:\n    cmd: cgaudit score\n")
    with pytest.raises(ParamsError, match="only some"):
        planned(repo)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda repo: None, "tracks no data here"),
        (lambda repo: save(1, repo.project / "photos"), "fewer than two folders"),
        (lambda repo: repo.write("photos/readme.txt", "x"), "nothing looks like labelled data"),
    ],
)
def test_nothing_to_audit(repo: DataRepo, make, said: str) -> None:
    make(repo)
    if (repo.project / "photos").exists():
        repo.dvc("add", "--quiet", "photos")
    with pytest.raises(SourceError, match=said):
        planned(repo)


def test_data_that_was_not_pulled(repo: DataRepo) -> None:
    repo.write("photos.dvc", "outs:\n- md5: x.dir\n  path: photos\n")
    with pytest.raises(SourceError, match=r"tracks 'photos'.*dvc pull"):
        planned(repo)


def test_the_recipe_moves_up_and_nothing_else() -> None:
    text = "# mine\ncgaudit:\n  source: {path: x}\n  recipe: 0   # old\n  score: {ridge: 0.3}\n"
    assert upgraded(text) == text.replace("recipe: 0", "recipe: 2")
    assert upgraded(text.replace("recipe: 0", "recipe: 2")) is None
    with pytest.raises(ParamsError, match="newer cgaudit"):
        upgraded("cgaudit: {recipe: 99}\n")
    with pytest.raises(ParamsError, match="no section"):
        upgraded("a: 1\n")


def test_a_state_becomes_a_dependency_of_the_features() -> None:
    stages = "".join(
        f"  audit-{name}:\n    cmd: cgaudit {name}\n    deps:\n      - {name}-data\n"
        for name in ("featurize", "score", "report")
    )
    text = f"stages:\n{stages}"
    changed = text.replace("      - featurize-data", "      - state.npz\n      - featurize-data")
    assert with_state(text, "state.npz") == changed
    assert with_state(changed, "state.npz") == changed


def test_the_stages_of_others_are_not_touched() -> None:
    text = "stages:\n  mine:\n    cmd: python mine.py\n    deps: [x]\n"
    assert with_state(text, "state.npz") is None
    assert with_state(text, "x") == text
    assert with_state("", "state.npz") is None


def test_labels_that_look_like_numbers_are_said_and_left_to_the_user(repo: DataRepo) -> None:
    patients(repo.project / "patients.csv")
    named = {"label_column": "target"}
    setup = planned(repo, "patients.csv", **named)
    assert setup.params.score.task == "classification"
    (said,) = [it for it in setup.explained if "--task regression" in it]
    assert said.startswith("the labels are numbers with ")
    assert "confusion" in setup.contents["dvc.yaml"]
    # What is said to do does it.
    numbers = planned(repo, "patients.csv", "regression", **named)
    assert numbers.params.score.task == "regression"
    assert not any("--task" in it for it in numbers.explained)
    section = yaml.safe_load(numbers.contents["params.yaml"])["cgaudit"]
    assert section["score"]["task"] == "regression"
    assert parse_params(section, where="params.yaml") == numbers.params
    plots = yaml.safe_load(numbers.contents["dvc.yaml"])["plots"]
    assert [name for plot in plots for name in plot] == [
        "reports/plots/label_score.json",
        "reports/plots/residuals.json",
    ]
    write_setup(repo, numbers)
    with pytest.raises(ParamsError, match="Change it there"):
        planned(repo, task="classification")
    assert planned(repo).contents == {}


@pytest.mark.parametrize("folder", ["cgaudit-report", "looked-at"])
def test_what_an_audit_wrote_is_no_table_of_labels(repo: DataRepo, folder: str) -> None:
    label_folders(repo.project, 12)
    rows = "".join(f"{it.relative_to(repo.project / 'photos')},cat\n"
                   for it in sorted((repo.project / "photos").rglob("*.png")))  # fmt: skip
    repo.write(f"{folder}/scores.csv", f"path,given_label\n{rows}")
    repo.write(f"{folder}/audit.json", "{}")
    repo.dvc("add", "--quiet", "photos")
    setup = planned(repo)
    assert setup.params.source.labels is None


@pytest.mark.parametrize(
    ("size", "pointer", "dvc", "said"),
    [
        (10, False, True, "It is small: keep featurizer.npz in git."),
        (LARGEST_IN_GIT + 1, False, True, "keep it in DVC with `dvc add featurizer.npz`"),
        (LARGEST_IN_GIT + 1, False, False, "keep featurizer.npz in git, best with Git LFS."),
        (10, True, True, "DVC keeps featurizer.npz: `dvc add featurizer.npz`"),
    ],
)
def test_where_a_state_is_to_be_kept(
    tmp_path: Path, size: int, pointer: bool, dvc: bool, said: str
) -> None:
    (tmp_path / ".git").mkdir()
    if dvc:
        (tmp_path / ".dvc").mkdir()
    (tmp_path / "featurizer.npz").write_bytes(bytes(size))
    if pointer:
        (tmp_path / "featurizer.npz.dvc").write_text("outs: []\n")
    assert said in keep_state(Project(tmp_path), "featurizer.npz")


@pytest.mark.parametrize("beside", [False, True])
def test_several_labels_a_sample_are_set_up(repo: DataRepo, beside: bool) -> None:
    separated(repo.project / "posts.csv")
    if beside:
        frame = pd.read_csv(repo.project / "posts.csv", dtype=str)
        frame[["id", "labels"]].to_csv(repo.project / "tags.csv", index=False)
        frame[["id", "text"]].to_csv(repo.project / "posts.csv", index=False)
    named = {"labels": "tags.csv"} if beside else {}
    setup = planned(repo, "posts.csv", "multilabel", label_separator=";", **named)
    assert "120 samples, 4 labels, several a sample" in "\n".join(setup.explained)
    section = yaml.safe_load(setup.contents["params.yaml"])["cgaudit"]
    assert section["score"]["task"] == "multilabel"
    assert section["source"]["label_separator"] == ";"
    assert parse_params(section, where="params.yaml") == setup.params
    pipeline = yaml.safe_load(setup.contents["dvc.yaml"])
    # Where the data itself has the labels, the task says how its cells are read.
    read_as = "cgaudit.score.task" in pipeline["stages"]["featurize"]["params"]
    assert read_as is not beside
    assert [name for plot in pipeline["plots"] for name in plot] == [
        "reports/plots/label_score.json",
        "reports/plots/class_quality.json",
    ]


def test_several_labels_need_a_table(repo: DataRepo) -> None:
    label_folders(repo.project, 12)
    repo.dvc("add", "--quiet", "photos")
    with pytest.raises(SourceError, match="no table that gives them several labels"):
        planned(repo, task="multilabel")
