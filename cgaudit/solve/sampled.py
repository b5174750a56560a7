"""The paper's own estimator (Ki, Choi, Chung, ICLR 2023, section A.2).

Each class against a random sample of the others, as many as the class has members (times
`ratio`), averaged over draws. Meant for comparison with published numbers, which are made at
λ = 0 and in float64.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from cgaudit.progress import Progress
from cgaudit.solve.base import (
    FactorisationError,
    Meter,
    RowSource,
    SingularKernelError,
    SolveInfo,
    all_unit_rows,
    dtype_name,
    resolve_device,
    resolve_dtype,
)
from cgaudit.solve.exact import ExactSolver
from cgaudit.solve.options import Solving


@dataclass(frozen=True)
class SampledScores:
    """What the draws say of each row.

    Attributes
    ----------
    cg_score
        (n,), mean complexity-gap score of the given class; NaN for rows without one.
    cg_spread
        (n,), standard deviation over draws.
    predictions
        (n, K), mean prediction of each class's ±1 target from draws: leave-one-out where the row
        took part, out of sample where it did not. None where they were not asked for.
    info
        How the systems were solved.
    """

    cg_score: Tensor
    cg_spread: Tensor
    predictions: Tensor | None
    info: SolveInfo


def sampled_scores(
    rows: RowSource,
    codes: Tensor,
    n_classes: int,
    solving: Solving,
    *,
    predictions: bool = True,
    progress: Progress | None = None,
) -> SampledScores:
    """Average complexity-gap scores and predictions over sub-samples of the other classes.

    Memory: ((1 + ratio) n_c)² numbers for the largest class of n_c rows, at most n². Work: for
    each draw and class the third power of that, and n · n_c · d for the predictions.

    Parameters
    ----------
    rows
        (n, d), finite; scaled to unit length here.
    codes
        int64 (n,), class numbers 0 … n_classes − 1; below 0 where there is no label.
    n_classes
        K.
    solving
        Ridge, precision, device, draws and their seed; `ratio` is the size of the sample relative
        to the class, all others where there are not as many.
    predictions
        Whether to compute predictions too.
    progress
        Told of the flop done.

    Raises
    ------
    SingularKernelError, FactorisationError
        See :class:`cgaudit.solve.exact.ExactSolver`; rows are named by their number in `rows`.
    """
    place, dtype = resolve_device(solving.device), resolve_dtype(solving.precision)
    units = all_unit_rows(rows, dtype, place)
    n, width = units.shape
    codes = codes.to(place)
    total = units.new_zeros((2, n))
    predicted = units.new_zeros((n, n_classes)) if predictions else None
    sizes = [_sample_size(count, codes, solving.ratio) for count in _class_sizes(codes, n_classes)]
    meter = Meter(solving.draws * sum(_draw_flop(n, width, size) for size in sizes), progress)
    for code, chosen in _draws(codes, n_classes, solving):
        solver = _solver_of(units, chosen, solving)
        target = torch.where(codes[chosen] == code, 1.0, -1.0).to(dtype)[:, None]
        alpha, diagonal = solver.solve(target)[:, 0], solver.inverse_diagonal()
        member = codes[chosen] == code
        score = (alpha**2 / diagonal)[member]
        total[:, chosen[member]] += torch.stack([score, score**2])
        if predicted is not None:
            out_of_sample = solver.predict(units, alpha[:, None])[:, 0]
            out_of_sample[chosen] = target[:, 0] - alpha / diagonal
            predicted[:, code] += out_of_sample
        meter.add(_draw_flop(n, width, len(chosen)))
    mean, square = total / solving.draws
    unlabelled = codes < 0
    return SampledScores(
        cg_score=mean.masked_fill(unlabelled, torch.nan),
        cg_spread=(square - mean**2).clamp(min=0).sqrt().masked_fill(unlabelled, torch.nan),
        predictions=None if predicted is None else predicted.div_(solving.draws),
        info=SolveInfo(
            method="sampled",
            ridge=solving.fixed_ridge,
            precision=dtype_name(dtype),
            device=place.type,
            seed=solving.seed,
        ),
    )


def _draws(codes: Tensor, n_classes: int, solving: Solving) -> Iterator[tuple[int, Tensor]]:
    """Yield (class, rows) of each sub-problem: the whole class, then a sample of the others."""
    generator = torch.Generator().manual_seed(solving.seed)
    for _ in range(solving.draws):
        for code in range(n_classes):
            members = (codes == code).nonzero()[:, 0]
            if not len(members):
                continue
            others = ((codes != code) & (codes >= 0)).nonzero()[:, 0]
            order = torch.randperm(len(others), generator=generator).to(codes.device)
            yield code, torch.cat([members, others[order[: int(solving.ratio * len(members))]]])


def _class_sizes(codes: Tensor, n_classes: int) -> list[int]:
    sizes: list[int] = torch.bincount(codes[codes >= 0], minlength=n_classes).tolist()
    return sizes


def _sample_size(members: int, codes: Tensor, ratio: float) -> int:
    others = int((codes >= 0).sum()) - members
    return members + min(others, int(ratio * members))


def _draw_flop(n: int, width: int, size: int) -> float:
    return 2 * size**3 / 3 + size**2 * width + 2.0 * n * size * width


def _solver_of(units: Tensor, chosen: Tensor, solving: Solving) -> ExactSolver:
    try:
        return ExactSolver(units[chosen], solving)
    except (SingularKernelError, FactorisationError) as error:
        raise error.renumbered(chosen.tolist()) from None
