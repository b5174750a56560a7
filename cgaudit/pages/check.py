"""What a gate said: for a terminal, for Markdown, and in the forms that CI services read."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from cgaudit.results.gate import Checked, Limit
from cgaudit.wording import markdown, terminal
from cgaudit.wording.markdown import Markdown
from cgaudit.wording.sections import Section, name
from cgaudit.wording.text import visible
from cgaudit.wording.workflow import Command, annotation

_NOTE = 600
_TITLE = "cgaudit check"
#: GitHub shows ten annotations of each kind and step.
ANNOTATIONS = 9
#: A JUnit report is read whole by whoever shows it.
JUNIT_CASES = 1_000


def check_text(result: Checked) -> str:
    """Return what a gate said as text for a terminal."""
    notes = [f"! {visible(note, _NOTE)}" for note in result["notes"]]
    return terminal.page("\n".join([_said(result), *notes]), [_section(result)])


def check_markdown(result: Checked, title: str = "") -> Markdown:
    """Return what a gate said as Markdown, of the dataset that is called so."""
    notes = [markdown.warning(markdown.prose(note, _NOTE)) for note in result["notes"]]
    says = f"{title}. {_said(result)}" if title else _said(result)
    head = markdown.blocks([markdown.prose(says), *notes])
    return markdown.page(head, [_section(result)])


def junit_xml(result: Checked) -> str:
    """Return what a gate said as a JUnit report: a test case for each limit."""
    rows = result["limits"]
    broken = sum(row["ok"] is False for row in rows)
    skipped = sum(row["ok"] is None for row in rows)
    suite = ElementTree.Element(
        "testsuite",
        name="cgaudit check",
        tests=str(len(rows)),
        failures=str(broken),
        errors="0",
        skipped=str(skipped),
    )
    for row in _first(rows):
        case = ElementTree.SubElement(
            suite, "testcase", classname="cgaudit.check", name=_limit_in_words(row), time="0"
        )
        if row["ok"] is not True:
            kind = "skipped" if row["ok"] is None else "failure"
            ElementTree.SubElement(case, kind, message=_in_words(row))
    if (left := len(rows) - JUNIT_CASES) > 0:
        more = ElementTree.SubElement(suite, "system-out")
        more.text = f"{left:,} more limits have no test case here: see `cgaudit check --json`."
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _first(rows: Sequence[Limit]) -> list[Limit]:
    """Return the limits that a report has room for, the broken ones before the others."""
    if len(rows) <= JUNIT_CASES:
        return list(rows)
    return sorted(rows, key=lambda row: row["ok"] is not False)[:JUNIT_CASES]


def github_annotations(result: Checked) -> list[Command]:
    """Return an annotation for each broken limit, the first `ANNOTATIONS`, and what was skipped."""
    broken = [row for row in result["limits"] if row["ok"] is False]
    commands = [annotation("error", _TITLE, _in_words(row)) for row in broken[:ANNOTATIONS]]
    if more := len(broken) - len(commands):
        commands.append(annotation("error", _TITLE, f"… and {more:,} more limits are broken."))
    if result["neutral"]:
        commands.append(annotation("notice", _TITLE, result["neutral"]))
    return commands


def _said(result: Checked) -> str:
    rows = result["limits"]
    if not rows:
        return "No limit is set: nothing was checked. Limits go in params.yaml, cgaudit.check."
    broken = sum(row["ok"] is False for row in rows)
    skipped = sum(row["ok"] is None for row in rows)
    words = [f"{broken} of {len(rows)} limits broken" if broken else ""]
    words.append("all limits hold" if not broken and not skipped else "")
    words.append(f"{skipped} skipped: {visible(result['neutral'], 400)}" if skipped else "")
    return "cgaudit check: " + ", ".join(word for word in words if word)


def _section(result: Checked) -> Section:
    words = {True: "ok", False: "BROKEN", None: "skipped"}
    rows = sorted(result["limits"], key=lambda row: row["ok"] is not False)
    cells = [
        [
            words[row["ok"]],
            row["limit"],
            name(row["class"]) if row["class"] is not None else "",
            _plain(row["threshold"]),
            _plain(row["value"]),
            "" if row["ok"] is None else row["detail"],
        ]
        for row in rows
    ]
    return Section("Limits", ("", "limit", "class", "threshold", "value", ""), cells, folded=False)


def _limit_in_words(row: Limit) -> str:
    of_class = "" if row["class"] is None else f" of class {visible(row['class'])!r}"
    return f"{row['limit']} {_plain(row['threshold'])}{of_class}"


def _in_words(row: Limit) -> str:
    detail = f" ({visible(row['detail'], 400)})" if row["detail"] else ""
    return f"{_limit_in_words(row)}: found {_plain(row['value'])}{detail}"


def _plain(value: float | None) -> str:
    if value is None:
        return "nothing"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
