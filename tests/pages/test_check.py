"""What is said of a check: as text, as Markdown, for JUnit and for GitHub."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from limits import contradicted_change, limits

from cgaudit.pages.check import check_markdown, check_text, github_annotations, junit_xml
from cgaudit.verbs.check import check


@pytest.fixture(scope="module")
def diff() -> dict:
    return contradicted_change()


def test_no_limits_say_so(diff: dict) -> None:
    result = check(diff, limits())
    assert (result["ok"], result["neutral"], result["limits"]) == (True, None, [])
    assert check_text(result).startswith("No limit is set")


def test_text_and_markdown(diff: dict) -> None:
    result = check(diff, limits(max_introduced=0, max_contradicted=5))
    text = check_text(result)
    assert text.startswith("cgaudit check: 1 of 2 limits broken\n")
    assert "BROKEN  max_introduced" in text
    assert "1 by the change itself, 0 rippled" in text
    assert "| BROKEN | max_introduced |  | 0 | 1 |" in str(check_markdown(result))
    assert check_text(check(diff, limits(max_introduced=1))).startswith(
        "cgaudit check: all limits hold\n"
    )


def test_junit(diff: dict) -> None:
    nasty = {'ca\x00t<&"]]>\n': {"max_issue_rate": 1}}
    result = check(diff, limits(max_introduced=0, max_contradicted=5, classes=nasty))
    suite = ElementTree.fromstring(junit_xml(result))[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "2", "0")
    failures = {case.get("name"): [e.tag for e in case] for case in suite}
    assert failures["max_introduced 0"] == ["failure"]
    assert failures["max_contradicted 5"] == []


def test_github_annotations_cannot_be_injected_into(diff: dict) -> None:
    label = "100%\n::error::pwned"
    result = check(diff, limits(max_introduced=0, classes={label: {"max_issue_rate": 1}}))
    commands = [str(command) for command in github_annotations(result)]
    assert len(commands) == 2
    assert all(line.startswith("::error title=cgaudit check::") for line in commands)
    assert not any("\n" in line for line in commands)
    assert "100%25" in commands[0]
