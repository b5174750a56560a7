"""A project of handwritten digits, featurized and scored, a few labels wrong and some missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from click.testing import CliRunner, Result
from export_data import project_params
from PIL import Image
from sklearn.datasets import load_digits

from cgaudit.cli import cli

COUNT = 160
#: Samples whose label is three more than the digit.
WRONG = (5, 16, 22, 40, 45, 61, 70, 75, 82, 90, 101, 110, 123, 130, 144)
UNLABELLED = (7, 9, 30)


def write_digits(folder: Path, numbers: range, *, new: bool) -> None:
    images, target = load_digits(return_X_y=True)
    (folder / "photos").mkdir(exist_ok=True)
    lines = ["id,image,label"] if new else []
    for number in numbers:
        grey = (images[number].reshape(8, 8) * 15).astype(np.uint8)
        Image.fromarray(grey).save(folder / f"photos/{number:03}.png")
        label = f"d{(target[number] + 3 * (number in WRONG)) % 10}"
        label = "" if number in UNLABELLED else label
        lines.append(f"{number:03},{number:03}.png,{label}")
    with (folder / "labels.csv").open("w" if new else "a") as file:
        file.write("\n".join(lines) + "\n")


def invoke(folder: Path, *arguments: str, code: int = 0) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        result = CliRunner().invoke(cli, list(arguments))
    assert result.exit_code == code, result.output
    return result


def set_params(folder: Path, **select: object) -> None:
    path = folder / "params.yaml"
    params = yaml.safe_load(path.read_text())
    params["cgaudit"]["select"] = select
    path.write_text(yaml.safe_dump(params))


def scored_project(folder: Path) -> Path:
    write_digits(folder, range(COUNT), new=True)
    project_params(folder, "{path: photos, labels: labels.csv}")
    for command in ("fit", "featurize", "score"):
        invoke(folder, command)
    return folder
