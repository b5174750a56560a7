"""Audit the labels of a dataset kept in DVC, without training a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["__version__", "score_labels"]

if TYPE_CHECKING:
    from cgaudit.score import score_labels


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the attribute is
    # Late, so that `cgaudit --help` does not pay for torch.
    if name == "score_labels":
        from cgaudit.score import score_labels

        return score_labels
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
