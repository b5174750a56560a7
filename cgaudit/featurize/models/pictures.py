"""Pictures as networks want them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from PIL import Image

from cgaudit.featurize.sizes import squared


def picture_tensor(
    image: Image.Image, side: int, mean: Sequence[float], std: Sequence[float]
) -> torch.Tensor:
    """Return a picture stretched to a square and standardised: (3, side, side) float32."""
    pixels = torch.from_numpy(squared(image, side, grey=False).copy()).permute(2, 0, 1).float()
    shift, scale = torch.tensor(mean).view(3, 1, 1), torch.tensor(std).view(3, 1, 1)
    return (pixels / 255 - shift) / scale
