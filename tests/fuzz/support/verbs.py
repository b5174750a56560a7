"""The verbs that read what others committed, and where each may write."""

from __future__ import annotations

from sandbox import Verb

DIFF = Verb(("diff", "v1"))
DIFF_PAGE = Verb(("diff", "v1", "--html", "../out/diff.html"), ("out/diff.html",))
DIFF_COMMITTED = Verb(("diff", "v1", "HEAD", "--md"))
DIFF_COMPUTED = Verb(("diff", "v1", "HEAD", "--compute", "--json"))
CHECK = Verb(("check", "v1", "--github", "--junit", "../out/check.xml"), ("out/check.xml",))
CHECK_COMMITTED = Verb(("check", "v1...HEAD", "--json"))
HISTORY = Verb(("history", "--html", "../out/history.html"), ("out/history.html",))
MOVES = Verb(("history", "--moves", "--json"))
DOCTOR = Verb(("doctor",))
REPORT = Verb(("report",), ("repo/reports/index.html",))
REPORT_SHORT = Verb(("report", "--md"))
FEATURIZE = Verb(("featurize",), ("repo/reports",))
SCORE = Verb(("score",), ("repo/reports", "repo/.git/cgaudit/kept"))
SCORE_DRY = Verb(("score", "--dry-run"))
SELECT = Verb(("select",), ("repo/reports",))
IMPORT = Verb(("import", "values.csv"), ("repo/reports",))
DYNAMICS = Verb(("dynamics", "log.jsonl"), ("repo/reports",))
EXPORTS = tuple(
    Verb(
        ("export", "--to", name, "--out", f"../out/{name}"),
        (f"out/{name}", "repo/.git/cgaudit/kept"),
    )
    for name in ("csv", "jsonl", "label-studio", "cleanlab", "fiftyone", "cvat")
)
#: Those that read a scores table of the workspace.
OF_SCORES = (DIFF, DIFF_PAGE, CHECK, MOVES, REPORT, REPORT_SHORT, DOCTOR, *EXPORTS)
