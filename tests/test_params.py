"""The cgaudit section of params.yaml: what is refused, and in which words."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cgaudit.errors import ParamsError
from cgaudit.params import (
    RECIPE,
    Params,
)
from cgaudit.paramsfile import load_params, parse_params


def write(tmp_path, content):
    path = tmp_path / "params.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path


def test_an_empty_section_is_all_defaults(tmp_path):
    assert load_params(write(tmp_path, {"cgaudit": None})) == Params()


def test_values_are_read(tmp_path):
    section = {"score": {"ridge": 0, "memory_limit": "8GB"}, "source": {"path": "daten/ü"}}
    params = load_params(write(tmp_path, {"other": 1, "cgaudit": section}))
    assert params.score.ridge == 0
    assert params.score.memory_limit == 8_000_000_000
    assert params.source.path == "daten/ü"


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"scroe": {}}, r"cgaudit\.scroe is not a parameter. Did you mean 'score'\?"),
        ({"score": {"rigde": 1}}, r"cgaudit\.score\.rigde .* Did you mean 'ridge'\?"),
        ({"score": {"ridge": -1}}, r"cgaudit\.score\.ridge is -1: .*auto or .*at least 0"),
        ({"score": {"outlier_threshold": -1}}, r"outlier_threshold is -1: .*0"),
        ({"score": {"outlier_threshold": float("inf")}}, r"outlier_threshold is inf: .*finite"),
        ({"score": {"near_duplicate_threshold": 1.5}}, r"near_duplicate_threshold is 1\.5: .*1"),
        ({"score": {"method": "magic"}}, r"'magic'.*'exact'"),
        ({"report": {"samples": "many"}}, r"cgaudit\.report\.samples is 'many'"),
        ({"recipe": RECIPE - 1}, "cgaudit init --upgrade"),
        ({"recipe": RECIPE + 1}, "newer cgaudit"),
    ],
)
def test_mistakes_are_named(tmp_path, section, words):
    with pytest.raises(ParamsError, match=words):
        load_params(write(tmp_path, {"cgaudit": section}))


def test_every_mistake_is_told_at_once(tmp_path):
    section = {"score": {"rigde": 1, "device": 3}}
    with pytest.raises(ParamsError) as caught:
        load_params(write(tmp_path, {"cgaudit": section}))
    assert "rigde" in str(caught.value)
    assert "device" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "not valid YAML"), ("other: 1", "no section"), ("- 1", "no section")],
)
def test_a_file_without_the_section(tmp_path, content, words):
    with pytest.raises(ParamsError, match=words):
        load_params(write(tmp_path, content))


def test_no_file(tmp_path):
    with pytest.raises(ParamsError, match=r"no .*params.yaml.*cgaudit init.*cgaudit audit"):
        load_params(tmp_path / "params.yaml")


def test_in_a_folder_below_it_is_said_where_the_file_is(tmp_path, monkeypatch):
    write(tmp_path, {"cgaudit": None})
    below = tmp_path / "photos" / "cats"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    with pytest.raises(ParamsError, match=f"There is one in {tmp_path}: run this in that folder"):
        load_params(Path("params.yaml"))


def test_unknown_limits_are_named():
    with pytest.raises(ParamsError, match=r"check\.max_introducd .*'max_introduced'"):
        parse_params({"check": {"max_introducd": 1}}, "cgaudit")
    with pytest.raises(ParamsError, match=r"check\.classes\.cat\.max_issues is not a parameter"):
        parse_params({"check": {"classes": {"cat": {"max_issues": 1}}}}, "cgaudit")


@pytest.mark.parametrize(
    ("section", "words", "remedy"),
    [
        ({"source": {"kind": "boxes"}}, "the samples are boxes", {"score": {}}),
        ({"score": {"method": "sampled"}}, "sampled estimates", {"score": {"method": "exact"}}),
        (
            {"score": {"likelihood": "softmax"}},
            r"score\.likelihood is about classes",
            {"score": {}},
        ),
        ({"score": {"issue_rule": "disagreement"}}, r"score\.issue_rule is about", {"score": {}}),
        (
            {"check": {"any_class": {"max_issue_rate": 1}}},
            r"check\.any_class limits",
            {"check": {}},
        ),
        ({"check": {"classes": {"a": {}}}}, r"check\.classes limits classes", {"check": {}}),
    ],
)
def test_what_makes_no_sense_of_numbers_is_refused(section, words, remedy):
    def with_task(part, task):
        return {**part, "score": {**part.get("score", {}), "task": task}}

    with pytest.raises(ParamsError, match=words):
        parse_params(with_task(section, "regression"), where="cgaudit")
    task = "classification" if "kind" in section.get("source", {}) else "regression"
    parse_params(with_task(section | remedy, task), where="cgaudit")


def test_limits_on_numbers_need_numbers():
    section = {"check": {"max_typical_residual": 3}}
    with pytest.raises(ParamsError, match=r"set score\.task: regression"):
        parse_params(section, where="cgaudit")
    parse_params(section | {"score": {"task": "regression"}}, where="cgaudit")


@pytest.mark.parametrize(
    ("section", "words", "remedy"),
    [
        ({"source": {"kind": "boxes"}}, "the samples are boxes", {"source": {}}),
        ({"score": {"method": "sampled"}}, "sampled estimates", {"score": {"method": "exact"}}),
        ({"score": {"likelihood": "softmax"}}, r"score\.likelihood is about", {"score": {}}),
        ({"check": {"max_typical_residual": 3}}, "labels that are numbers", {"check": {}}),
        (
            {"source": {"label_separator": "a"}},
            "which labels and lists are written with",
            {"source": {"label_separator": "|"}},
        ),
        ({"source": {"label_separator": '"'}}, "lists are written with", {"source": {}}),
        (
            {"source": {"label_separator": ";;;;"}},
            r"source\.label_separator is ';;;;': string should have at most 3",
            {"source": {"label_separator": "; "}},
        ),
        (
            {"source": {"label_separator": ""}},
            "at least 1 character",
            {"source": {"label_separator": " "}},
        ),
    ],
)
def test_what_makes_no_sense_of_several_labels_is_refused(section, words, remedy):
    def several(part):
        return {**part, "score": {**part.get("score", {}), "task": "multilabel"}}

    with pytest.raises(ParamsError, match=words):
        parse_params(several(section), where="cgaudit")
    found = parse_params(several(section | remedy), where="cgaudit")
    assert found.sets == (found.source.label_separator,)


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_a_separator_of_labels_takes_several(task):
    section = {"source": {"label_separator": ";"}, "score": {"task": task}}
    with pytest.raises(ParamsError, match=r"Remove it, or set score\.task: multilabel"):
        parse_params(section, where="cgaudit")
    section["score"]["task"] = "multilabel"
    assert parse_params(section, where="cgaudit").sets == (";",)


def test_limits_of_classes_and_rules_of_flags_are_for_several_labels_too():
    section = {
        "score": {"task": "multilabel", "issue_rule": "disagreement"},
        "check": {"any_class": {"max_issue_rate": 1}},
    }
    parse_params(section, where="cgaudit")
