"""A TorchScript file: the user's own network, without its code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from PIL import Image

from cgaudit.dataset import SourceKind
from cgaudit.errors import FeaturizerError
from cgaudit.featurize.models.base import ModelFeaturizer
from cgaudit.featurize.models.pictures import picture_tensor


@dataclass(frozen=True)
class TorchScriptOptions:
    """How pictures are brought to what the network was trained on.

    Attributes
    ----------
    side
        They are stretched to side × side pixels.
    mean, std
        Subtracted from and divided by, for red, green and blue in 0 … 1; ImageNet's.
    """

    side: int = 224
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)

    def __post_init__(self) -> None:
        for name in ("mean", "std"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
            if len(getattr(self, name)) != 3:
                raise ValueError(f"{name} must have three values")
        if self.side < 1 or min(self.std) <= 0:
            raise ValueError("side must be at least 1, std above 0")


class TorchScript(ModelFeaturizer[Image.Image, torch.Tensor]):
    """A network saved with ``torch.jit.save`` that maps (b, 3, side, side) pictures to (b, d).

    A TorchScript file is a program that PyTorch runs: name only files that you trust.
    """

    name: ClassVar[str] = "torchscript"
    accepts: ClassVar[tuple[SourceKind, ...]] = ("images",)
    Options: ClassVar[type] = TorchScriptOptions
    packages: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str] = ""

    def load(self) -> torch.nn.Module:
        """Read the file."""
        path = self.existing_file()
        try:
            network: torch.nn.Module = torch.jit.load(str(path), map_location=self.device)  # type: ignore[no-untyped-call]
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[0]
            raise FeaturizerError(
                f"{path} is no TorchScript file ({reason}). Save one: "
                "torch.jit.trace(network, example).save(path)"
            ) from None
        return network

    def prepare(self, payload: Image.Image) -> torch.Tensor:
        """Return the picture as the network wants it: (3, side, side) float32."""
        options = self.options
        return picture_tensor(payload, options.side, options.mean, options.std)

    def vectors(self, batch: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return what the network says of the pictures."""
        found: torch.Tensor = self.network(torch.stack(list(batch)).to(self.device))
        return found
