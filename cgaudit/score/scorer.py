"""Features factored once, ready to judge any labels of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from cgaudit.errors import LabelsError
from cgaudit.numerics.classes import EncodedLabels
from cgaudit.progress import Progress
from cgaudit.score.classify import Labelling, classify
from cgaudit.score.encode import encode_labels
from cgaudit.score.features import as_matrix, with_constant, zero_rows
from cgaudit.score.judging import Judging
from cgaudit.score.multilabel import judge_label_sets, label_sets
from cgaudit.score.predictions import LeaveOneOut, Predictions, WholePredictions
from cgaudit.score.regress import real_labels, regress
from cgaudit.score.result import LabelScores
from cgaudit.solve import (
    FactorisationError,
    KernelSolver,
    SingularKernelError,
    SolveInfo,
    Solving,
    make_solver,
    resolve_device,
    sampled_scores,
)


class Scorer:
    """The kernel system of one set of features.

    The system depends on the features alone: scoring another set of labels of the same samples
    costs O(n²) a class and no factorisation, as long as the same samples are labelled.

    Parameters
    ----------
    features : ndarray or DataFrame, shape (n, d)
    solving
        How to solve.
    progress
        Called with (done, total) floating-point operations.

    Raises
    ------
    FeatureError
        Features that are not a finite n × d matrix.
    """

    def __init__(
        self,
        features: np.ndarray,
        solving: Solving | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._features = as_matrix(features)
        self._solving = solving or Solving()
        self._progress = progress
        self._zero_rows = zero_rows(self._features)
        #: Of the same features with a constant column, for real-valued labels.
        self._with_constant: Scorer | None = None
        self._solved: tuple[np.ndarray, KernelSolver] | None = None

    def score(
        self, labels: Sequence[object] | np.ndarray, judging: Judging | None = None
    ) -> LabelScores:
        """Judge labels; errors and result as in `cgaudit.score_labels`."""
        judging = judging or Judging()
        if len(labels) != len(self._features):
            raise LabelsError(
                f"There are {len(self._features)} rows of features but {len(labels)} labels."
            )
        if judging.task == "regression":
            return self._score_numbers(labels, judging)
        if judging.task == "multilabel":
            sets = label_sets(labels)  # type: ignore[arg-type]
            whole = self._solver_of(np.ones(len(self._features), dtype=bool), len(sets.names))
            return judge_label_sets(whole, sets, judging)
        return self._score_classes(encode_labels(labels), judging)

    def _score_classes(self, encoded: EncodedLabels, judging: Judging) -> LabelScores:
        solver: KernelSolver | None = None
        predictions: Predictions
        if self._solving.method == "sampled":
            of = Labelling.of(encoded, self._features, resolve_device(self._solving.device))
            predictions, info = self._sampled(of)
        else:
            solver = self._solver_of(encoded.labelled, len(encoded.classes))
            of = Labelling.of(encoded, self._features, solver.inverse_diagonal().device)
            predictions = LeaveOneOut(
                solver, of.codes, of.n_classes, of.labelled, of.unlabelled_rows
            )
            info = solver.info
        return classify(predictions, of, solver, info, judging, zero_rows=self._zero_rows)

    def _score_numbers(
        self, labels: Sequence[object] | np.ndarray, judging: Judging
    ) -> LabelScores:
        values = real_labels(labels)
        labelled = ~np.isnan(values)
        if self._with_constant is None:
            self._with_constant = Scorer(
                with_constant(self._features), self._solving, self._progress
            )
        whole = self._with_constant
        rest = torch.from_numpy(np.array(whole._features[~labelled]))
        return regress(whole._solver_of(labelled, 1), values, rest, judging)

    def _sampled(self, of: Labelling) -> tuple[Predictions, SolveInfo]:
        drawn = sampled_scores(
            self._features, of.all_codes, of.n_classes, self._solving, progress=self._progress
        )
        assert drawn.predictions is not None
        own = drawn.predictions[of.labelled]
        predictions = WholePredictions(
            values=drawn.predictions,
            given=own.gather(1, of.codes[:, None])[:, 0],
            cg_score=drawn.cg_score[of.labelled],
            class_complexity=own.new_full((of.n_classes,), torch.nan, dtype=torch.float64),
        )
        return predictions, drawn.info

    def _solver_of(self, labelled: np.ndarray, n_columns: int) -> KernelSolver:
        """Return the system of the labelled rows, the last one again if they are the same."""
        if self._solved is None or not np.array_equal(self._solved[0], labelled):
            self._solved = None
            self._solved = labelled, self._solve(labelled, n_columns)
        return self._solved[1]

    def _solve(self, labelled: np.ndarray, n_columns: int) -> KernelSolver:
        rows = self._features if labelled.all() else self._features[labelled]
        try:
            return make_solver(rows, self._solving, n_classes=n_columns, progress=self._progress)
        except (SingularKernelError, FactorisationError) as error:
            # The solver counts the labelled rows only; the user counts all.
            raise error.renumbered(np.flatnonzero(labelled).tolist()) from None
