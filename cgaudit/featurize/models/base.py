"""What all featurizers with a trained model share."""

from __future__ import annotations

import hashlib
import importlib
import json
import threading
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
import torch

from cgaudit.errors import FeaturizerError
from cgaudit.featurize.base import Featurizer
from cgaudit.installed import install
from cgaudit.wording.text import one_line

Payload = TypeVar("Payload")
Prepared = TypeVar("Prepared")

#: What each process makes for itself: it does not travel to a worker.
_OWN = frozenset({"_lock", "device", "network", "weights_digest", "_prepare"})


@dataclass(frozen=True)
class NoOptions:
    """Nothing to choose."""


class ModelFeaturizer(Featurizer[Payload, Prepared]):
    """A trained model's representation of a sample.

    Nothing is downloaded: a model whose weights are not on this machine is an error that says how
    to get them, so that a run never depends on a network. The fingerprint covers the weights
    themselves. A vector's last bits may depend on the batch it is computed in.

    Runs on the first CUDA device where there is one, else on the CPU. One batch is computed at a
    time, while others are decoded in threads.

    Parameters
    ----------
    options
        Overrides of the defaults in `Options`.
    model
        The part after the colon.

    Raises
    ------
    FeaturizerError
        The family's packages are not installed, or the model is not on this machine.
    """

    #: Packages that the family needs, by the name they are imported with.
    packages: ClassVar[tuple[str, ...]]
    #: The extra of cgaudit that installs them.
    extra: ClassVar[str]
    Options: ClassVar[type] = NoOptions
    on_card: ClassVar[bool] = True
    batch_size: ClassVar[int] = 32

    def __init__(self, options: Mapping[str, Any] | None = None, model: str = "") -> None:
        super().__init__(options)
        if not model:
            raise FeaturizerError(
                f"The featurizer {self.name!r} needs a model: write {self.name}:MODEL."
            )
        self.model = model
        self._lock = threading.Lock()
        for package in self.packages:
            _require(package, self.name, self.extra)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in _OWN}

    def __setstate__(self, facts: Mapping[str, Any]) -> None:
        vars(self).update(facts)
        self._lock = threading.Lock()

    @property
    def full_name(self) -> str:
        """``family:model``."""
        return f"{self.name}:{self.model}"

    @cached_property
    def device(self) -> torch.device:
        """Where the model runs."""
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")

    @cached_property
    def network(self) -> torch.nn.Module:
        """The model, in evaluation mode, on its device.

        Raises
        ------
        FeaturizerError
            It is not on this machine.
        """
        return self.load().eval().to(self.device)

    @abstractmethod
    def load(self) -> torch.nn.Module:
        """Read the model from this machine."""

    @abstractmethod
    def vectors(self, batch: Sequence[Prepared]) -> torch.Tensor:
        """Return one vector per prepared sample: (b, d), on any device."""

    def transform(self, batch: Sequence[Prepared]) -> np.ndarray:
        """Return one vector per prepared sample: (b, d) float32.

        Raises
        ------
        FeaturizerError
            The model gives something else.
        """
        with self._lock, torch.inference_mode():
            found = self.vectors(batch)
        if not isinstance(found, torch.Tensor) or found.ndim != 2 or len(found) != len(batch):
            shape = tuple(getattr(found, "shape", ())) or type(found).__name__
            raise FeaturizerError(
                f"{self.full_name} gives {shape} for {len(batch)} samples; one vector "
                f"each, shape ({len(batch)}, d), is needed."
            )
        vectors: np.ndarray = found.float().cpu().numpy()
        return vectors

    def described(self, recipe: int) -> str:
        """Return name, model, a hash of its weights, options and recipe as canonical JSON."""
        facts = json.loads(super().described(recipe))
        facts |= {"model": self.model, "weights": self.weights_digest}
        return json.dumps(facts, sort_keys=True)

    @cached_property
    def weights_digest(self) -> str:
        """SHA-256 of the model's tensors, by name, in hex."""
        digest = hashlib.sha256()
        for name, tensor in sorted(self.network.state_dict().items()):
            digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
            flat = tensor.detach().cpu().contiguous().flatten()
            digest.update(flat.view(torch.uint8).numpy().tobytes())
        return digest.hexdigest()

    def missing(self, command: str, error: Exception | None = None) -> FeaturizerError:
        """Return the error that says how to get the weights."""
        reason = f" ({one_line(error)[:200]})" if error else ""
        return FeaturizerError(
            f"The model {self.model!r} of the featurizer {self.name!r} is not on this machine"
            f"{reason}. Download it once: {command}"
        )

    def existing_file(self) -> Path:
        """Return the model as the path of a local file.

        Raises
        ------
        FeaturizerError
            There is none.
        """
        path = Path(self.model)
        if not path.is_file():
            raise FeaturizerError(f"{self.full_name}: there is no such file.")
        return path


def _require(package: str, name: str, extra: str) -> None:
    try:
        importlib.import_module(package)
    except (ImportError, OSError, RuntimeError) as error:
        # torchvision built for another PyTorch fails when it registers its operators.
        raise FeaturizerError(
            f"The featurizer {name!r} needs the package {package!r}, which cannot be imported "
            f"({error}). Install it: {install(extra)}"
        ) from None
