"""How much the softmax should count beside least squares, by how many classes there are.

    python benchmarks/classes.py [DATA] --cache FOLDER

Average precision of `label_score` with shares of the softmax from 0 (least squares) to 1, at the λ
that is chosen and at 0.3; a tenth of the labels flipped. Sets of ten classes, random parts of
banking77 with 20, 40 and all classes, and pairs: two pictures side by side, labelled by both.
"""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import numpy as np
from machine import machine
from sets import Array, LabelledSet, arguments, every, uniform
from sklearn.metrics import average_precision_score

from cgaudit.score import choose_ridge, classify, score_labels

SHARES = (0.0, 0.5, 2 / 3, 0.8, 0.9, 1.0)
TENS = ("cifar10n-3k", "clothing", "signs", "digits 10 %")
MANY = ("banking77 10 %", "banking77 MiniLM 10 %")
PAIRED = ("clothing", "signs", "digits 10 %")
#: Classes of a picture of a pair, and pairs.
SIDES, PAIRS = 6, 1800


def main() -> None:
    asked = arguments(__doc__.splitlines()[0]).parse_args()
    print(f"{machine()}\n")
    print(f"| set | rows | classes | λ | {' | '.join(f'{share:.2f}' for share in SHARES)} | used |")
    print(f"|---|---|---|---|{'---|' * len(SHARES)}---|")
    wanted = asked.sets or [*TENS, *MANY]
    for name, made in every(asked.data, asked.cache, wanted, seeds=1):
        for one in parts(name, made[0]):
            for ridge in sorted({choose_ridge(one.features, one.given), 0.3}):
                print(row(one, ridge), flush=True)


def row(one: LabelledSet, ridge: float) -> str:
    """Return one row of the table."""
    n_classes = len(np.unique(one.given))
    found = [precision(one, ridge, share) for share in SHARES]
    used = classify.softmax_share(n_classes)
    cells = [one.name, f"{len(one.given):,}", n_classes, f"{ridge:g}"]
    cells += [f"{value:.4f}" for value in found] + [f"{used:.2f}"]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def precision(one: LabelledSet, ridge: float, share: float) -> float:
    """Return the average precision where the softmax counts so much."""
    with patch.object(classify, "softmax_share", lambda n_classes: share):
        found = score_labels(one.features, one.given, ridge=ridge)
    return float(average_precision_score(one.wrong, -found.label_score))


def parts(name: str, whole: LabelledSet) -> Iterator[LabelledSet]:
    """Yield the set, smaller parts of one of many classes, and pairs of one of few."""
    yield whole
    classes = np.unique(whole.true)
    if name in MANY:
        for count in (20, 40):
            kept = np.isin(whole.true, np.random.default_rng(count).permutation(classes)[:count])
            true = whole.true[kept]
            given = uniform(0.1)(true, np.random.default_rng(1))
            yield LabelledSet(f"{name}, a part", whole.features[kept], given, true)
    if name in PAIRED:
        yield paired(name, whole, classes[:SIDES])


def paired(name: str, whole: LabelledSet, classes: Array) -> LabelledSet:
    """Return random pairs of samples of the classes, a tenth of them labelled wrong."""
    rows = np.flatnonzero(np.isin(whole.true, classes))
    left, right = np.random.default_rng(0).choice(rows, (2, PAIRS))
    lengths = np.linalg.norm(whole.features, axis=1, keepdims=True)
    units = whole.features / np.maximum(lengths, 1e-12)
    true = np.char.add(np.char.add(whole.true[left], "|"), whole.true[right])
    given = uniform(0.1)(true, np.random.default_rng(1))
    return LabelledSet(f"{name}, pairs", np.hstack([units[left], units[right]]), given, true)


if __name__ == "__main__":
    main()
