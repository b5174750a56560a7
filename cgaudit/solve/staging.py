"""Working on parts of a matrix that the device does not hold whole.

The matrix lies in main memory; its parts are copied to the device, and back where they were
changed. Where matrix and device are one place the parts are views, and nothing is copied.
(After Meanti et al. 2020, "Kernel methods through the roof", section 3.1: the out-of-core
factorisation of FALKON.)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
from torch import Tensor

MAIN_MEMORY = torch.device("cpu")


class _Carrier:
    """One piece of page-locked memory that parts pass through on their way to a GPU and back.

    A part is a block of a larger matrix, whose rows lie apart: copied from there, each transfer
    would go through memory that the driver cannot read directly.
    """

    def __init__(self) -> None:
        self._bytes: Tensor | None = None

    def of(self, part: Tensor) -> Tensor:
        """Return room for a part, contiguous; what an earlier part left there is lost."""
        size = part.numel() * part.element_size()
        if self._bytes is None or len(self._bytes) < size:
            self._bytes = None
            self._bytes = torch.empty(size, dtype=torch.uint8, pin_memory=True)
        return self._bytes[:size].view(part.dtype).view(part.shape)

    def holding(self, part: Tensor) -> Tensor:
        """Return a part, copied."""
        return self.of(part).copy_(part)


@dataclass(frozen=True)
class Stage:
    """Where a matrix lies and where its parts are worked on.

    Attributes
    ----------
    device
        Where the work is done.
    copies
        Whether the matrix lies in main memory and its parts are copied.
    """

    device: torch.device
    copies: bool = False
    _carrier: _Carrier = field(default_factory=_Carrier, repr=False, compare=False)

    def empty(self, n: int, dtype: torch.dtype) -> Tensor:
        """Return an uninitialised (n, n) matrix, where it is to lie."""
        home = MAIN_MEMORY if self.copies else self.device
        return torch.empty((n, n), dtype=dtype, device=home)

    def load(self, part: Tensor) -> Tensor:
        """Return a part to read from."""
        if not self.copies:
            return part
        if self.device == MAIN_MEMORY:
            return part.clone()
        return self._carrier.holding(part).to(self.device)

    @contextmanager
    def fill(self, part: Tensor) -> Iterator[Tensor]:
        """Yield a part to overwrite; what it held is not read."""
        if not self.copies:
            yield part
            return
        here = torch.empty(part.shape, dtype=part.dtype, device=self.device)
        yield here
        self._store(here, part)

    @contextmanager
    def edit(self, part: Tensor) -> Iterator[Tensor]:
        """Yield a part to change."""
        here = self.load(part)
        yield here
        if self.copies:
            self._store(here, part)

    def _store(self, here: Tensor, part: Tensor) -> None:
        if self.device == MAIN_MEMORY:
            part.copy_(here)
        else:
            part.copy_(self._carrier.of(part).copy_(here))
