"""No word from the data steers a terminal or speaks in a comment, whichever verb says it.

A repository in which every name is hostile (ids, labels, texts, columns, files, branches, tags,
subjects, parameters) is walked with all verbs in all forms, and the bytes that they write are
looked at: what a command means to say is not the matter here.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from xml.etree import ElementTree

import pytest
from hostile import IN_GIT, KINDS, MARKS, WORDS, Case, Walks, cases

pytestmark = pytest.mark.slow

#: Joiners, without which some scripts and emoji cannot be written: these may be shown.
ALLOWED = "\n\u200c\u200d"
#: Whatever a terminal or a reader does not show as it stands.
UNSHOWN = ("Cc", "Cf", "Cs", "Zl", "Zp")


@pytest.fixture(scope="module")
def walks(tmp_path_factory: pytest.TempPathFactory) -> Walks:
    return Walks(tmp_path_factory.mktemp("hostile"))


def unshown(data: bytes) -> list[str]:
    """Return what a terminal would obey, or not show; bytes that are no UTF-8 as well."""
    text = data.decode("utf-8", "surrogateescape")
    return sorted(
        {
            f"U+{ord(character):04X}"
            for character in text
            if unicodedata.category(character) in UNSHOWN and character not in ALLOWED
        }
    )


def around(data: bytes) -> str:
    """Return where the first such character is, for the message."""
    text = data.decode("utf-8", "surrogateescape")
    at = next(
        (i for i, c in enumerate(text) if unicodedata.category(c) in UNSHOWN and c not in ALLOWED),
        0,
    )
    return ascii(text[max(0, at - 60) : at + 20])


def test_the_words_are_as_hostile_as_they_should_be() -> None:
    found = {unicodedata.category(c) for c in "".join(WORDS)}
    assert found >= {"Cc", "Cf", "Zl"}
    assert unshown("".join((*WORDS, IN_GIT)).encode())
    assert unshown(b"caf\xe9")
    assert not unshown("naïve – “λ” 日本 👩\u200d🚀\n".encode())


@pytest.mark.parametrize(("kind", "case"), cases("text", "md", "github", "csv"))
def test_nothing_steers_the_terminal(walks: Walks, kind: str, case: Case) -> None:
    said = walks[kind].said[case.name]
    assert unshown(said.stdout) == [], around(said.stdout)


@pytest.mark.parametrize(("kind", "case"), cases("text", "md", "github", "csv", "json"))
def test_nothing_steers_the_terminal_from_stderr(walks: Walks, kind: str, case: Case) -> None:
    said = walks[kind].said[case.name]
    assert unshown(said.stderr) == [], around(said.stderr)


@pytest.mark.parametrize(("kind", "case"), cases("text", "md", "github"))
def test_no_name_begins_a_line(walks: Walks, kind: str, case: Case) -> None:
    """A name with a line break in it could say anything, such as a command to GitHub Actions."""
    said = walks[kind].said[case.name]
    lines = (said.stdout + b"\n" + said.stderr).decode("utf-8", "replace").splitlines()
    assert [line for line in lines if line.lstrip().startswith("INJECTED")] == []
    if case.form != "github":
        assert [line for line in lines if line.lstrip().startswith("::")] == []


@pytest.mark.parametrize(("kind", "case"), cases("json"))
def test_json_is_json_and_escapes_what_is_not_shown(walks: Walks, kind: str, case: Case) -> None:
    said = walks[kind].said[case.name]
    assert isinstance(json.loads(said.stdout), dict)
    assert unshown(said.stdout) == [], around(said.stdout)


def outside_code(markdown: str) -> str:
    return re.sub(r"<code>[^<>`]*</code>", "", markdown)


#: The tags that the program itself writes.
OWN_TAGS = r"</?(?:details|summary|code)\s*/?>"


@pytest.mark.parametrize(("kind", "case"), cases("md"))
def test_markdown_is_inert(walks: Walks, kind: str, case: Case) -> None:
    text = walks[kind].said[case.name].text
    # As it stands: no markup, and in code nothing but letters and references.
    for inside in re.findall(r"<code>(.*?)</code>", text, flags=re.DOTALL):
        assert not re.search(r"[<>`|@*_\[\]\n]", inside), inside
        assert "#" not in re.sub(r"&#\d+;", "", inside), inside
    rest = outside_code(text)
    tags = re.sub(OWN_TAGS, "", rest)
    for raw in ("<script", "<b>", "`x`", "|y|", "@everyone", "[z](", "::error"):
        assert raw not in tags, around_of(tags, raw)
    # As a platform shows it: nobody is notified, nothing is linked.
    shown = html.unescape(rest)
    for link in (r"@everyone", r"#1\b", r"www\.evil", r"http://evil"):
        if link.startswith("http") or link.startswith("www"):
            assert not re.search(link, rest), around_of(rest, "evil")
        else:
            assert not re.search(link, shown), around_of(shown, link[:2])


def around_of(text: str, what: str) -> str:
    at = max(0, text.find(what))
    return ascii(text[max(0, at - 80) : at + 60])


@pytest.mark.parametrize(("kind", "case"), cases("github"))
def test_annotations_are_those_of_the_check(walks: Walks, kind: str, case: Case) -> None:
    lines = walks[kind].said[case.name].text.splitlines()
    commands = [line for line in lines if line.startswith("::")]
    assert commands
    assert all(re.match(r"::(error|notice) title=cgaudit check::", line) for line in commands)


@pytest.mark.parametrize("kind", [pytest.param(kind, marks=MARKS[kind]) for kind in KINDS])
def test_files_for_machines_are_whole(walks: Walks, kind: str) -> None:
    root = walks[kind].project.root
    ElementTree.parse(root / "c.xml")
    for name in ("diff.html", "history.html", "reports/index.html", "cgaudit-report/index.html"):
        page = (root / name).read_text(encoding="utf-8")
        assert "alert(1)" in page or name == "history.html"
        assert "<script>alert" not in page
