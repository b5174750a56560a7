"""Image classifiers of torchvision, without their last layer."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import torch
from PIL import Image

from cgaudit.errors import FeaturizerError
from cgaudit.featurize.models.pictures import PictureModel
from cgaudit.wording.text import nearest

#: What torchvision's classifiers call their last layer.
_HEADS = ("fc", "classifier", "heads", "head")


class TorchVision(PictureModel):
    """A picture's features before the last layer of ``torchvision:NAME``, default weights."""

    name: ClassVar[str] = "torchvision"
    packages: ClassVar[tuple[str, ...]] = ("torchvision",)
    extra: ClassVar[str] = "torchvision"

    def load(self) -> torch.nn.Module:
        """Build the model with its default weights from PyTorch's local cache."""
        from torchvision import models

        known = models.list_models(models)
        if self.model not in known:
            raise FeaturizerError(
                f"torchvision has no classifier {self.model!r}.{nearest(self.model, known)} "
                "List them: python -c 'from torchvision import models; "
                "print(models.list_models(models))'"
            )
        file = Path(torch.hub.get_dir()) / "checkpoints" / PurePosixPath(self._weights.url).name
        if not file.is_file():
            get = f"models.get_model({self.model!r}, weights='DEFAULT')"
            raise self.missing(f'python -c "from torchvision import models; {get}"')
        network: torch.nn.Module = models.get_model(self.model, weights=self._weights)
        head = next((name for name in _HEADS if hasattr(network, name)), None)
        if head is None:
            raise FeaturizerError(
                f"{self.name}:{self.model} has no last layer that could be left out "
                f"({', '.join(_HEADS)}). Choose another model."
            )
        setattr(network, head, torch.nn.Flatten())
        return network

    def preparation(self) -> Callable[[Image.Image], torch.Tensor]:
        """Return the transforms that come with the weights."""
        transforms: Callable[[Image.Image], torch.Tensor] = self._weights.transforms()
        return transforms

    @cached_property
    def _weights(self) -> Any:  # noqa: ANN401 - an enumeration per model
        from torchvision import models

        return models.get_model_weights(self.model).DEFAULT
