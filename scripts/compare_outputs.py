"""Hold what cgaudit puts out before a change against what it puts out after it.

``python scripts/compare_outputs.py BEFORE AFTER [--images DIR --labels FILE]``

BEFORE and AFTER are git revisions of this repository or folders of checkouts. With each, the
README's tutorial is played in a fresh git and DVC repository with a remote, what it does not ask is
asked in every form, and data is audited: texts, a table and, where ``--images`` names them,
pictures. Both use this interpreter, one thread, the same folder and the same dates, so that equal
code gives equal bytes. A commit's hash is put as its number: a commit records the page's hash.

What they put out is kept in ``--out`` (``before/`` and ``after/``) and compared by `compared.py`:
JSON, YAML and tables by value, a page by its parts, all else byte by byte. A table of what is the
same and what differs is printed; the exit code is 1 where something differs. It takes some minutes.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from compared import compared, table

ROOT = Path(__file__).resolve().parents[1]

#: A tutorial: the file whose blocks are played, and what makes its data.
STORIES = {
    "review": ("docs/review.md", "labels_table"),
    "texts": ("docs/review-texts.md", "texts_table"),
    "folders": ("docs/review-folders.md", "label_folders"),
}

NEW_REPO = """\
git init -q -b main && dvc init -q && mkdir ../remote
dvc remote add -q -d store ../remote
printf 'incoming*\\nfixes.csv\\nhanded/\\n*.html\\n*.xml\\n!reports/*\\n' > .gitignore
"""

#: What is asked beside what a tutorial itself runs: name of the file to keep, the command.
#: A command may fail; its exit code is kept.
AUDITED = {
    "doctor.json": "cgaudit doctor --json",
    "doctor.txt": "cgaudit doctor",
    "report.md": "cgaudit report --md",
    "dry-run.txt": "cgaudit score --dry-run",
    **{
        f"export-{name}.txt": f"cgaudit export --to {name} --out handed/{name}"
        for name in ("label-studio", "cleanlab", "fiftyone", "cvat")
    },
    **{
        f"export-{name}.txt": f"cgaudit export --to {name} --out handed/scores.{name}"
        for name in ("csv", "jsonl")
    },
    "no-such-revision.txt": "cgaudit diff nowhere",
}
RELABELLED = {
    "diff.txt": "cgaudit diff main",
    "diff.json": "cgaudit diff main --json --html diff.html",
    "diff.md": "cgaudit diff main --md",
    "check.txt": "cgaudit check main...HEAD --github",
    "check.json": "cgaudit check main...HEAD --json --junit check.xml",
    "check.md": "cgaudit check main...HEAD --md",
    "history.json": "cgaudit history --json --moves",
    "doctor.json": "cgaudit doctor main...HEAD --json",
    "doctor.txt": "cgaudit doctor main...HEAD",
}
DECIDED = {"pull.txt": "dvc pull", "apply.json": "cgaudit apply fixes.csv --dry-run --json"}
REVIEWED = {
    **AUDITED,
    "diff.md": "cgaudit diff main --md",
    "diff-v1.json": "cgaudit diff v1 HEAD --json",
    "diff-last.md": "cgaudit diff HEAD~1 --md",
    "history.json": "cgaudit history --json --html history.html",
    "history-moves.json": "cgaudit history --json --moves",
    "history-tags.json": "cgaudit history --json --all-tags",
    "history.csv": "cgaudit history --csv --moves",
    "history.txt": "cgaudit history",
}

TABLE = """\
from sklearn.datasets import load_breast_cancer
data = load_breast_cancer(as_frame=True)
kinds = data.target.map(dict(enumerate(data.target_names)))
kinds[::40] = kinds[1::40].to_numpy()[: len(kinds[::40])]
data.data.assign(diagnosis=kinds).rename_axis("id").to_csv("cancer.csv")
"""


@dataclass
class Run:
    """One side: where it works, whose code it runs, and where what it puts out is kept."""

    work: Path
    code: Path
    kept: Path
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        bin_folder = self.work / "bin"
        bin_folder.mkdir(parents=True)
        wrapper = bin_folder / "cgaudit"
        wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m cgaudit "$@"\n')
        wrapper.chmod(0o755)
        folders = [str(bin_folder), str(Path(sys.executable).parent), os.environ["PATH"]]
        who = {f"GIT_{role}_NAME": "A" for role in ("AUTHOR", "COMMITTER")}
        where = {f"GIT_{role}_EMAIL": "a@example.org" for role in ("AUTHOR", "COMMITTER")}
        self.environment = {
            **os.environ, **who, **where,
            "PATH": os.pathsep.join(folders),
            "PYTHONPATH": str(self.code),
            # DVC prints sets in the order of their hashes.
            "PYTHONHASHSEED": "0",
            "OMP_NUM_THREADS": "1",
            "DVC_NO_ANALYTICS": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
        }  # fmt: skip

    def at(self, hour: int) -> None:
        """Let the next commits be made then."""
        for role in ("AUTHOR", "COMMITTER"):
            self.environment[f"GIT_{role}_DATE"] = f"2024-01-01T{hour:02}:00:00+00:00"

    def shell(self, script: str, cwd: Path, name: str | None = None) -> str:
        """Run a script and return what it printed; it may fail only where `name` keeps that."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=cwd, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if name is not None:
            self.keep(name, done.stdout)
            if done.stderr:
                self.keep(f"{name}.stderr", done.stderr)
            self.keep(f"{name}.code", f"{done.returncode}\n")
        elif done.returncode:
            raise SystemExit(f"{script}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def keep(self, name: str, text: str) -> None:
        """Keep a text under a name."""
        path = self.kept / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main() -> None:
    """Run both sides, compare what they put out, and print the table."""
    arguments = _arguments()
    out = Path(arguments.out or tempfile.mkdtemp(prefix="compared-")).resolve()
    with tempfile.TemporaryDirectory(prefix="cgaudit-compare-") as name:
        for side in ("before", "after"):
            code = checkout(getattr(arguments, side), Path(name) / side)
            shutil.rmtree(out / side, ignore_errors=True)
            # Both work in a folder of the same name: paths in what they put out are the same.
            run = Run(Path(name) / "work", code, out / side)
            put_out(run, arguments)
            shutil.rmtree(run.work)
    items = list(compared(out / "before", out / "after"))
    print(table(items))
    print(f"\nKept in {out}.")
    raise SystemExit(1 if any(found for _, found in items) else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0] if __doc__ else None)
    parser.add_argument("before", help="a git revision, or the folder of a checkout")
    parser.add_argument("after", help="the same")
    parser.add_argument("--images", type=Path, help="a folder of pictures to audit as well")
    parser.add_argument("--labels", type=Path, help="the table of their labels")
    parser.add_argument("--out", type=Path, help="where to keep what both put out")
    parser.add_argument("--stories", nargs="*", choices=STORIES, default=["review"],
                        help="the tutorials to play")  # fmt: skip
    return parser.parse_args()


def checkout(named: str, to: Path) -> Path:
    """Return the folder of a checkout, made of the revision where it is none."""
    if (Path(named) / "cgaudit").is_dir():
        return Path(named).resolve()
    archive = subprocess.run(
        ["git", "archive", named, "cgaudit"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(to, filter="data")
    return to


def put_out(run: Run, arguments: argparse.Namespace) -> None:
    """Run every step with one side's code."""
    found = run.shell("python -c 'import cgaudit; print(cgaudit.__file__)'", run.work).strip()
    if Path(found).parents[1] != run.code:
        raise SystemExit(f"{found} would be run, not the code in {run.code}.")
    for story in arguments.stories:
        say(f"{run.kept.name}: the tutorial {story}")
        play(run, story)
    say(f"{run.kept.name}: audits")
    audits(run, arguments.images, arguments.labels)


def say(message: str) -> None:
    """Print how far it is."""
    print(message, file=sys.stderr, flush=True)


def play(run: Run, story: str) -> None:
    """Play a tutorial, and ask between its blocks what it does not ask itself."""
    file, data = STORIES[story]
    text = (ROOT / file).read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    repo = run.work / story / "data repo"
    repo.mkdir(parents=True)
    make = f"from pathlib import Path; from tutorial_data import {data}; {data}(Path())"
    tests = f'PYTHONPATH="$PYTHONPATH:{ROOT / "tests" / "support"}"'
    run.shell(f"{NEW_REPO}{tests} python -c '{make}'", repo)
    (fixes,) = re.findall(r"^printf .*?(?=^cgaudit)", blocks[3], flags=re.DOTALL | re.MULTILINE)
    extras: list[dict[str, str]] = [{}, {}, {**RELABELLED, **DECIDED}, REVIEWED]
    for number, (block, extra) in enumerate(zip(blocks, extras, strict=True), start=1):
        place = f"{story}/{number}"
        run.at(number)
        run.shell(block, repo, f"{place}/tutorial.txt")
        if number == 3:
            run.shell(fixes, repo)
        for name, command in extra.items():
            run.shell(command, repo, f"{place}/{name}")
        _collect(run, repo, place)
    number_commits(run.kept / story, run.shell("git rev-list --reverse HEAD", repo).split())


def _collect(run: Run, repo: Path, place: str) -> None:
    """Keep the files that a user sees."""
    for name in ("reports", "handed"):
        if (repo / name).is_dir():
            shutil.copytree(repo / name, run.kept / place / name)
    for pattern in ("*.yaml", "*.lock", "*.html", "*.xml", "*.csv"):
        for path in repo.glob(pattern):
            shutil.copy(path, run.kept / place / path.name)
    run.keep(f"{place}/status.txt", run.shell("git status --porcelain", repo))


def number_commits(folder: Path, commits: list[str]) -> None:
    """Put the number of a commit for its hash, whole or cut, in every text of a folder."""
    if not commits:
        return
    some = re.compile(rf"\b(?:{'|'.join(commit[:7] for commit in commits)})[0-9a-f]{{0,33}}\b")

    def numbered(match: re.Match[str]) -> str:
        known = [at for at, commit in enumerate(commits, 1) if commit.startswith(match[0])]
        return f"commit-{known[0]}" if known else match[0]

    for path in folder.rglob("*"):
        if path.suffix in {".txt", ".md", ".json", ".csv", ".html", ".xml", ".stderr"}:
            text = path.read_bytes().decode(errors="surrogateescape")
            path.write_bytes(some.sub(numbered, text).encode(errors="surrogateescape"))


def audits(run: Run, images: Path | None, labels: Path | None) -> None:
    """Audit a table, texts and, where there are some, pictures."""
    folder = run.work / "audits"
    folder.mkdir()
    make = "from pathlib import Path; from tutorial_data import texts_table; texts_table(Path())"
    tests = f'PYTHONPATH="$PYTHONPATH:{ROOT / "tests" / "support"}"'
    run.shell(f"{tests} python -c '{make}'\npython - <<'END'\n{TABLE}END\n", folder)
    commands = {
        "table": "cancer.csv --label-column diagnosis --outliers",
        "texts": "questions.csv --text-column text --label-column label --likelihood both",
    }
    if images is not None:
        given = f" --labels '{labels.resolve()}'" if labels else ""
        commands["images"] = f"'{images.resolve()}'{given} --outliers"
    for name, words in commands.items():
        place, command = f"audit/{name}", f"cgaudit audit {words} --out {name}"
        run.shell(f"{command} --json", folder, f"{place}/audit.json")
        if name != "images":
            run.shell(command, folder, f"{place}/audit.txt")
        shutil.copytree(folder / name, run.kept / place / name)


if __name__ == "__main__":
    main()
