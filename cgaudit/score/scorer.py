"""Features factored once, ready to judge any labels of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch

from cgaudit import executor
from cgaudit.errors import LabelsError
from cgaudit.executor import Inline, parts_of
from cgaudit.numerics.classes import EncodedLabels
from cgaudit.numerics.contents import Digests, Gathered, gathered, keys_of, row_digests
from cgaudit.progress import Progress
from cgaudit.score.arrange import Arrangement
from cgaudit.score.classify import Found, classify
from cgaudit.score.encode import encode_labels
from cgaudit.score.features import as_matrix, with_constant, zero_rows
from cgaudit.score.judging import Judging
from cgaudit.score.labelling import Labelling
from cgaudit.score.multilabel import LabelSets, judge_label_sets, label_sets
from cgaudit.score.predictions import LeaveOneOut, WholeLogits, WholePredictions
from cgaudit.score.regress import real_labels, regress
from cgaudit.score.result import LabelScores
from cgaudit.score.softmax import can_fit_softmax, softmax_logits
from cgaudit.solve import (
    FactorisationError,
    KernelSolver,
    Plan,
    SingularKernelError,
    Solving,
    make_solver,
    planned,
    resolve_device,
    sampled_scores,
    solve_in_parts,
)

#: Methods that draw no rows by their content and see them in the order in which they come.
_AS_THEY_COME = ("exact", "sampled")


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
    contents : ndarray of uint64, shape (n, 2)
        Digests of what the samples hold (`cgaudit.numerics.contents`), by which rows are drawn and
        sorted; those of the features' bytes where None.

    Raises
    ------
    FeatureError
        Features that are not a finite n × d matrix.
    """

    def __init__(
        self,
        features: np.ndarray | Gathered,
        solving: Solving | None = None,
        progress: Progress | None = None,
        contents: Digests | None = None,
    ) -> None:
        self._features = as_matrix(features)
        self._solving = solving or Solving()
        self._progress = progress
        self._contents = row_digests(self._features) if contents is None else contents
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
            return self._score_numbers(real_labels(labels), judging)
        if judging.task == "multilabel":
            return self._score_sets(label_sets(labels), judging)  # type: ignore[arg-type]
        return self._score_classes(encode_labels(labels), judging)

    def _score_classes(self, encoded: EncodedLabels, judging: Judging) -> LabelScores:
        rows = self._arranged(encoded.codes)
        encoded = replace(encoded, codes=encoded.codes[rows.order])
        zero = self._zero_rows[rows.order]
        keys = keys_of(self._contents[rows.order], self._solving.seed)
        of = Labelling(encoded, zero, rows.order, keys)
        method, n_labelled = self._solving.method, int(encoded.labelled.sum())
        if method == "sampled":
            found = self._sampled(of)
        elif method in ("auto", "lowrank"):
            shape = n_labelled, self._features.shape[1]
            chosen = planned(shape, self._solving, of.n_classes)
            found = self._in_parts(of, chosen) if chosen.method == "lowrank" else self._whole(of)
        else:
            found = self._whole(of)
        return rows.back(classify(found, of, judging))

    def _whole(self, of: Labelling) -> Found:
        """Predict all samples by one system, in one piece."""
        labelled = of.encoded.labelled
        solver = self._solver_of(labelled, of.names, of.n_classes)
        place = solver.inverse_diagonal().device
        codes = torch.from_numpy(of.encoded.codes[labelled]).to(place)
        has_label = torch.from_numpy(labelled).to(place)
        others = self._unlabelled(of, place)
        predictions = LeaveOneOut(solver, codes, of.n_classes, has_label, others)
        return Found(
            executor=Inline(),
            spans=of.whole,
            predictions=[predictions],
            class_complexity=predictions.class_complexity,
            info=solver.info,
            softmax=partial(softmax_logits, solver, codes, of.n_classes, has_label, others),
            softmax_pays=can_fit_softmax(solver.info, len(labelled), of.n_classes),
        )

    def _in_parts(self, of: Labelling, chosen: Plan) -> Found:
        """Predict the samples part by part, where work runs."""
        place = resolve_device(self._solving.device)
        codes, n_classes, spans = of.encoded.codes, of.n_classes, parts_of(len(of.zero))
        solved = solve_in_parts(
            self._rows(of.names),
            codes,
            of.keys,
            n_classes,
            chosen.solving,
            spans,
            Inline() if place.type == "cuda" else executor.chosen(chosen.threads),
            self._progress,
        )

        def softmax() -> WholeLogits:
            labelled = of.encoded.labelled
            own = torch.from_numpy(codes[labelled]).to(place)
            has_label = torch.from_numpy(labelled).to(place)
            solver = solved.solver(keep_features=chosen.keep)
            return softmax_logits(solver, own, n_classes, has_label, self._unlabelled(of, place))

        return Found(
            executor=solved.executor,
            spans=spans,
            predictions=solved.figures,
            class_complexity=solved.class_complexity,
            info=solved.info,
            softmax=softmax,
            # Each of its many steps would compute the features anew where they are not kept.
            softmax_pays=chosen.keep and can_fit_softmax(solved.info, len(codes), n_classes),
        )

    def _unlabelled(self, of: Labelling, place: torch.device) -> torch.Tensor:
        """Return the features of the samples without a label."""
        index = of.names[~of.encoded.labelled]
        return torch.from_numpy(np.array(self._rows(index)[:])).to(place)

    def _score_numbers(self, values: np.ndarray, judging: Judging) -> LabelScores:
        rows = self._arranged(values)
        values = values[rows.order]
        labelled = ~np.isnan(values)
        whole = self._whole_rows()
        solver = whole._solver_of(labelled, rows.order, 1)
        rest = torch.from_numpy(np.array(whole._rows(rows.order[~labelled])[:]))
        return rows.back(regress(solver, values, rest, judging))

    def _whole_rows(self) -> Scorer:
        """Return the scorer of the same rows with a constant column: an intercept."""
        if self._with_constant is None:
            self._with_constant = Scorer(
                with_constant(self._features), self._solving, self._progress, self._contents
            )
        return self._with_constant

    def _score_sets(self, sets: LabelSets, judging: Judging) -> LabelScores:
        told = np.column_stack([sets.present, sets.labelled])
        rows = self._arranged(np.unique(told, axis=0, return_inverse=True)[1].ravel())
        arranged = replace(
            sets, present=sets.present[rows.order], labelled=sets.labelled[rows.order]
        )
        solver = self._solver_of(arranged.labelled, rows.order, len(sets.names))
        rest = torch.from_numpy(np.array(self._rows(rows.order[~arranged.labelled])[:]))
        return rows.back(judge_label_sets(solver, arranged, rest, judging))

    def _arranged(self, ties: np.ndarray) -> Arrangement:
        """Return the order in which rows are looked at; `ties` are labels, as numbers."""
        if self._solving.method in _AS_THEY_COME:
            return Arrangement.as_they_came(len(self._features))
        return Arrangement.by_content(self._contents, ties)

    def _rows(self, index: np.ndarray) -> np.ndarray | Gathered:
        """Return rows by their number, read when they are asked for."""
        if len(index) == len(self._features) and bool((index == np.arange(len(index))).all()):
            return self._features
        return gathered(self._features, index)

    def _sampled(self, of: Labelling) -> Found:
        place = resolve_device(self._solving.device)
        codes = torch.from_numpy(of.encoded.codes).to(place)
        drawn = sampled_scores(
            self._features, codes, of.n_classes, self._solving, progress=self._progress
        )
        assert drawn.predictions is not None
        labelled = codes >= 0
        own = drawn.predictions[labelled]
        predictions = WholePredictions(
            values=drawn.predictions,
            given=own.gather(1, codes[labelled][:, None])[:, 0],
            cg_score=drawn.cg_score[labelled],
        )
        return Found(
            executor=Inline(),
            spans=of.whole,
            predictions=[predictions],
            class_complexity=own.new_full((of.n_classes,), torch.nan, dtype=torch.float64),
            info=drawn.info,
            softmax=None,
            softmax_pays=False,
        )

    def _solver_of(self, labelled: np.ndarray, order: np.ndarray, n_columns: int) -> KernelSolver:
        """Return the system of the labelled rows, the last one again if they are the same.

        Parameters
        ----------
        labelled
            bool (n,), of the arranged rows.
        order
            int64 (n,), which rows these are.
        """
        if self._solved is None or not np.array_equal(self._solved[0], labelled):
            self._solved = None
            self._solved = labelled, self._solve(order[labelled], n_columns)
        return self._solved[1]

    def _solve(self, index: np.ndarray, n_columns: int) -> KernelSolver:
        try:
            return make_solver(
                self._rows(index),
                self._solving,
                self._contents[index],
                n_classes=n_columns,
                progress=self._progress,
            )
        except (SingularKernelError, FactorisationError) as error:
            # The solver counts the labelled rows only, in its order; the user counts all.
            raise error.renumbered(index.tolist()) from None
