"""Working on parts of a matrix that the device does not hold whole.

The matrix lies in main memory; its parts are copied to the device, and back where they were
changed. Where matrix and device are one place the parts are views, and nothing is copied.
(After Meanti et al. 2020, "Kernel methods through the roof", section 3.1: the out-of-core
factorisation of FALKON.)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

MAIN_MEMORY = torch.device("cpu")


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

    def empty(self, n: int, dtype: torch.dtype) -> Tensor:
        """Return an uninitialised (n, n) matrix, where it is to lie."""
        home = MAIN_MEMORY if self.copies else self.device
        return torch.empty((n, n), dtype=dtype, device=home)

    def load(self, part: Tensor) -> Tensor:
        """Return a part to read from."""
        return part.to(self.device, copy=True) if self.copies else part

    @contextmanager
    def fill(self, part: Tensor) -> Iterator[Tensor]:
        """Yield a part to overwrite; what it held is not read."""
        if not self.copies:
            yield part
            return
        here = torch.empty(part.shape, dtype=part.dtype, device=self.device)
        yield here
        part.copy_(here)

    @contextmanager
    def edit(self, part: Tensor) -> Iterator[Tensor]:
        """Yield a part to change."""
        here = self.load(part)
        yield here
        if self.copies:
            part.copy_(here)
