"""The labels of samples, whole and part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from cgaudit.numerics.classes import UNLABELLED, EncodedLabels
from cgaudit.numerics.contents import Keys


class OnDevice(NamedTuple):
    """The labels of a part where its predictions are.

    Attributes
    ----------
    codes : Tensor of int64, shape (b_l,)
        Class numbers of the labelled samples.
    labelled : Tensor of bool, shape (b,)
    known : Tensor of bool, shape (b_l,)
        Labelled samples of which anything is known: their features are not all zero.
    """

    codes: Tensor
    labelled: Tensor
    known: Tensor


@dataclass(frozen=True)
class PartLabels:
    """The labels of b consecutive samples.

    Attributes
    ----------
    codes : ndarray of int64, shape (b,)
        Class numbers; `UNLABELLED` where there is none.
    known : ndarray of bool, shape (b,)
        Whether their features are not all zero.
    """

    codes: np.ndarray
    known: np.ndarray

    @property
    def labelled(self) -> np.ndarray:
        """Which of them have a label: bool, shape (b,)."""
        labelled: np.ndarray = self.codes != UNLABELLED
        return labelled

    def on(self, device: torch.device) -> OnDevice:
        """Return them on a device."""
        labelled = self.labelled
        own = self.codes[labelled], labelled, self.known[labelled]
        return OnDevice(*(torch.tensor(values).to(device) for values in own))


@dataclass(frozen=True)
class Labelling:
    """The labels of n samples, in the order in which they are looked at.

    Attributes
    ----------
    encoded
        Class numbers of the samples.
    zero : ndarray of bool, shape (n,)
        Samples whose features are all zero.
    names : ndarray of int64, shape (n,)
        The number by which the user knows each sample.
    keys : ndarray of uint64, shape (n,)
        Keyed hashes of their content, by which samples of them are drawn.
    """

    encoded: EncodedLabels
    zero: np.ndarray
    names: np.ndarray
    keys: Keys

    @property
    def n_classes(self) -> int:
        """Number of classes K."""
        return len(self.encoded.classes)

    @property
    def whole(self) -> list[tuple[int, int]]:
        """The (start, stop) of all samples as one part."""
        return [(0, len(self.zero))]

    def parts(self, spans: Sequence[tuple[int, int]]) -> list[PartLabels]:
        """Return the labels of each part."""
        codes = self.encoded.codes
        return [PartLabels(codes[a:b], ~self.zero[a:b]) for a, b in spans]
