"""What would go wrong, found beforehand: doctor."""

from __future__ import annotations

from dataclasses import asdict

import click

from cgaudit.cli.console import say, say_json
from cgaudit.cli.stages import HERE
from cgaudit.errors import EXIT_GATE


@click.command()
@click.argument("a", required=False)
@click.argument("b", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(a: str | None, b: str | None, as_json: bool) -> None:
    """Find what would make `cgaudit diff A B` or a CI run fail, and say how to mend it.

    A and B as for `cgaudit diff`; `cgaudit doctor origin/main...HEAD` is what a pull request needs.
    Reads what the diff would read, and asks the DVC remote; writes nothing. Exits with 1 where
    something would fail, with 0 where nothing would: notes alone do not count.
    """
    from cgaudit.pages.doctor import doctor_text
    from cgaudit.verbs.doctor import examine

    findings = examine(HERE, a, b)
    ok = not any(finding.fails for finding in findings)
    if as_json:
        say_json({"ok": ok, "findings": [asdict(finding) for finding in findings]})
    else:
        say(doctor_text(findings))
    if not ok:
        click.get_current_context().exit(EXIT_GATE)
