"""How to solve the kernel system: one value, passed whole from the public door to the solvers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cgaudit.errors import OutputError, ParamsError, SolveError
from cgaudit.solve.base import resolve_dtype

METHODS = ("auto", "exact", "iterative", "lowrank", "sampled")

#: The memory limit where the options name none.
DEFAULT_MEMORY_LIMIT = 8 * 2**30

#: What is kept without having been asked for is at most as large: the factor of 16,000 rows.
KEPT_LIMIT = 2**30

#: Floating-point operations, about a second of two cores: less is not worth a file.
WORTH_KEEPING = 1e11

#: Relative residual at which a column of α counts as solved.
TOLERANCE = 2e-3


@dataclass(frozen=True)
class Keeping:
    """Where to keep what does not depend on the labels, so that others are solved for faster.

    The factor of ``"exact"``, the sums of ``"lowrank"``: used where they are of the same rows,
    settings and machine, and replaced where not. The other methods keep nothing.

    Attributes
    ----------
    folder
        Holds one of them.
    limit
        Bytes. What is larger, spares little or cannot be written is not kept, and that is no
        error. None: it is asked for, whatever it takes.
    own
        The folder lies in `Project.own`, which may be in git's.
    """

    folder: Path
    limit: int | None = None
    own: bool = False

    def pays(self, size: int, spared: float) -> bool:
        """Tell whether to keep what takes `size` bytes and spares so much flop the next time."""
        if self.limit is None:
            return True
        return size <= self.limit and spared >= WORTH_KEEPING

    @contextmanager
    def at_will(self) -> Iterator[None]:
        """Have what is written inside be no error where it fails and nobody asked for it."""
        try:
            yield
        except (OSError, OutputError):
            if self.limit is None:
                raise


@dataclass(frozen=True)
class Solving:
    """How to solve; the fields are parameters of `cgaudit.score_labels`.

    Attributes
    ----------
    method
        One of `METHODS`.
    ridge
        λ ≥ 0, or ``"auto"`` until labels have chosen it (`cgaudit.score.choose_ridge`).
    landmarks
        Size of the low-rank basis, None for the method's own.
    seed
        Of the landmark choice and of the draws.
    precision, device
        ``"float32"`` or ``"float64"``; ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:1"``, …
    memory_limit
        Bytes, on the device and streamed through it; :data:`DEFAULT_MEMORY_LIMIT` where None. The
        features that the caller holds are not counted.
    keep_factor
        Where to keep what other labels of the same rows need again; nowhere where None.
    draws, ratio
        Of the sampled method: how many times every class is set against a new sample of the
        others, and the size of the sample relative to the class.
    tolerance
        Of the iterative method: the relative residual ‖(H + λI)α − y‖ / ‖y‖ at which it stops.

    Raises
    ------
    ParamsError
        The ridge is no number of at least 0.
    SolveError
        No such method or precision.
    """

    method: str = "exact"
    ridge: float | str = 0.1
    landmarks: int | None = None
    seed: int = 0
    precision: str = "float32"
    device: str = "auto"
    memory_limit: int | None = None
    keep_factor: Keeping | None = None
    draws: int = 20
    ratio: float = 1.0
    tolerance: float = TOLERANCE

    def __post_init__(self) -> None:
        # A word is looked at where labels are at hand to choose by.
        if not isinstance(self.ridge, str) and not (math.isfinite(self.ridge) and self.ridge >= 0):
            raise ParamsError(f"ridge must be a number of at least 0; found {self.ridge!r}.")
        if self.method not in METHODS:
            raise SolveError(f"method: {self.method!r} is not one of {', '.join(METHODS)}")
        resolve_dtype(self.precision)

    @property
    def fixed_ridge(self) -> float:
        """λ.

        Raises
        ------
        ParamsError
            It is still a word: no labels have chosen it.
        """
        if isinstance(self.ridge, str):
            raise ParamsError(
                f"ridge is {self.ridge!r}, and no labels were given that could choose it. Set a "
                "number of at least 0, or call cgaudit.score.choose_ridge."
            )
        return self.ridge

    @property
    def must_keep(self) -> bool:
        """Whether keeping was asked for, whatever it takes."""
        return self.keep_factor is not None and self.keep_factor.limit is None

    @property
    def limit(self) -> int:
        """The memory limit in bytes."""
        return DEFAULT_MEMORY_LIMIT if self.memory_limit is None else self.memory_limit
