"""Inputs of the tests of the comparison's page: two versions of a table, really compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image
from provenance import PROVENANCE
from report_inputs import neighbours_in, scores_table

from cgaudit.errors import UnreadableSample
from cgaudit.pages.change import DiffOptions, Versions
from cgaudit.pages.frame.asked import Sights
from cgaudit.results.table import Scores
from cgaudit.versions import by_concern, compare

LACKING = "Its content is neither in the cache nor on a remote."


def comparison(
    a: pd.DataFrame,
    b: pd.DataFrame,
    *,
    versions: Versions | None = None,
    options: DiffOptions | None = None,
    reviewed: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Return the arguments of `build_diff_context`."""
    diff = compare(
        Scores(a, PROVENANCE), Scores(b, PROVENANCE), ids_are_paths=False, reviewed=reviewed
    )
    diff["a"] |= {"revision": "main (1234567)", "commit": "1234567" + "0" * 33}
    diff["b"] |= {"revision": "the workspace", "commit": None}
    return {
        "diff": by_concern(diff),
        "options": options or DiffOptions(title="Handwritten digits"),
        "versions": versions,
    }


def changed(
    ids: Sequence[str],
    truth: Sequence[str],
    before: Sequence[str],
    after: Sequence[str],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return two versions: relabelled, 5 samples removed, 7 added, 4 edited and 3 renamed."""
    a = scores_table(ids, before, truth)
    b = scores_table(ids, after, truth, seed=1)
    a, b = a.iloc[7:], b.iloc[:-5].copy()
    edited = b.columns.get_loc("content_hash")
    b.iloc[30:34, edited] = [f"{i:032d}" for i in range(4)]
    for row in range(40, 43):
        b.iloc[row, b.columns.get_loc("id")] = f"renamed/{b.iloc[row]['id']}"
    return a, b.sort_values("id", ignore_index=True)


def digits_change() -> dict[str, Any]:
    """Return scikit-learn's digits with 60 labels corrected and 12 spoiled; two without picture."""
    from sklearn.datasets import load_digits

    data = load_digits()
    n = 600
    rng = np.random.default_rng(7)
    truth = [str(label) for label in data.target[:n]]
    other = [str((int(label) + rng.integers(1, 10)) % 10) for label in truth]
    picked = 50 + rng.permutation(n - 60)[:92]
    before, after = truth.copy(), truth.copy()
    for row in picked[:80]:
        before[row] = other[row]
    for row in picked[60:]:
        after[row] = other[row]
    ids = [f"digits/{i:04d}.png" for i in range(n)]
    pictures = {
        sample: Image.fromarray(np.round(pixels * 255 / 16).astype(np.uint8))
        for sample, pixels in zip(ids, data.images, strict=False)
    }
    hidden = {ids[row] for row in picked[:2]}

    def picture(sample: str) -> Image.Image:
        name = sample.removeprefix("renamed/")
        if name in hidden:
            raise UnreadableSample(LACKING)
        return pictures[name]

    a, b = changed(ids, truth, before, after)
    sights = Sights(picture=picture, neighbours=neighbours_in(b))
    return comparison(a, b, versions=shown(a, b, sights))


def shown(a: pd.DataFrame, b: pd.DataFrame, sights: Sights) -> Versions:
    """Show both versions of a sample where its content differs."""
    contents = [dict(zip(t["id"], t["content_hash"], strict=True)) for t in (a, b)]
    return Versions(
        sights,
        sights,
        lambda id_a, id_b: contents[0][id_a] == contents[1][id_b],
        contents[1].get,
    )


def wild_change(n_classes: int = 40) -> dict[str, Any]:
    """Return texts whose names are everything that breaks a layout."""
    rng = np.random.default_rng(3)
    names = [
        "<script>alert(1)</script>",
        "قطة سوداء صغيرة جدا في الحديقة",
        "日本語のとても長いクラス名がここに入ります長い長い",
        "a_very_long_class_name_without_any_place_to_break_" * 4,
        '"quoted" & <b>bold</b>',
        " ",
        "a long class name with many words that goes on and on beyond all reason",
    ]
    names += [f"intent_number_{i}" for i in range(n_classes - len(names))]
    n = 500
    truth = [names[i] for i in rng.integers(0, len(names), n)]
    before = [names[rng.integers(0, 12)] if rng.random() < 0.2 else name for name in truth]
    after = [names[rng.integers(0, 12)] if rng.random() < 0.2 else name for name in before]
    ids = [
        f"row {i:03} of a table/with <i>odd</i> & very long ids {'x' * (i % 90)}" for i in range(n)
    ]

    def excerpt(sample: str) -> str:
        text = "<img src=x onerror=alert(1)> My card was declined at the shop. "
        return f"{sample} {text * (1 + len(sample) % 7)}"

    a, b = changed(ids, truth, before, after)
    options = DiffOptions(title="<b>Texts</b> & more")
    return comparison(a, b, versions=shown(a, b, Sights(excerpt=excerpt)), options=options)
