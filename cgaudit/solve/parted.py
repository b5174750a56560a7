"""The low-rank solver over parts of the rows, wherever an executor runs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch

from cgaudit.errors import StaleError
from cgaudit.executor import Column, Done, Executor
from cgaudit.numerics.classes import UNLABELLED
from cgaudit.numerics.contents import Gathered, Keys, gathered, smallest
from cgaudit.progress import Progress
from cgaudit.solve.base import Meter, SolveInfo
from cgaudit.solve.kept_sums import KeptSums, relabelled, sums_key
from cgaudit.solve.lowrank import LowRankSolver, Model, info_of
from cgaudit.solve.options import Keeping, Solving
from cgaudit.solve.prior import SAMPLE_ROWS, Prior
from cgaudit.solve.sums import Figures, Fit, LabelledRows, Sums, figures_of, grain_of, sums_of


@dataclass(frozen=True)
class PartedLowRank:
    """What the low-rank model says of all rows, part by part.

    Attributes
    ----------
    executor
        Where the parts are.
    figures
        A column of :class:`~cgaudit.solve.sums.Figures`.
    class_complexity
        float64 (K,), y_cᵀ (Φ Φᵀ + N)⁻¹ y_c.
    info
        How the system is solved.
    """

    executor: Executor
    figures: Column
    class_complexity: torch.Tensor
    info: SolveInfo
    _rows: Gathered
    _labelled: np.ndarray
    _solving: Solving
    _model: Model

    def solver(self, *, keep_features: bool) -> LowRankSolver:
        """Return the same system as an operator on the labelled rows."""
        told = np.concatenate(self.executor.map(_explained, self.figures))
        explained = torch.from_numpy(told[self._labelled]).to(self._model.prior.device)
        model = replace(self._model, explained=explained)
        return LowRankSolver(
            *(gathered(self._rows, self._labelled), self._solving),
            keep_features=keep_features,
            model=model,
        )


def solve_in_parts(
    rows: np.ndarray | Gathered,
    codes: np.ndarray,
    keys: Keys,
    n_classes: int,
    solving: Solving,
    spans: Sequence[tuple[int, int]],
    executor: Executor,
    progress: Progress | None = None,
) -> PartedLowRank:
    """Solve for all classes in two passes over the rows; one, where sums of them are kept.

    Parameters
    ----------
    rows
        (n, d), finite.
    codes
        int64 (n,), class numbers; `UNLABELLED` where a row is not in the system.
    keys
        (n,), keyed hashes of the rows' content.
    n_classes
        K.
    solving
        As a plan has settled it.
    spans
        The (start, stop) of each part.
    executor
        Where to run.
    progress
        Told of the flop done.

    Raises
    ------
    FactorisationError
        The features hold NaN.
    """
    whole = gathered(rows, np.arange(len(rows)))
    matrix = executor.share(whole.matrix)
    labelled = np.flatnonzero(codes != UNLABELLED)
    prior = _prior(whole, labelled, keys[labelled], solving, executor, matrix)
    parts = [LabelledRows(whole.index[a:b], codes[a:b]) for a, b in spans]
    known = executor.share(prior)
    keeper = _Keeper.of(whole, codes, keys, solving)
    kept = None if keeper is None else keeper.load(prior.device)
    m, (n, width) = prior.basis.size, whole.shape
    features_flop = n * (2.0 * m * width + m**2)
    passes = features_flop + n * m**2, features_flop + (0 if kept else n * m**2)
    meter = Meter(passes[1] + (0 if kept else passes[0]), progress)

    def done_of(flop: float) -> Done:
        return partial(meter.add, flop / len(parts))

    if kept is None:
        grain, done = grain_of(prior, len(labelled)), done_of(passes[0])
        sums = executor.reduce(
            *(sums_of, Sums.added, parts), shared=(matrix, known, n_classes, grain), done=done
        )
    else:
        sums = relabelled(
            *(kept, whole.index, codes, n_classes, spans, executor, matrix, prior, known)
        )
    (fit,) = executor.map(Fit.of, [sums], shared=(prior.basis.landmarks.dtype,))
    explained = [None if kept is None else kept.explained[a:b] for a, b in spans]
    shared = matrix, known, executor.share(fit)
    done = done_of(passes[1])
    figures = executor.keep(figures_of, parts, explained, shared=shared, done=done)
    if keeper is not None and (kept is None or not np.array_equal(kept.codes, codes)):
        told = executor.map(_explained, figures) if kept is None else [kept.explained]
        keeper.save(KeptSums(sums, codes, np.concatenate(told)))
    return PartedLowRank(
        executor=executor,
        figures=figures,
        class_complexity=fit.class_complexity,
        info=info_of(prior, solving),
        _rows=whole,
        _labelled=labelled,
        _solving=solving,
        _model=Model(prior, sums.capacitance),
    )


@dataclass(frozen=True)
class _Keeper:
    """Where sums are kept, and what they are known by."""

    keeping: Keeping
    key: str

    @classmethod
    def of(cls, rows: Gathered, codes: np.ndarray, keys: Keys, solving: Solving) -> _Keeper | None:
        if solving.keep_factor is None:
            return None
        return cls(solving.keep_factor, sums_key(rows, codes, keys, solving))

    def load(self, device: torch.device) -> KeptSums | None:
        try:
            return KeptSums.load(self.keeping.folder, self.key, device)
        except StaleError:
            return None

    def save(self, kept: KeptSums) -> None:
        with self.keeping.at_will():
            kept.save(self.keeping.folder, self.key, own=self.keeping.own)


def _explained(figures: Figures) -> np.ndarray:
    explained: np.ndarray = figures.explained.cpu().numpy()
    return explained


def _prior(
    rows: Gathered,
    labelled: np.ndarray,
    keys: Keys,
    solving: Solving,
    executor: Executor,
    matrix: object,
) -> Prior:
    """Return the prior of the labelled rows; where the work runs, so by one thread as all else."""
    assert solving.landmarks is not None
    drawn = smallest(keys, solving.landmarks + SAMPLE_ROWS)
    index = rows.index[labelled[drawn]]
    (prior,) = executor.map(_prior_of, [index], [keys[drawn]], [solving], shared=(matrix,))
    landmarks = torch.from_numpy(drawn)[prior.landmark_rows.cpu()].to(prior.device)
    return replace(prior, landmark_rows=landmarks)


def _prior_of(index: np.ndarray, keys: Keys, solving: Solving, matrix: np.ndarray) -> Prior:
    return Prior.of(gathered(matrix, index), keys, solving)
