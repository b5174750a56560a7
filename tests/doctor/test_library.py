"""A featurizer whose library is not there is found before a run fails at it."""

from __future__ import annotations

import pytest

from cgaudit import installed
from cgaudit.doctor import workspace
from cgaudit.paramsfile import parse_params


@pytest.mark.parametrize(
    ("name", "found"), [("timm:x", True), ("patches", False), ("torchscript:m.pt", False)]
)
def test_a_library_that_is_not_installed_is_named(monkeypatch, name, found):
    asked = {"timm": ["timm>=1.0"]}
    monkeypatch.setattr(workspace, "find_spec", lambda name: None)
    monkeypatch.setattr(workspace, "libraries", lambda extra: asked.get(extra, []))
    monkeypatch.setattr(installed, "libraries", lambda extra: asked.get(extra, []))
    findings = list(workspace.library(parse_params({"featurize": {"name": name}}, "test")))
    assert [(it.check, it.fails, it.remedy) for it in findings] == (
        [("install", True, "pip install 'timm>=1.0'")] if found else []
    )


def test_without_parameters_there_is_nothing_to_say():
    assert list(workspace.library(None)) == []
