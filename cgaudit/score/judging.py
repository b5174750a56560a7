"""What becomes of predictions: one value, passed whole from the public door to the judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cgaudit.errors import ParamsError
from cgaudit.wording.text import nearest

TASKS = ("classification", "regression", "multilabel")
LIKELIHOODS = ("gaussian", "softmax", "both")
ISSUE_RULES = ("ranked", "confident_learning", "disagreement")


@dataclass(frozen=True)
class Judging:
    """How predictions become a judgement; the fields are parameters of `cgaudit.score_labels`.

    Raises
    ------
    ParamsError
        A word that is not known, a strictness outside [0, 1], or probabilities of what has no
        classes.
    """

    task: str = "classification"
    likelihood: str = "both"
    issue_rule: str = "ranked"
    strictness: float = 0.0
    probabilities: bool = False

    def __post_init__(self) -> None:
        _check_choice("task", self.task, TASKS)
        _check_choice("likelihood", self.likelihood, LIKELIHOODS)
        _check_choice("issue_rule", self.issue_rule, ISSUE_RULES)
        if not 0 <= self.strictness <= 1:
            raise ParamsError(f"strictness must be between 0 and 1; found {self.strictness!r}.")
        if self.probabilities and self.task != "classification":
            raise ParamsError(f"probabilities are those of classes; task is {self.task!r}.")


def _check_choice(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        choices = ", ".join(known)
        raise ParamsError(f"{name} is {value!r}, not one of {choices}.{nearest(value, known)}")
