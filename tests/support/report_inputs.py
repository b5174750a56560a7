"""Inputs of the report's tests: real pictures, planted label errors, plausible scores."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from cgaudit.pages.audit import ReportOptions, build_context
from cgaudit.pages.frame.asked import Evidence, Neighbour, Question, Sights
from cgaudit.results.metrics import Metrics
from cgaudit.results.overview import Overview
from cgaudit.results.summary import summarise
from cgaudit.results.table import Provenance, Scores

PROVENANCE = {
    "recipe": 1,
    "featurizer": "patches",
    "featurizer_fingerprint": "9c1d2f0a",
    "method": "exact",
    "ridge": 0.1,
    "likelihood": "gaussian",
    "landmarks": None,
    "seed": 0,
    "precision": "float32",
    "device": "cpu",
    "version": "0.1.0",
}

NOTHING_SKIPPED = pd.DataFrame({"id": [], "reason": []}, dtype="object")


def scores_table(
    ids: Sequence[str], given: Sequence[str], truth: Sequence[str], seed: int = 0
) -> pd.DataFrame:
    """Return a scores table as an audit that is mostly, not always, right would make it."""
    rng = np.random.default_rng(seed)
    classes = sorted(set(truth) | set(given))
    code = {name: i for i, name in enumerate(classes)}
    n, k = len(ids), len(classes)
    logits = rng.normal(0, 1.1, (n, k))
    logits[np.arange(n), [code[name] for name in truth]] += rng.gamma(6, 0.8, n)
    probability = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    order = np.argsort(-probability, axis=1)[:, : min(5, k)]
    own = probability[np.arange(n), [code[name] for name in given]]
    predicted = np.array(classes, dtype=object)[order[:, 0]]
    best = probability[np.arange(n), order[:, 0]]
    return pd.DataFrame(
        {
            "id": list(ids),
            "given_label": list(given),
            "predicted_label": predicted,
            "label_score": own.astype(np.float32),
            "is_label_issue": (predicted != np.array(given, dtype=object)) & (best > 0.55),
            "cg_score": (4 * (1 - own) ** 2 + rng.gamma(1, 0.2, n)).astype(np.float32),
            "margin": (best - own).astype(np.float32),
            "top_labels": [[classes[j] for j in row] for row in order],
            "top_scores": [probability[i, row].tolist() for i, row in enumerate(order)],
            "content_hash": [f"{i:032x}" for i in range(n)],
        }
    )


def four_classes(n: int = 60, seed: int = 1) -> pd.DataFrame:
    """Return a table of four classes in which a fifth of the labels were given at random."""
    rng = np.random.default_rng(seed)
    truth = [f"class {i}" for i in rng.integers(0, 4, n)]
    given = [f"class {rng.integers(0, 4)}" if rng.random() < 0.2 else name for name in truth]
    return scores_table([f"s{i:03d}" for i in range(n)], given, truth)


def metrics_of(scores: pd.DataFrame, n_skipped: int = 0) -> Metrics:
    complexity = dict.fromkeys(scores["given_label"].dropna().unique(), 1.131)
    return summarise(scores, complexity, n_skipped)


def overview_of(scores: pd.DataFrame, task: str = "classification") -> Overview:
    """Return the overview of a scores table."""
    return Overview.of(Scores(scores, Provenance(**PROVENANCE, task=task)))


def inputs(scores: pd.DataFrame, **changes: Any) -> dict[str, Any]:
    """Return the arguments of `build_context`, some of them changed.

    No random samples are shown unless `params` ask for them; labels are those of `task`.
    """
    skipped = changes.get("skipped", NOTHING_SKIPPED)
    sights = {
        name: changes.pop(name)
        for name in ("picture", "excerpt", "neighbours", "columns", "cells", "scene", "whole")
        if name in changes
    }
    return {
        "scores": overview_of(scores, changes.pop("task", "classification")),
        "metrics": changes.get("metrics") or metrics_of(scores, len(skipped)),
        "skipped": skipped,
        "provenance": PROVENANCE,
        "params": ReportOptions(random_samples=0),
        "sights": Sights(**sights),
    } | changes


def neighbours_in(scores: pd.DataFrame, k: int = 4) -> Any:
    """Return a finder that takes the next samples of the table as the nearest ones."""
    ids, labels = scores["id"].tolist(), scores["given_label"].tolist()
    place = {sample: at for at, sample in enumerate(ids)}

    def after(sample: str, wanted: str | None, n: int) -> list[int]:
        others = ((place[sample] + step) % len(ids) for step in range(1, len(ids)))
        fitting = (j for j in others if labels[j] is not None and wanted in (None, labels[j]))
        return list(islice(fitting, n))

    def find(questions: Sequence[Question]) -> list[Evidence]:
        return [
            Evidence(
                [Neighbour(ids[j], 0.9) for j in after(sample, given, k)],
                [Neighbour(ids[j], 0.8) for j in after(sample, rival, k) if rival is not None],
                [labels[j] for j in after(sample, None, 10)],
            )
            for sample, given, rival in questions
        ]

    return find


def digits() -> dict[str, Any]:
    """Return scikit-learn's digits with 4 % of the labels flipped."""
    from sklearn.datasets import load_digits

    data = load_digits()
    rng = np.random.default_rng(7)
    truth = [str(label) for label in data.target]
    given = [
        str((int(label) + rng.integers(1, 10)) % 10) if rng.random() < 0.04 else label
        for label in truth
    ]
    ids = [f"digits/{i:04d}.png" for i in range(len(truth))]
    pictures = {
        sample: Image.fromarray(np.round(pixels * 255 / 16).astype(np.uint8))
        for sample, pixels in zip(ids, data.images, strict=True)
    }
    scores = scores_table(ids, given, truth)
    return inputs(
        scores,
        picture=pictures.get,
        neighbours=neighbours_in(scores),
        params=ReportOptions(title="Handwritten digits"),
    )


def wild(n_classes: int = 60) -> dict[str, Any]:
    """Return texts whose names are everything that breaks a layout."""
    rng = np.random.default_rng(3)
    names = [
        "<script>alert(1)</script>",
        "قطة سوداء صغيرة جدا في الحديقة",
        "日本語のとても長いクラス名がここに入ります長い長い",
        "a_very_long_class_name_without_any_place_to_break_" * 4,
        "עברית",
        '"quoted" & <b>bold</b>',
        " ",
        "👩‍🔬 scientist",
        "a long class name with many words that goes on and on beyond all reason",
    ]
    names += [f"intent_number_{i}" for i in range(n_classes - len(names))]
    truth = [names[i] for i in rng.integers(0, len(names), 1500)]
    given = [names[rng.integers(0, 12)] if rng.random() < 0.1 else name for name in truth]
    ids = [
        f"row {i} of a table/with <i>odd</i> & very long ids {'x' * (i % 90)}" for i in range(1500)
    ]
    texts = {
        sample: f"{given[i]} — <img src=x onerror=alert(1)> "
        + "My card was declined at the shop and I do not know why. " * (1 + i % 9)
        for i, sample in enumerate(ids)
    }
    skipped = pd.DataFrame({"id": ["<u>x</u>" * 20] * 3, "reason": ["bad\x00bytes <b>"] * 3})
    scores = scores_table(ids, given, truth)
    return inputs(
        scores,
        skipped=skipped,
        excerpt=texts.get,
        neighbours=neighbours_in(scores),
        params=ReportOptions(random_samples=20),
    )


HOSTILE = ["<b>a</b>", "b & \"c\" 'd'", "עברית", "x" * 300, "</li>test"]

HARMLESS = ["a", "b", "z", "x" * 300, "test"]


def odd_table(
    sets: list[list[int]], outliers: dict[int, float], table: pd.DataFrame
) -> pd.DataFrame:
    """Return the table with the columns of oddities: these sets, these outliers' scores."""
    n = len(table)
    number = np.full(n, -1, dtype=np.int64)
    for at, rows in enumerate(sets):
        number[rows] = at
    score = np.full(n, 0.5, dtype=np.float32)
    score[list(outliers)] = list(outliers.values())
    of_set = table.groupby(number)
    splits = of_set["split"].transform("nunique") if "split" in table else pd.Series(np.zeros(n))
    return table.assign(
        outlier_score=score,
        is_outlier_issue=np.isin(np.arange(n), list(outliers)),
        near_duplicate_set=number,
        is_near_duplicate_issue=number >= 0,
        is_duplicate_conflict=(number >= 0) & (of_set["given_label"].transform("nunique") > 1),
        is_split_leak=(number >= 0) & (splits > 1),
    )


def many_odd(names: list[str] = HOSTILE, n: int = 400) -> pd.DataFrame:
    """Forty pairs and one set of twenty, and a hundred outliers; the last name is of a split."""
    given = [names[i % 4] for i in range(n)]
    table = scores_table([f"{i:03d} of {names[0]}" for i in range(n)], given, given).assign(
        split=["train" if i % 3 else names[4] for i in range(n)]
    )
    sets = [[2 * i, 2 * i + 1] for i in range(40)] + [list(range(100, 120))]
    return odd_table(sets, {row: 1e-4 / row for row in range(200, 300)}, table)


def odd() -> dict[str, Any]:
    """Return texts with near-duplicates and outliers, their names as hostile as can be."""
    return inputs(
        many_odd(), excerpt=lambda sample: f"{sample} <img src=x> " * (1 + len(sample) % 9)
    )


def noise(sample: str) -> Image.Image:
    """Return a picture that no encoder can shrink."""
    seed = zlib.crc32(sample.encode())
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (96, 96, 3), np.uint8))


def context_of(scores: pd.DataFrame, **changes: Any) -> dict[str, Any]:
    """Return what a report of the ten worst samples and five drawn ones says."""
    options = ReportOptions(samples=10, random_samples=5)
    return build_context(**inputs(scores, **({"params": options} | changes)))


def picture_of(seed: int, side: int = 64) -> Image.Image:
    """Return a picture that differs from those of other seeds."""
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    return Image.fromarray(pixels)
