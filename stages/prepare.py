"""The `prepare` stage: scikit-learn's 1,797 handwritten digits as PNG files, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

IMAGES = Path("data/images")
#: Grey levels of the original scans are 0 to 16.
LEVELS = 16


def main() -> None:
    """Write data/images/0000.png … 1796.png."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for number, pixels in enumerate(load_digits().images):
        grey = np.round(pixels * (255 / LEVELS)).astype(np.uint8)
        Image.fromarray(grey).save(IMAGES / f"{number:04}.png")


if __name__ == "__main__":
    main()
