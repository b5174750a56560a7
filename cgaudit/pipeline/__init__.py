"""The verbs of the main job, a file a stage: read the inputs, call the core, write the outputs."""

from cgaudit.pipeline.audit import audit
from cgaudit.pipeline.compute import read_or_compute
from cgaudit.pipeline.diffpage import diff_page
from cgaudit.pipeline.featurize import featurize, fit
from cgaudit.pipeline.report import markdown, report, write_page
from cgaudit.pipeline.score import dry_run, score
from cgaudit.results.audited import Audited

__all__ = [
    "Audited",
    "audit",
    "diff_page",
    "dry_run",
    "featurize",
    "fit",
    "markdown",
    "read_or_compute",
    "report",
    "score",
    "write_page",
]
