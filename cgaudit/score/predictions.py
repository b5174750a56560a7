"""Leave-one-out predictions and complexity-gap scores from one factorisation.

Classes are taken in chunks: with many of them the n × K matrix of predictions is never whole in
memory, and is computed again for each pass over it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from cgaudit.solve import KernelSolver

#: Predictions up to this size are kept; beyond it each pass computes them anew.
KEEP_BYTES = 1 << 30
#: Size of one chunk of predictions.
CHUNK_BYTES = 1 << 28


class Logits(Protocol):
    """Per-class figures whose scaled softmax is a probability, in chunks of classes."""

    @property
    def n_classes(self) -> int:
        """Number of classes K."""
        ...

    @property
    def given(self) -> Tensor:
        """The figure of the given class: shape (n_l,), a number per labelled sample."""
        ...

    def chunks(self) -> Iterator[tuple[slice, Tensor]]:
        """Yield (classes, values): values is float, shape (n, number of classes in the slice)."""
        ...


class Predictions(Logits, Protocol):
    """Leave-one-out predictions ŷ, with the complexity-gap scores that come with them."""

    @property
    def cg_score(self) -> Tensor:
        """CG_i of the given class: shape (n_l,)."""
        ...


@dataclass(frozen=True)
class WholeLogits:
    """Logits that are in memory: `values` is float, shape (n, K); `given` as in `Logits`."""

    values: Tensor
    given: Tensor

    @property
    def n_classes(self) -> int:
        """Number of classes K."""
        return int(self.values.shape[1])

    def chunks(self) -> Iterator[tuple[slice, Tensor]]:
        """Yield all classes at once."""
        yield slice(0, self.n_classes), self.values


@dataclass(frozen=True)
class WholePredictions(WholeLogits):
    """Predictions that are in memory; attributes as in `Predictions`."""

    cg_score: Tensor


class LeaveOneOut:
    """Leave-one-out predictions ŷ of kernel ridge regression, one-vs-rest.

    With α = (H+λI)⁻¹y and D = diag((H+λI)⁻¹), ŷ_i = y_i − α_i / D_i for a labelled sample
    (Rasmussen & Williams 2006, eq. 5.12); an unlabelled one has the plain prediction k(x, X)α.

    Parameters
    ----------
    solver
        The kernel system of the n_l labelled samples.
    codes : Tensor of int64, shape (n_l,)
        Their class numbers, 0 … n_classes − 1.
    n_classes
        Number of classes K.
    labelled : Tensor of bool, shape (n,)
        Which of all n samples the n_l are.
    unlabelled_rows : Tensor, shape (n − n_l, d)
        Features of the others.
    """

    def __init__(
        self,
        solver: KernelSolver,
        codes: Tensor,
        n_classes: int,
        labelled: Tensor,
        unlabelled_rows: Tensor,
    ) -> None:
        self._n_classes = n_classes
        self._solver = solver
        self._codes = codes
        self._labelled = labelled
        self._unlabelled_rows = unlabelled_rows
        self._inverse_diagonal = solver.inverse_diagonal()
        itemsize = self._inverse_diagonal.element_size()
        n = len(labelled)
        self._width = max(1, min(n_classes, CHUNK_BYTES // (n * itemsize)))
        self._keep = n * n_classes * itemsize <= KEEP_BYTES
        self._kept: list[tuple[slice, Tensor]] = []

        like = self._inverse_diagonal
        self._cg_score = torch.zeros_like(like)
        self._given = torch.zeros_like(like)
        self._class_complexity = like.new_zeros(n_classes, dtype=torch.float64)
        for chunk in self._compute(note=True):
            if self._keep:
                self._kept.append(chunk)

    @property
    def n_classes(self) -> int:
        """Number of classes K."""
        return self._n_classes

    @property
    def given(self) -> Tensor:
        """ŷ_i of the given class: shape (n_l,)."""
        return self._given

    @property
    def cg_score(self) -> Tensor:
        """CG_i = α_i² / D_i of the given class: shape (n_l,)."""
        return self._cg_score

    @property
    def class_complexity(self) -> Tensor:
        """y_cᵀ(H+λI)⁻¹y_c: float64, shape (K,)."""
        return self._class_complexity

    def chunks(self) -> Iterator[tuple[slice, Tensor]]:
        """Yield (classes, ŷ), ŷ of shape (n, number of classes in the slice)."""
        return iter(self._kept) if self._keep else self._compute(note=False)

    def _compute(self, *, note: bool) -> Iterator[tuple[slice, Tensor]]:
        for start in range(0, self._n_classes, self._width):
            classes = slice(start, min(start + self._width, self._n_classes))
            targets = self._targets(classes)
            alpha = self._solver.solve(targets)
            predicted = targets - alpha / self._inverse_diagonal[:, None]
            if note:
                self._note(classes, targets, alpha, predicted)
            yield classes, self._with_unlabelled(predicted, alpha)

    def _targets(self, classes: slice) -> Tensor:
        numbers = torch.arange(classes.start, classes.stop, device=self._codes.device)
        own = self._codes[:, None] == numbers
        return own.to(self._inverse_diagonal.dtype) * 2 - 1

    def _note(self, classes: slice, targets: Tensor, alpha: Tensor, predicted: Tensor) -> None:
        own = targets > 0
        rows = own.any(dim=1)
        self._cg_score[rows] = alpha[own] ** 2 / self._inverse_diagonal[rows]
        self._given[rows] = predicted[own]
        self._class_complexity[classes] = (targets.double() * alpha.double()).sum(dim=0)

    def _with_unlabelled(self, predicted: Tensor, alpha: Tensor) -> Tensor:
        if bool(self._labelled.all()):
            return predicted
        everywhere = predicted.new_empty(len(self._labelled), predicted.shape[1])
        everywhere[self._labelled] = predicted
        everywhere[~self._labelled] = self._solver.predict(self._unlabelled_rows, alpha)
        return everywhere
