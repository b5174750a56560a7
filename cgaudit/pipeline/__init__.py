"""The verbs of the main job, a file a stage: read the inputs, call the core, write the outputs."""

from cgaudit.pipeline.audit import audit
from cgaudit.pipeline.featurize import featurize, fit
from cgaudit.pipeline.outputs import REPORTS, Audit, Outputs
from cgaudit.pipeline.report import markdown, report
from cgaudit.pipeline.score import dry_run, score

__all__ = [
    "REPORTS",
    "Audit",
    "Outputs",
    "audit",
    "dry_run",
    "featurize",
    "fit",
    "markdown",
    "report",
    "score",
]
