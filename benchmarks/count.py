"""How honest the expected number of wrong labels is, and the expected precision of the flags.

    python benchmarks/count.py DATA [--only WORD] [--cache DIR] [--ridge 0.1]

DATA is the folder that holds cifar10n-3k, cifar10n-50k, clothing, signs and banking77; the digits
are scikit-learn's, the demo is this repository's own. Five tables: what is said of each set and
what is true; the same where features are made to know the true label better and better, as those of
a large network would; what planted flips add to the count; what the count adds to a random audit;
and what it costs.
Flags are, as many as confident learning counts, those with the lowest label_score whose suggestion
differs. "banking77" has label errors of its own that its truth column does not know.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import torch
from machine import machine
from PIL import Image
from scipy.stats import beta
from sklearn.datasets import load_digits

from cgaudit.dataset import join_labels, open_source
from cgaudit.executor import Inline
from cgaudit.featurize import create_featurizer, featurize, fit_featurizer
from cgaudit.numerics.contents import keys_of, row_digests
from cgaudit.params import RECIPE, SourceParams
from cgaudit.score import Judging, LabelScores, Solving, score_labels, score_with
from cgaudit.score.expected_errors import ExpectedErrors, expect_errors
from cgaudit.score.labelling import PartLabels
from cgaudit.score.predictions import WholeLogits

#: Rows of cifar10n-50k that two sets of 3,000 are cut from.
CUT = 3000
#: What the count is worth beside a random audit, where it is told as such.
PRIOR_LOOKS = 20
DEMO = Path(__file__).parent.parent / "data"


class Labelled(NamedTuple):
    """Features of n samples, their given labels and the true ones."""

    name: str
    features: np.ndarray
    given: np.ndarray
    true: np.ndarray


class Sets:
    """The sets, one after the other; vectors are kept in a folder."""

    def __init__(self, data: Path, cache: Path) -> None:
        self._data, self._cache = data, cache

    def all(self) -> Iterator[Labelled]:
        """Yield every set."""
        yield self._folder("cifar10n-3k")
        for name in ("clothing", "signs"):
            found = self._folder(name)
            yield found
            yield from flips(found, (0.0, 0.02, 0.05, 0.2))
            yield toward_neighbour(found, 0.1)
        yield from self._demo()
        yield from self._texts()
        yield from self._cifar()

    def _folder(self, name: str) -> Labelled:
        folder = self._data / name
        table = self._vectors(name, {"path": str(folder / "images")})
        given = pd.read_csv(folder / "labels.csv", dtype=str)
        given.index = given["path"].map(lambda path: path.removeprefix("images/"))
        true = pd.read_csv(folder / "truth.csv", dtype=str).set_index("id")["true_label"]
        given = given.loc[table.ids]
        theirs = true[given["id"]].to_numpy()
        return Labelled(name, table.features, given["label"].to_numpy(), theirs)

    def _demo(self) -> Iterator[Labelled]:
        options = {"filters": 64, "components": 128}
        with tempfile.TemporaryDirectory() as scratch:
            for number, pixels in enumerate(load_digits().images):
                grey = np.round(pixels * (255 / 16)).astype(np.uint8)
                Image.fromarray(grey).save(Path(scratch) / f"{number:04}.png")
            table = self._vectors("digits", {"path": scratch}, options)
        given = pd.read_csv(DEMO / "labels.csv", dtype=str)["label"].to_numpy()
        true = pd.read_csv(DEMO / "truth.csv", dtype=str)["true_label"].to_numpy()
        yield Labelled("demo", table.features, given, true)
        digits = Labelled("digits", table.features, true, true)
        yield from flips(digits, (0.0, 0.01, 0.05, 0.1, 0.2))
        yield toward_neighbour(digits, 0.1)

    def _texts(self) -> Iterator[Labelled]:
        table = pd.read_csv(self._data / "banking77" / "train.csv", dtype=str)
        table = table.sample(4000, random_state=0).reset_index(drop=True)
        with tempfile.TemporaryDirectory() as scratch:
            table.to_csv(Path(scratch) / "train.csv", index=False)
            source = {"path": str(Path(scratch) / "train.csv"), "label_column": "category"}
            found = self._vectors("banking77", source)
        features, true = found.features, table["category"].to_numpy()[found.ids.astype(int)]
        yield from flips(Labelled("banking77", features, true, true), (0.0, 0.1, 0.3))

    def _cifar(self) -> Iterator[Labelled]:
        table = pq.read_table(self._data / "cifar10n-50k" / "train.parquet").slice(0, 2 * CUT)
        with tempfile.TemporaryDirectory() as scratch:
            pq.write_table(table, Path(scratch) / "train.parquet")
            source = {"path": str(Path(scratch) / "train.parquet"), "label_column": "true_label"}
            features = self._vectors("cifar10n-6k", source).features
        labels = table.drop(["image"]).to_pandas().astype(str)
        for part in (slice(0, CUT), slice(CUT, 2 * CUT)):
            name, (random1, aggre, true) = (
                f"cifar10 {part.start}+",
                (
                    labels[column].to_numpy()[part]
                    for column in ("random_label1", "aggre_label", "true_label")
                ),
            )
            yield Labelled(f"{name}, random1", features[part], random1, true)
            yield Labelled(f"{name}, aggre", features[part], aggre, true)
            right = Labelled(name, features[part], true, true)
            yield from flips(right, (0.0, 0.1, 0.4))
            yield toward_neighbour(right, 0.4)

    def _vectors(self, name: str, source: dict, options: dict | None = None) -> Vectors:
        kept = self._cache / f"{name}.npz"
        if not kept.exists():
            found = vectors(SourceParams(**source), options or {})
            self._cache.mkdir(parents=True, exist_ok=True)
            np.savez(kept, ids=found.ids.astype(str), features=found.features)
        with np.load(kept) as stored:
            return Vectors(stored["ids"], stored["features"])


class Vectors(NamedTuple):
    """Ids and features of n samples."""

    ids: np.ndarray
    features: np.ndarray


def vectors(params: SourceParams, options: dict) -> Vectors:
    """Return what the default pipeline makes of a source, in the order of the source."""
    source = open_source(params)
    featurizer = create_featurizer("auto", options, kind=source.kind)
    fit_featurizer(source, featurizer, source.samples()[0])
    with tempfile.TemporaryDirectory() as scratch:
        done = featurize(source, featurizer, Path(scratch) / "features", recipe=RECIPE)
        table = join_labels(done.samples).table
        return Vectors(table["id"].to_numpy(), done.store.take(table["content_hash"].tolist()))


def flipped(labels: np.ndarray, share: float, seed: int = 0) -> np.ndarray:
    """Return the labels with a share of them replaced by another one, evenly."""
    rng = np.random.default_rng(seed)
    classes, codes = np.unique(labels, return_inverse=True)
    wrong = rng.choice(len(codes), round(share * len(codes)), replace=False)
    codes[wrong] = (codes[wrong] + rng.integers(1, len(classes), len(wrong))) % len(classes)
    return classes[codes]


def flips(right: Labelled, shares: tuple[float, ...]) -> Iterator[Labelled]:
    """Yield the set with shares of its true labels flipped evenly."""
    for share in shares:
        given = flipped(right.true, share)
        yield right._replace(name=f"{right.name}, {share:.0%} flipped", given=given)


def toward_neighbour(right: Labelled, share: float) -> Labelled:
    """Return the set with a share of its true labels moved to the next class."""
    rng = np.random.default_rng(0)
    classes, codes = np.unique(right.true, return_inverse=True)
    wrong = rng.choice(len(codes), round(share * len(codes)), replace=False)
    codes[wrong] = (codes[wrong] + 1) % len(classes)
    return right._replace(name=f"{right.name}, {share:.0%} to a neighbour", given=classes[codes])


def knowing(found: Labelled, spread: float) -> Labelled:
    """Return the set with columns that know the true label, but for noise of this spread."""
    rng = np.random.default_rng(0)
    unit = found.features / np.linalg.norm(found.features, axis=1, keepdims=True)
    classes, codes = np.unique(found.true, return_inverse=True)
    known = np.eye(len(classes))[codes] + spread * rng.normal(size=(len(codes), len(classes)))
    features = np.hstack([unit, known / 2]).astype(np.float32)
    return found._replace(name=f"{found.name}, spread {spread}", features=features)


class Audit(NamedTuple):
    """A set, its scores, which labels are wrong, and the flags by rank."""

    of: Labelled
    scores: LabelScores
    wrong: np.ndarray
    flagged: np.ndarray

    @property
    def expected(self) -> ExpectedErrors:
        """What the scores expect."""
        assert self.scores.expected_errors is not None
        return self.scores.expected_errors


def audited(found: Labelled, ridge: float | str, likelihood: str = "both") -> Audit:
    """Score a set and flag by rank."""
    scores = score_labels(found.features, found.given, ridge=ridge, likelihood=likelihood)
    differs = np.flatnonzero(scores.predicted_label != found.given)
    ranked = differs[np.argsort(scores.label_score[differs], kind="stable")]
    flagged = np.zeros(len(found.given), dtype=bool)
    flagged[ranked[: scores.is_label_issue.sum()]] = True
    return Audit(found, scores, found.given != found.true, flagged)


HEADER = (
    "| set | wrong | the count says | estimate | doubt | flags | stated, true precision "
    "| mean w, true of the top 20, 50, 100 | Σ(1 − label_score) |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def row(audit: Audit) -> str:
    """Return what is said of a set beside what is true."""
    expected, wrong = audit.expected, audit.wrong
    w, order = expected.error_probability, np.argsort(audit.scores.label_score, kind="stable")
    stated = expected.flag_precision(audit.flagged)
    said = "–" if stated is None else f"{'≥ ' * expected.is_lower_bound}{stated:.2f}"
    true = f"{wrong[audit.flagged].mean():.2f}" if audit.flagged.any() else "–"
    top = ", ".join(
        f"{w[order[:k]].mean():.2f}/{wrong[order[:k]].mean():.2f}" for k in (20, 50, 100)
    )
    naive = (1 - audit.scores.label_score).sum()
    return (
        f"| {audit.of.name} | {wrong.sum():,} | {words(expected)} "
        f"| {expected.n_expected_errors:,.0f} | {expected.n_doubtful:,.0f} "
        f"| {audit.flagged.sum():,} | {said}, {true} | {top} | {naive:,.0f} |"
    )


def words(expected: ExpectedErrors) -> str:
    """Return the count as it is told."""
    if expected.low < 1:
        return "none stands out"
    if expected.is_lower_bound:
        return f"at least {np.floor(expected.low):,.0f}"
    return (
        f"about {expected.n_expected_errors:,.0f} "
        f"({np.floor(expected.low):,.0f} to {np.ceil(expected.high):,.0f})"
    )


def planted(audit: Audit, share: float = 0.05) -> float:
    """Return what flipping a share of the given labels adds to the count, per flip."""
    given = flipped(audit.of.given, share, seed=1)
    again = score_labels(audit.of.features, given, ridge=audit.scores.info.ridge)
    assert again.expected_errors is not None
    more = again.expected_errors.n_expected_errors - audit.expected.n_expected_errors
    return float(more / (given != audit.of.given).sum())


def random_audits(audit: Audit, looks: int, repeats: int = 2000) -> str:
    """Return how far off, and how often inside its 95 % interval, each way to combine is."""
    rng = np.random.default_rng(0)
    n, wrong = len(audit.wrong), audit.wrong
    expected = audit.expected
    cells = []
    ways = {"audit": (0.5, 0.5), "with the count": prior(expected, n)}
    drawn = [rng.choice(n, looks, replace=False) for _ in range(repeats)]
    found = np.array([wrong[rows].sum() for rows in drawn])
    floor = expected.low / n if expected.is_lower_bound else 0.0
    for way, (a, b) in ways.items():
        share = (found + a) / (looks + a + b)
        low, high = beta.ppf([[0.025], [0.975]], found + a, looks - found + b)
        low[found == 0] = 0
        if way != "audit":
            share, low = np.maximum(share, floor), np.maximum(low, floor)
            high = np.maximum(high, floor)
        inside = ((low <= wrong.mean()) & (wrong.mean() <= high)).mean()
        error = np.sqrt(((share - wrong.mean()) ** 2).mean())
        cells.append(f"{n * error:,.0f}, {inside:.2f}, {n * (high - low).mean():,.0f}")
    return " | ".join(cells)


def prior(expected: ExpectedErrors, n: int) -> tuple[float, float]:
    """Return the Beta prior of the share of wrong labels: `PRIOR_LOOKS` looks, where it is told."""
    if expected.is_lower_bound:
        return 0.5, 0.5
    share = expected.n_expected_errors / n
    return 0.5 + PRIOR_LOOKS * share, 0.5 + PRIOR_LOOKS * (1 - share)


def cost(audit: Audit) -> str:
    """Return what the count takes, and scoring with and without the choice of λ."""
    codes = torch.from_numpy(np.unique(audit.of.given, return_inverse=True)[1])
    ridge = audit.scores.info.ridge
    judging = Judging(probabilities=True)
    known = score_with(audit.of.features, audit.of.given, Solving(ridge=ridge), judging)
    # Logits up to the temperature, which is fitted anew.
    values = torch.from_numpy(known.probabilities).clamp(min=1e-30).log() / known.temperature
    logits = WholeLogits(values, values.gather(1, codes[:, None])[:, 0])
    part = PartLabels(codes.numpy(), np.ones(len(codes), dtype=bool))
    keys = keys_of(row_digests(audit.of.features), 0)
    asked = Inline(), [logits], [part], keys, values.shape[1]
    count = seconds(lambda: expect_errors(*asked))
    gaussian = seconds(lambda: audited(audit.of, ridge, "gaussian"))
    both = seconds(lambda: audited(audit.of, ridge))
    whole = seconds(lambda: audited(audit.of, "auto"))
    return f"{count:.2f} | {gaussian:.2f} | {both:.2f} | {whole:.2f} | {count / whole:.3f}"


def seconds(work: Callable[[], object]) -> float:
    """Return how long the second of two runs takes."""
    work()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", default="", help="sets whose name has this in it")
    parser.add_argument("--cache", type=Path, help="where to keep feature vectors")
    parser.add_argument("--ridge", type=float, help="λ; chosen set by set if left out")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        sets = Sets(arguments.data, arguments.cache or Path(scratch))
        report(sets, arguments.only, "auto" if arguments.ridge is None else arguments.ridge)


def report(sets: Sets, only: str, ridge: float | str) -> None:
    print(f"{machine()}\n\n{HEADER}")
    audits = []
    for found in sets.all():
        if only in found.name:
            audits.append(audited(found, ridge))
            print(row(audits[-1]), flush=True)
    for table in (print_knowing, print_planted, print_audits, print_cost):
        table(audits, ridge)


def print_knowing(audits: list[Audit], ridge: float | str) -> None:
    print(f"\nFeatures that know the true label:\n\n{HEADER}")
    for audit in audits:
        if audit.of.name.startswith("cifar10 0+") and "40%" not in audit.of.name:
            for spread in (1.0, 0.5, 0.35, 0.25):
                print(row(audited(knowing(audit.of, spread), ridge)), flush=True)


def print_planted(audits: list[Audit], _: float | str) -> None:
    print("\n| set | counted per planted flip |\n|---|---|")
    for audit in audits:
        if "flipped" not in audit.of.name:
            print(f"| {audit.of.name} | {planted(audit):.2f} |", flush=True)


def print_audits(audits: list[Audit], _: float | str) -> None:
    print(
        "\nOver 2,000 random audits: root mean square error, share inside, mean width of the "
        "interval, in labels.\n\n"
        "| set | looks | the audit alone (Jeffreys) | with the count |\n|---|---|---|---|"
    )
    for audit in (it for it in audits if "3000+" not in it.of.name and it.wrong.any()):
        for looks in (20, 50, 100):
            print(f"| {audit.of.name} | {looks} | {random_audits(audit, looks)} |", flush=True)


def print_cost(audits: list[Audit], _: float | str) -> None:
    print(
        "\nSeconds; scoring has the count in it.\n\n"
        "| set | the count | gaussian, λ given | both, λ given | both, λ chosen | share of that |\n"
        "|---|---|---|---|---|---|"
    )
    for audit in audits:
        if audit.of.name in ("cifar10n-3k", "banking77, 10% flipped"):
            print(f"| {audit.of.name} | {cost(audit)} |", flush=True)


if __name__ == "__main__":
    main()
