"""Features factored once, ready to judge any labels of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from cgaudit.errors import LabelsError, ParamsError, nearest
from cgaudit.numerics.classes import EncodedLabels
from cgaudit.score.classify import Labelling, Rules, classify
from cgaudit.score.encode import encode_labels
from cgaudit.score.features import check_features, zero_rows
from cgaudit.score.multilabel import judge_label_sets, label_sets
from cgaudit.score.predictions import LeaveOneOut, Predictions, WholePredictions
from cgaudit.score.regress import real_labels, regress
from cgaudit.score.result import LabelScores
from cgaudit.solve import (
    TOLERANCE,
    FactorisationError,
    KernelSolver,
    SingularKernelError,
    SolveInfo,
    make_solver,
    resolve_device,
    sampled_scores,
)

Progress = Callable[[float, float], None]

TASKS = ("classification", "regression", "multilabel")
LIKELIHOODS = ("gaussian", "softmax", "both")
ISSUE_RULES = ("confident_learning", "disagreement")


@dataclass(frozen=True)
class Solving:
    """How to solve the kernel system; the fields are parameters of `cgaudit.score_labels`."""

    method: str = "exact"
    ridge: float = 0.1
    landmarks: int | None = None
    seed: int = 0
    precision: str = "float32"
    device: str = "auto"
    memory_limit: int | None = None
    keep_factor: Path | None = None
    draws: int = 20
    ratio: float = 1.0
    tolerance: float = TOLERANCE

    def __post_init__(self) -> None:
        if not (np.isfinite(self.ridge) and self.ridge >= 0):
            raise ParamsError(f"ridge must be a number of at least 0; found {self.ridge!r}.")


class Scorer:
    """The kernel system of one set of features.

    The system depends on the features alone: scoring another set of labels of the same samples
    costs O(n²) a class and no factorisation, as long as the same samples are labelled.

    Parameters
    ----------
    features : ndarray, shape (n, d)
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
        check_features(features)
        self._features = features
        self._solving = solving or Solving()
        self._progress = progress
        self._zero_rows = zero_rows(features)
        self._solved: tuple[np.ndarray, KernelSolver] | None = None

    def score(
        self,
        labels: Sequence[object] | np.ndarray,
        *,
        task: str = "classification",
        likelihood: str = "gaussian",
        issue_rule: str = "confident_learning",
        strictness: float = 0.0,
        probabilities: bool = False,
    ) -> LabelScores:
        """Judge labels; parameters, errors and result as in `cgaudit.score_labels`."""
        _check_choice("task", task, TASKS)
        _check_choice("likelihood", likelihood, LIKELIHOODS)
        _check_choice("issue_rule", issue_rule, ISSUE_RULES)
        if not 0 <= strictness <= 1:
            raise ParamsError(f"strictness must be between 0 and 1; found {strictness!r}.")
        if len(labels) != len(self._features):
            raise LabelsError(
                f"There are {len(self._features)} rows of features but {len(labels)} labels."
            )
        if probabilities and task != "classification":
            raise ParamsError(f"probabilities are those of classes; task is {task!r}.")
        if task == "regression":
            return self._score_numbers(labels, strictness)
        if task == "multilabel":
            sets = label_sets(labels)  # type: ignore[arg-type]
            whole = self._solver_of(np.ones(len(self._features), dtype=bool), len(sets.names))
            return judge_label_sets(whole, sets, issue_rule=issue_rule, strictness=strictness)
        rules = Rules(likelihood, issue_rule, strictness, probabilities)
        return self._score_classes(encode_labels(labels), rules)

    def _score_classes(self, encoded: EncodedLabels, rules: Rules) -> LabelScores:
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
        return classify(predictions, of, solver, info, rules, zero_rows=self._zero_rows)

    def _score_numbers(
        self, labels: Sequence[object] | np.ndarray, strictness: float
    ) -> LabelScores:
        values = real_labels(labels)
        labelled = ~np.isnan(values)
        solver = self._solver_of(labelled, 1)
        rest = torch.from_numpy(np.array(self._features[~labelled]))
        return regress(solver, values, rest, strictness)

    def _sampled(self, of: Labelling) -> tuple[Predictions, SolveInfo]:
        how = self._solving
        drawn = sampled_scores(
            self._features,
            of.all_codes,
            of.n_classes,
            ridge=how.ridge,
            draws=how.draws,
            ratio=how.ratio,
            seed=how.seed,
            precision=how.precision,
            device=how.device,
            progress=self._progress,
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
        how = self._solving
        try:
            return make_solver(
                self._features if labelled.all() else self._features[labelled],
                method=how.method,
                ridge=how.ridge,
                precision=how.precision,
                device=how.device,
                landmarks=how.landmarks,
                seed=how.seed,
                memory_limit=how.memory_limit,
                n_classes=n_columns,
                keep_factor=how.keep_factor,
                tolerance=how.tolerance,
                progress=self._progress,
            )
        except (SingularKernelError, FactorisationError) as error:
            # The solver counts the labelled rows only; the user counts all.
            raise error.renumbered(np.flatnonzero(labelled).tolist()) from None


def _check_choice(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        choices = ", ".join(known)
        raise ParamsError(f"{name} is {value!r}, not one of {choices}.{nearest(value, known)}")
