"""Pictures as networks want them, and the networks that come with their own preparation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import ClassVar

import torch
from PIL import Image

from cgaudit.dataset import SourceKind
from cgaudit.featurize.models.base import ModelFeaturizer
from cgaudit.featurize.sizes import squared


def picture_tensor(
    image: Image.Image, side: int, mean: Sequence[float], std: Sequence[float]
) -> torch.Tensor:
    """Return a picture stretched to a square and standardised: (3, side, side) float32."""
    pixels = torch.from_numpy(squared(image, side, grey=False).copy()).permute(2, 0, 1).float()
    shift, scale = torch.tensor(mean).view(3, 1, 1), torch.tensor(std).view(3, 1, 1)
    return (pixels / 255 - shift) / scale


class PictureModel(ModelFeaturizer[Image.Image, torch.Tensor]):
    """A network of a library that knows how its pictures were prepared for training."""

    accepts: ClassVar[tuple[SourceKind, ...]] = ("images",)

    @abstractmethod
    def preparation(self) -> Callable[[Image.Image], torch.Tensor]:
        """Return what turns a picture into the network's input, as in its training."""

    def prepare(self, payload: Image.Image) -> torch.Tensor:
        """Return the picture as the model was trained on them."""
        return self._prepare(payload)

    def vectors(self, batch: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return what the network gives."""
        found: torch.Tensor = self.network(torch.stack(list(batch)).to(self.device))
        return found

    @cached_property
    def _prepare(self) -> Callable[[Image.Image], torch.Tensor]:
        return self.preparation()
