"""A repository in which every name is hostile, and a walk through it with all verbs."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import yaml
from PIL import Image
from story import Project, Said

ESCAPES = "\x1b[31m\x1b]0;owned\x07\x08"
C1 = "\x9b2J\x85"
BIDI = "\u202e\u2066\u200f"
UNSEEN = "\u200b\ufeff\u2060\U000e0041"
LINES = "\nINJECTED\r::error::pwned\u2028INJECTED"
MARKUP = "<script>alert(1)<b>"
MARKDOWN = "`x` |y| [z](http://evil.example)"
PEOPLE = "@everyone #1 www.evil.example"
#: Each is short enough to be shown whole.
WORDS = (ESCAPES, C1, BIDI, UNSEEN, LINES, MARKUP, MARKDOWN, PEOPLE)
#: What git allows in the name of a branch or tag; no blanks, no control characters of ASCII.
IN_GIT = f"@everyone/#1-<b>`x`|y|{C1}{BIDI}{UNSEEN}"
LABELS = (f"cat{ESCAPES}{C1}", f"dog{BIDI}{PEOPLE}", f"fox{LINES}{MARKUP}{MARKDOWN}")
COUNT = 45
#: Numbers of samples, and the label that v1 wrongly gives to them.
WRONG = {3: 1, 10: 2, 17: 0}


def word(number: int) -> str:
    return WORDS[number % len(WORDS)]


def label(number: int, wrong: dict[int, int]) -> str:
    return LABELS[wrong.get(number, number % 3)]


def table(rows: list[list[str]]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()


class Case(NamedTuple):
    """A command of the walk: what it is called, its words, its form and how it ends."""

    name: str
    words: tuple[str, ...]
    form: str = "text"
    codes: tuple[int, ...] = (0,)


def forms(verb: str, *words: str, codes: tuple[int, ...] = (0,), also: str = "") -> list[Case]:
    kinds = {"text": (), "json": ("--json",), **({"md": ("--md",)} if also == "md" else {})}
    return [Case(f"{verb}-{form}", (*words, *extra), form, codes) for form, extra in kinds.items()]


V0, V1, BRANCH = f"v0{IN_GIT}", f"v1{IN_GIT}", f"relabel{IN_GIT}"
MISSING = f"no{ESCAPES}{C1}{BIDI}{LINES}{MARKUP}{PEOPLE}"

SETUP = [
    Case("init", ("init", "--yes", "--ci", "github")),
    Case("fit", ("fit", "--force")),
    Case("featurize", ("featurize",)),
    Case("score", ("score",)),
    Case("report", ("report",)),
]
SCORED = [
    Case("init-again", ("init", "--yes")),
    Case("fit-again", ("fit",), codes=(2,)),
    Case("dry-run", ("score", "--dry-run")),
    Case("report-md", ("report", "--md"), "md"),
]
COMPARED = [
    *forms("diff", "diff", V1, BRANCH, also="md"),
    *forms("diff-workspace", "diff", BRANCH, also="md"),
    Case("diff-html", ("diff", V1, "--html", "diff.html")),
    *forms("diff-neutral", "diff", V0, BRANCH, "--missing-ok", also="md"),
    Case("diff-no-scores", ("diff", V0, BRANCH), codes=(2,)),
    Case("diff-compute", ("diff", V0, BRANCH, "--compute"), codes=(0, 2)),
    *forms("check", "check", f"{V1}...{BRANCH}", codes=(1,), also="md"),
    *forms("check-neutral", "check", V0, BRANCH, "--missing-ok", codes=(0, 1), also="md"),
    *forms("check-later-neutral", "check", BRANCH, V0, "--missing-ok", also="md"),
    Case("check-github", ("check", V0, BRANCH, "--missing-ok", "--github"), "github", (0, 1)),
    Case("check-github-broken", ("check", V1, "--github", "--junit", "c.xml"), "github", (1,)),
    Case("check-no-scores", ("check", V0, BRANCH), codes=(2,)),
    *forms("history", "history"),
    *forms("history-moves", "history", "--moves"),
    *forms("history-tags", "history", "--all-tags"),
    Case("history-html", ("history", "--html", "history.html")),
    Case("history-csv", ("history", "--csv", "--moves"), "csv"),
    *forms("doctor", "doctor", codes=(0, 1)),
    *forms("doctor-versions", "doctor", f"{V1}...{BRANCH}", codes=(0, 1)),
    *forms("doctor-no-scores", "doctor", V0, BRANCH, codes=(0, 1)),
    *forms("doctor-missing", "doctor", MISSING, codes=(0, 1)),
    *(
        Case(f"export-{name}", ("export", "--to", name, "--out", f"out/{name}"), codes=(0, 2))
        for name in ("csv", "jsonl", "label-studio", "cleanlab", "fiftyone", "cvat")
    ),
]
DECIDED = [
    *forms("apply-conflict", "apply", "conflict.csv", codes=(2,)),
    Case("apply-unknown", ("apply", "unknown.csv"), codes=(2,)),
    Case("apply-malformed", ("apply", "malformed.csv"), codes=(2,)),
    Case("apply-missing", ("apply", f"{MISSING}.csv"), codes=(2,)),
    *forms("apply-dry-run", "apply", "fixes.csv", "--dry-run"),
    Case("apply", ("apply", "fixes.csv")),
]
REFUSED = [
    *(
        Case(f"missing-{verb}", (verb, MISSING), codes=(2,))
        for verb in ("audit", "diff", "check", "history")
    ),
    Case("missing-range", ("diff", f"main...{MISSING}"), codes=(2,)),
    Case("missing-second", ("diff", "main", MISSING), codes=(2,)),
    Case("two-ranges", ("diff", f"main..{BRANCH}", MISSING), codes=(2,)),
    Case("nearest", ("diff", BRANCH[:-1]), codes=(2,)),
    Case("since", ("history", "--since", MISSING)),
    *(
        Case(f"usage-{verb}", (verb, f"--no{MISSING}"), codes=(2,))
        for verb in ("audit", "diff", "apply")
    ),
    Case("usage-verb", (MISSING,), codes=(2,)),
    Case("usage-choice", ("export", "--to", MISSING, "--out", "x"), codes=(2,)),
]


class Kind(NamedTuple):
    """A dataset: what is laid down before the first version, and how it is audited."""

    lay: Callable[[Path, dict[int, int]], None]
    ident: Callable[[int], str]
    init: tuple[str, ...]
    audit: tuple[str, ...]


ID, TEXT, LABEL = (f"{name}{ESCAPES}{BIDI}{PEOPLE}" for name in ("id", "text", "label"))
QUESTIONS = f"q{ESCAPES}{BIDI}{UNSEEN}{MARKUP}@everyone.csv"
PHOTOS = f"p{ESCAPES}{BIDI}{UNSEEN}{MARKUP}@everyone"


def lay_texts(folder: Path, wrong: dict[int, int]) -> None:
    topics = ("password login account", "refund money charged", "parcel order delivery")
    rows = [
        [f"{n:02}{word(n)}", f"{topics[n % 3]} {topics[n % 3][:3]}{n} {word(n)}", label(n, wrong)]
        for n in range(COUNT)
    ]
    rows += [[f"none{word(n)}", "", LABELS[0]] for n in range(len(WORDS))]
    (folder / QUESTIONS).write_text(table([[ID, TEXT, LABEL], *rows]), encoding="utf-8")


def picture_name(number: int) -> str:
    return f"{number:02}{word(number)}.png".replace("/", "⁄")


def folder_name(number: int, wrong: dict[int, int]) -> str:
    return label(number, wrong).replace("/", "⁄")


def lay_pictures(folder: Path, wrong: dict[int, int]) -> None:
    root = folder / PHOTOS
    for number in range(COUNT):
        for old in root.glob(f"*/{number:02}*"):
            old.unlink()
        place = root / folder_name(number, wrong) / picture_name(number)
        place.parent.mkdir(parents=True, exist_ok=True)
        grey = np.random.default_rng(number).normal(110, 40, (12, 12))
        grey[:, :: 2 + number % 3] += 70
        Image.fromarray(grey.clip(0, 255).astype(np.uint8)).save(place)
    for number in range(len(WORDS)):
        broken = root / folder_name(0, {}) / f"broken{picture_name(number)}"
        broken.write_bytes(b"no picture")


KINDS = {
    "texts": Kind(
        lay_texts,
        lambda number: f"{number:02}{word(number)}",
        ("--data", QUESTIONS, "--id-column", ID, "--text-column", TEXT, "--label-column", LABEL),
        (QUESTIONS, "--id-column", ID, "--text-column", TEXT, "--label-column", LABEL),
    ),
    "pictures": Kind(
        lay_pictures,
        lambda number: f"{folder_name(number, {})}/{picture_name(number)}",
        ("--data", PHOTOS),
        (PHOTOS,),
    ),
}

AUDITED = {
    name: [
        *forms("audit", "audit", *kind.audit),
        Case("audit-no-column", ("audit", *kind.audit, "--labels", QUESTIONS), codes=(0, 2)),
        Case("audit-columns", ("audit", *kind.audit, "--label-column", MISSING), codes=(0, 2)),
        Case("audit-featurizer", ("audit", *kind.audit, "--featurizer", MISSING), codes=(2,)),
        Case("audit-fail", ("audit", *kind.audit, "--on-error", "fail"), codes=(2,)),
        *(
            Case(f"audit{option}", ("audit", *kind.audit, option, MISSING), codes=(2,))
            for option in ("--kind", "--method", "--ridge", "--device", "--memory-limit")
        ),
    ]
    for name, kind in KINDS.items()
}
#: Damaged parameters: what stands in params.yaml, and the verb that is to refuse it.
PARAMS = {
    "params-key": {f"so{MISSING}": 1},
    "params-value": {"score": {"method": MISSING}},
    "params-path": {"source": {"path": MISSING}},
    "params-column": {"source": {"label_column": MISSING, "id_column": MISSING}},
    "params-state": {"featurize": {"state": MISSING}},
    "params-options": {"featurize": {"options": {MISSING: MISSING}}},
    "params-class": {"check": {"classes": {MISSING: {"max_issue_rate": 0}}}},
}
#: Which verbs come upon it.
REFUSING = {
    **dict.fromkeys(PARAMS, ("fit", "featurize", "report", "doctor")),
    **dict.fromkeys(("params-key", "params-value", "params-yaml"), ("fit", "score", "doctor")),
    "params-class": ("check", "doctor"),
}
DAMAGED = [
    *(
        Case(f"{name}-{verb}", (verb,), codes=(0, 1, 2))
        for name, verbs in REFUSING.items()
        for verb in verbs
    ),
    *(Case(f"{name}-check", ("check",), codes=(2,)) for name in ("params-key", "params-yaml")),
    Case("params-class-md", ("check", V1, "--md"), "md", (1,)),
]
WALK = {
    name: [*AUDITED[name], *SETUP, *SCORED, *COMPARED, *DECIDED, *REFUSED, *DAMAGED]
    for name in KINDS
}


class Walk:
    """Everything that was said on the way, by the name of the case."""

    def __init__(self, kind: Kind, root: Path) -> None:
        self.kind = kind
        self.project = Project(root)
        self.said: dict[str, Said] = {}

    def go(self, cases: list[Case]) -> None:
        for case in cases:
            said = self.project.run(*case.words)
            assert said.code in case.codes, (case.name, said)
            self.said[case.name] = said

    def change(self, wrong: dict[int, int], subject: str, tag: str) -> None:
        self.kind.lay(self.project.root, wrong)
        for stage in ("featurize", "score", "report"):
            self.project.does(stage)
        self.project.commit(subject, tag)

    def decide(self) -> None:
        given, other = LABELS[0], LABELS[1]
        one, two = self.kind.ident(0), self.kind.ident(6)
        head = ["id", "action", "label", "given_label"]
        files = {
            "conflict": [[one, "relabel", other, LABELS[2]], [two, "keep", "", LABELS[2]]],
            "unknown": [[f"x{one}", "relabel", other, given], [MISSING, "keep", "", given]],
            "malformed": [[one, MISSING, other, given]],
            "fixes": [[one, "relabel", other, given], [two, "keep", "", given]],
        }
        for name, rows in files.items():
            (self.project.root / f"{name}.csv").write_text(table([head, *rows]))

    def damage(self) -> None:
        file = self.project.root / "params.yaml"
        whole = file.read_text()
        for name, changed in PARAMS.items():
            content = yaml.safe_load(whole)
            for key, value in changed.items():
                section = content["cgaudit"].get(key)
                both = isinstance(section, dict) and isinstance(value, dict)
                content["cgaudit"][key] = {**section, **value} if both else value
            file.write_text(yaml.safe_dump(content))
            self.go([case for case in DAMAGED if case.name.startswith(f"{name}-")])
        file.write_text(f"cgaudit: {{x: '{BIDI}{UNSEEN}{MARKUP}\n  ]: @everyone")
        self.go([case for case in DAMAGED if case.name.startswith("params-yaml-")])
        file.write_text(whole)


def walked(name: str, root: Path) -> Walk:
    kind = KINDS[name]
    walk = Walk(kind, root)
    project = walk.project
    (project.root / ".gitignore").write_text("/*.html\n/*.csv\n/out/\n/cgaudit-report/\n!/q*\n")
    kind.lay(project.root, WRONG)
    project.commit(f"before{MISSING}", V0)
    walk.go(AUDITED[name])
    setup, *stages = SETUP
    walk.go([setup._replace(words=(*setup.words, *kind.init)), *stages, *SCORED])
    params = project.root / "params.yaml"
    params.write_text(
        re.sub(r"^  check:\n(    .*\n)*", "", params.read_text(), flags=re.MULTILINE)
        + '  check: {"max_quality_drop": 0, "max_introduced": 0, "max_issue_rate": 0, '
        + f'"any_class": {{"max_issue_rate": 0}}, "classes": {{{json.dumps(LABELS[2])}: '
        + '{"max_issue_rate": 0}}}\n'
    )
    project.commit(f"v1{MISSING}", V1)
    project.shell("git", "switch", "-q", "-c", BRANCH)
    walk.change({**WRONG, 5: 0, 8: 1, 20: 1}, f"v2{MISSING}", f"v2{IN_GIT}")
    walk.go([*COMPARED, *REFUSED])
    walk.decide()
    walk.go(DECIDED)
    walk.damage()
    return walk


class Walks(dict[str, Walk]):
    """The walks by kind, each made when it is first asked for."""

    def __init__(self, root: Path) -> None:
        super().__init__()
        self._root = root

    def __missing__(self, name: str) -> Walk:
        self[name] = walked(name, self._root / name)
        return self[name]


#: The walk over pictures takes as long again; it differs in what reads the data.
MARKS = {"texts": (), "pictures": (pytest.mark.slow,)}


def cases(*wanted: str) -> list[object]:
    """Return every case of those forms, to be tested one by one."""
    return [
        pytest.param(kind, case, id=f"{kind}-{case.name}", marks=MARKS[kind])
        for kind, walk in WALK.items()
        for case in walk
        if case.form in wanted
    ]
