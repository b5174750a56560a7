"""The CI workflows that `cgaudit init --ci` writes."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from actionlint import linted
from datarepo import ENVIRONMENT, DataRepo, new_repo
from datarepo import run as git_run
from hypothesis import example, given
from hypothesis import strategies as st
from tutorial_data import labels_table

from cgaudit.errors import ParamsError
from cgaudit.scaffold import SERVICES, Place, paths, workflows
from cgaudit.scaffold.verify import is_ours
from cgaudit.wording.markdown import LIMIT, blocks, details, name, page, prose, warning
from cgaudit.wording.sections import Section
from cgaudit.wording.sections import name as from_data

REMOTES = ["s3://bucket/data", "/mnt/store", "gs://other"]
HERE = Place(".", "report", REMOTES)


def jobs(service: str, place: Place = HERE) -> dict[str, dict]:
    """Return all jobs of a service's workflows by their names."""
    found = {}
    for text in workflows(service, place).values():
        content = yaml.safe_load(text)
        found |= content.get("jobs", content)
    return found


def scripts(job: dict) -> list[str]:
    return job.get("script") or [step["run"] for step in job["steps"] if "run" in step]


def texts(service: str, place: Place = HERE) -> str:
    return "".join(workflows(service, place).values())


@pytest.fixture(params=sorted(SERVICES))
def service(request: pytest.FixtureRequest) -> str:
    return request.param


def test_it_is_filled_in(service: str) -> None:
    text = texts(service, Place("team/birds", "audit-report", REMOTES, "team/.dvc"))
    assert '"dvc[gs,s3]"' in text
    assert "team/birds/reports/index.html" in text
    assert "team/.dvc" in text
    assert "dvc repro --pull --allow-missing audit-report" in text
    left = {"{code}", "{first}", "{text}"}  # of Python
    assert set(re.findall(r"(?<!\$)\{[a-z]+\}", text)) <= left
    assert '"dvc"' in texts(service, Place(".", "report"))


BIRDS = Place(
    "team/birds", "report", data=["shared/photos"], libraries=["timm>=1.0"],
    package="cgaudit @ git+https://example.org/c@abc",
)  # fmt: skip


def test_several_projects_have_workflows_that_do_not_meet(service: str) -> None:
    one, other = (set(paths(service, folder).values()) for folder in (".", "team/birds"))
    assert not one & other
    assert set(workflows(service, BIRDS)) == other
    assert not set(jobs("gitlab")) & set(jobs("gitlab", BIRDS))
    watched = [
        "team/birds/**", "shared/photos", "shared/photos/**", "shared/photos.dvc", ".dvc/config",
    ]  # fmt: skip
    if service == "github":
        review, comment = map(yaml.safe_load, workflows(service, BIRDS).values())
        assert review[True]["pull_request"]["paths"] == [
            *watched,
            ".github/workflows/cgaudit-team-birds.yml",
        ]
        assert review["name"] == "labels of team/birds"
        assert comment[True]["workflow_run"]["workflows"] == [review["name"]]
        assert review["concurrency"]["group"].startswith("labels-team-birds-$")
    else:
        for job in jobs(service, BIRDS).values():
            (rule,) = job["rules"]
            assert rule["changes"] == [*watched, ".gitlab/cgaudit-team-birds.yml"]


def test_it_installs_what_it_was_told_and_the_featurizers_libraries(service: str) -> None:
    text = texts(service, BIRDS)
    assert 'pip install "cgaudit @ git+https://example.org/c@abc" "dvc" "timm>=1.0"' in text
    with pytest.raises(ParamsError, match="a shell acts on"):
        workflows(service, Place(".", "report", package="$(x)"))


def test_the_small_build_of_torch_is_installed_where_its_index_is_named(service: str) -> None:
    (script,) = (s for s in scripts(jobs(service)[REVIEW[service]]) if "pip install" in s)
    assert script.index('pip install torch --index-url "$TORCH_INDEX"') < script.index('"cgaudit')
    # No index is named but by whoever runs it.
    hosts = set(re.findall(r"https?://([^/\s]+)", texts(service)))
    assert hosts <= {"pytorch.org"}


@pytest.mark.parametrize("name", ["$(x)", "a`b", 'a"b', "a\nb", "a;b", "a${{x}}"])
def test_a_name_that_a_shell_acts_on_is_refused(service: str, name: str) -> None:
    with pytest.raises(ParamsError, match="Rename it"):
        workflows(service, Place(name, "report"))
    with pytest.raises(ParamsError, match="Rename it"):
        workflows(service, Place(".", name))


def test_it_is_valid(service: str) -> None:
    for job in jobs(service).values():
        for script in scripts(job):
            checked = subprocess.run(["bash", "-n", "-c", script], capture_output=True, check=False)
            assert checked.returncode == 0, (script, checked.stderr)


def test_untrusted_names_are_in_no_script(service: str) -> None:
    # A branch may be called "$(…)": expressions are expanded before the shell sees a script.
    for job in jobs(service).values():
        assert not any("${{" in line for line in scripts(job))


def test_the_whole_history_is_fetched(service: str) -> None:
    assert "fetch-depth: 0" in texts(service) or 'GIT_DEPTH: "0"' in texts(service)


def test_actionlint_finds_nothing() -> None:
    for text in (*workflows("github", HERE).values(), *workflows("github", BIRDS).values()):
        assert linted(text) == []


# What a stranger's code can reach.


def github(path: str) -> dict:
    return yaml.safe_load(workflows("github", HERE)[f".github/workflows/{path}.yml"])


def test_a_forks_code_has_neither_a_secret_nor_a_token_that_writes() -> None:
    review = github("cgaudit")
    assert review[True] == "pull_request"  # YAML reads `on` as true.
    assert review["permissions"] == {"contents": "read"}
    (job,) = review["jobs"].values()
    assert "permissions" not in job
    assert "secrets." not in json.dumps(job)
    assert "github.token" not in json.dumps(job)
    (checkout,) = (it for it in job["steps"] if "checkout" in it.get("uses", ""))
    assert checkout["with"]["persist-credentials"] is False
    assert "environment" not in jobs("gitlab")["label-review"]
    assert "CGAUDIT_TOKEN" not in json.dumps(jobs("gitlab")["label-review"])


def test_what_may_write_runs_nothing_of_the_change() -> None:
    comment = github("cgaudit-comment")
    assert comment["permissions"] == {}
    assert list(comment[True]) == ["workflow_run"]
    (job,) = comment["jobs"].values()
    assert job["permissions"] == {"actions": "read", "pull-requests": "write"}
    assert not any("uses" in step for step in job["steps"])
    lab = jobs("gitlab")["label-comment"]
    assert lab["variables"]["GIT_STRATEGY"] == "none"
    assert lab["environment"]["name"] == "label-comments"
    for script in (*scripts(job), *scripts(lab)):
        assert not re.search(r"^\s*(dvc|cgaudit|pip|git) ", script, re.MULTILINE), script


def test_a_forks_stages_are_not_run(service: str) -> None:
    if service == "github":
        steps = github("cgaudit")["jobs"]["review"]["steps"]
        (repro,) = (step for step in steps if "dvc repro" in step.get("run", ""))
        assert repro["if"] == "github.event.pull_request.head.repo.full_name == github.repository"
    (checking,) = (s for s in scripts(jobs(service)[REVIEW[service]]) if "cgaudit check" in s)
    assert '--limits-from "$BASE"' in checking
    assert "$RECOMPUTE" in checking


def test_python_looks_for_modules_nowhere_in_the_repository(service: str) -> None:
    job = jobs(service)[REVIEW[service]]
    assert job.get("env", job.get("variables"))["PYTHONSAFEPATH"] == "1"
    for each in jobs(service).values():
        for script in scripts(each):
            assert not re.search(r"python3? (?!-I)", script)


REVIEW = {"github": "review", "gitlab": "label-review"}
COMMENT = {"github": "comment", "gitlab": "label-comment"}

# Which comments are posted.


@given(st.lists(st.text(max_size=60), min_size=1, max_size=4))
@example(["/merge"])
@example([" /merge"])
def test_whatever_is_in_a_comment_of_ours_it_is_posted(words: list[str]) -> None:
    rows = [[from_data(word), "plain", word] for word in words]
    text = blocks([
        page(prose(words[0]), [Section(words[0], ("", "a", "b"), rows, most=2)], prose(words[-1])),
        warning(prose(words[0])), details(prose("x"), name(words[0])),
    ])  # fmt: skip
    assert is_ours(str(text))


FORGED = [
    "@team", "&#64;team", "&#064;team", "&commat;team", "&#x40;team", "<script>", "<b>",
    "<img src=x>",
    "[a](b)", "![a](b)", "https://evil.example", "www.evil.example", "</details></details>",
    "<details>", "/merge", "ok\n /close", "#12", "\x1b[2J", "`<code>`&#64;team`</code>`",
    "<code>\n&#64;team</code>", "<!-- -->", "a\\@b", "<code><b></code>",
]  # fmt: skip


@pytest.mark.parametrize("text", FORGED)
def test_a_forged_comment_is_not_posted(text: str) -> None:
    assert not is_ours(text)


@pytest.mark.parametrize("service", sorted(SERVICES))
@pytest.mark.parametrize(
    ("content", "posted"),
    [
        ("<!-- cgaudit:. -->\nfine\n", True),
        ("<!-- cgaudit:. -->\n@team\n", False),
        ("no mark\n", False),
        ("<!-- cgaudit:. -->\n" + "x" * 70_000, False),
    ],
)
def test_the_script_in_the_workflow_tells_them_apart(
    tmp_path: Path, service: str, content: str, posted: bool
) -> None:
    (tmp_path / "untrusted").mkdir()
    for file in ("untrusted/comment.md", "comment.md"):
        (tmp_path / file).write_text(content)
    out = tmp_path / "out.md"
    verifying = "\n".join(s for s in scripts(jobs(service)[COMMENT[service]]) if "verify" in s)
    verifying = verifying.replace("/tmp/", f"{tmp_path}/").replace(
        f"{tmp_path}/comment.md", str(out)
    )
    verifying = verifying.replace('"$RUNNER_TEMP/comment.md"', f'"{out}"')
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", verifying], cwd=tmp_path, capture_output=True,
        env={**os.environ, "RUNNER_TEMP": str(tmp_path), "MARK": "<!-- cgaudit:. -->"}, check=False,
    )  # fmt: skip
    assert (done.returncode == 0) is posted, done.stderr
    assert out.exists() is posted
    if posted:
        assert out.read_text() == content


def test_a_comment_fits_what_is_let_through() -> None:
    rows = [[from_data("x" * 80)] * 3 for _ in range(10_000)]
    text = page(prose("x"), [Section("x", ("", "a", "b"), rows, most=10_000)])
    assert text.size <= LIMIT < 65_000


def reviewing(service: str, fork: bool) -> list[str]:
    """Return the scripts that a pull request runs, but for the installation."""
    job = jobs(service, Place(".", "report"))[REVIEW[service]]
    if service == "gitlab":
        return [s for s in scripts(job) if "pip install" not in s]
    ours = {True: "==", False: "!="}[not fork]
    return [
        step["run"] for step in job["steps"]
        if "run" in step and "pip install" not in step["run"] and ours in step.get("if", ours)
    ]  # fmt: skip


def attack(repo: DataRepo) -> None:
    """Commit stages and modules that would show that they ran, and delete the limits."""
    pipeline = repo.project / "dvc.yaml"
    pipeline.write_text(pipeline.read_text().replace("cmd: cgaudit", "cmd: touch ran; cgaudit"))
    for module in ("dvc", "json", "yaml"):
        repo.write(f"{module}.py", "open('ran', 'w')")
    params = repo.project / "params.yaml"
    params.write_text(re.sub(r"max_quality_drop: .*", "max_quality_drop: 1", params.read_text()))
    repo.commit("attack")


@pytest.mark.slow
@pytest.mark.parametrize("fork", [False, True], ids=["branch", "fork"])
def test_a_pull_request_in_a_fresh_clone(tmp_path: Path, service: str, fork: bool) -> None:
    repo = new_repo(tmp_path / "repo", remote=tmp_path / "store")
    labels_table(repo.project)
    repo.write(".gitignore", "incoming/\n")
    repo.dvc("add", "--quiet", "photos")
    cgaudit = [sys.executable, "-m", "cgaudit"]
    git_run(*cgaudit, "init", "--yes", cwd=repo.project)
    repo.dvc("repro", "--quiet")
    repo.commit("audited")
    repo.git("switch", "--quiet", "--create", "relabel")
    labels = repo.project / "labels.csv"
    labels.write_text(labels.read_text().replace("0004.png,stripes", "0004.png,columns"))
    repo.dvc("repro", "--quiet")
    repo.commit("relabel")
    repo.dvc("push", "--quiet", "--all-commits")
    if fork:
        attack(repo)
    clone = tmp_path / "clone"
    git_run("git", "clone", "--quiet", str(repo.root), str(clone), cwd=tmp_path)

    variables = {"BASE": "origin/main", "MARK": "<!-- cgaudit:. -->", "CI": "true"}
    variables |= {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    variables |= {"RUNNER_TEMP": str(tmp_path), "RECOMPUTE": "--recompute" if fork else ""}
    variables |= {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_MERGE_REQUEST_PROJECT_ID": "1"}
    variables |= {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2" if fork else "1"}
    variables |= {"CI_MERGE_REQUEST_PROJECT_URL": str(tmp_path / "upstream")}
    git_run(
        "git",
        "clone",
        "--quiet",
        "--bare",
        str(repo.root),
        f"{tmp_path}/upstream.git",
        cwd=tmp_path,
    )
    broken = 0
    for script in reviewing(service, fork):
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=clone, env={**ENVIRONMENT, **variables}, capture_output=True, text=True,
        )  # fmt: skip
        broken += done.returncode
        assert done.returncode == 0 or "cgaudit check" in script, (script, done)
    # The labels are in git and the pictures of the fork on no remote but ours: they are seen.
    assert broken == (1 if fork else 0)
    assert not (clone / "ran").exists()
    where = tmp_path / "review" if service == "github" else clone
    comment = (where / "comment.md").read_text()
    assert is_ours(comment.partition("\n")[2])
    assert comment.startswith("<!-- cgaudit:. -->")
    assert "1 relabelled" in comment
    assert "0004" in (clone / "label-changes.html").read_text()
    assert repo.git("-C", str(clone), "status", "--porcelain", "--untracked-files=no") == ""


def fake(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f'#!/bin/sh\necho "{name} $*" >> calls\n{script}\n')
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


def run(script: str, folder: Path, **variables: str) -> list[str]:
    environment = {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", **variables}
    subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script], cwd=folder, env=environment, check=True
    )
    return (folder / "calls").read_text().splitlines()


@pytest.mark.parametrize(("there", "last"), [
    ("", "POST repos/o/r/issues/7/comments"), ("31", "PATCH repos/o/r/issues/comments/31"),
])  # fmt: skip
def test_github_comments_once(tmp_path: Path, there: str, last: str) -> None:
    (script,) = (s for s in scripts(jobs("github")["comment"]) if "gh api" in s)
    fake(tmp_path, "gh", f'case "$*" in *--paginate*) echo "{there}";; */pulls*) echo 7;; esac')
    calls = run(script, tmp_path, GH_REPO="o/r", OWNER="me", BRANCH="$(x)", SHA="abc",
                RUNNER_TEMP="/t")  # fmt: skip
    assert "head=me:$(x)" in calls[0]
    assert calls[-1] == f"gh api --silent --method {last} -F body=@/t/comment.md"


def test_the_comment_links_to_its_run_and_says_the_verdict_first(
    tmp_path: Path, service: str
) -> None:
    (linking,) = (s for s in scripts(jobs(service)[COMMENT[service]]) if "of this run" in s)
    (tmp_path / "comment.md").write_text("<!-- cgaudit:. -->\nsaid\n")
    where = {"RUN_URL": "https://ci/runs/7", "RUNNER_TEMP": str(tmp_path)}
    where |= {"CI_PROJECT_URL": "https://ci/p", "CI_PIPELINE_ID": "7"}
    subprocess.run(
        ["bash", "-eo", "pipefail", "-c", linking.replace("/tmp/", f"{tmp_path}/")],
        env={**os.environ, **where}, check=True,
    )  # fmt: skip
    first, link, _, said = (tmp_path / "comment.md").read_text().splitlines()
    assert (first, said) == ("<!-- cgaudit:. -->", "said")
    assert re.search(r"\]\(https://ci/.*7", link)
    (checking,) = (s for s in scripts(jobs(service)[REVIEW[service]]) if "cgaudit check" in s)
    assert re.findall(r"cat \S*(limits|changes)\.md", checking)[:2] == ["limits", "changes"]


def test_a_run_of_no_open_pull_request_is_not_commented(tmp_path: Path) -> None:
    (script,) = (s for s in scripts(jobs("github")["comment"]) if "gh api" in s)
    fake(tmp_path, "gh", "")
    calls = run(script, tmp_path, GH_REPO="o/r", OWNER="me", BRANCH="b", SHA="abc")
    assert len(calls) == 1


@pytest.mark.parametrize(("notes", "method", "end"), [
    ("[]", "POST", "/notes"),
    ('[{"id": 5, "body": "hello"}, {"id": 6, "body": "<!-- cgaudit:. -->\\nold"}]', "PUT", "/6"),
])  # fmt: skip
def test_gitlab_comments_once(tmp_path: Path, notes: str, method: str, end: str) -> None:
    job = jobs("gitlab")["label-comment"]
    (script,) = (s for s in scripts(job) if "curl" in s)
    script = script.replace("/tmp/", f"{tmp_path}/")
    fake(tmp_path, "curl", f"cat <<'END'\n{notes}\nEND")
    variables = {
        "CGAUDIT_TOKEN": "t", "CI_API_V4_URL": "api", "CI_PROJECT_ID": "1",
        "MARK": job["variables"]["MARK"], "CI_MERGE_REQUEST_IID": "2",
    }  # fmt: skip
    calls = run(script, tmp_path, **variables)
    assert f"--request {method} " in calls[-1]
    assert calls[-1].endswith(end)
