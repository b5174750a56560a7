"""Audits of one file, without stages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cgaudit.paramsfile import parse_params
from cgaudit.results.audited import Audited
from cgaudit.verbs.audit import audit


def audit_of(file: Path, **section: Any) -> Audited:
    """Audit a file as a section of params.yaml says, whose source has its path already."""
    source = {"path": str(file), **section.pop("source", {})}
    silent = dict.fromkeys(("featurize", "score"), lambda done, total: None)
    params = parse_params({"source": source, **section}, where="test")
    return audit(params, file.parent / "out", silent)
