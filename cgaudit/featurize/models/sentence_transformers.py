"""Sentence embeddings by a model of the sentence-transformers library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import torch

from cgaudit.dataset import SourceKind
from cgaudit.featurize.models.base import ModelFeaturizer


class SentenceTransformers(ModelFeaturizer[str, str]):
    """A text's embedding by ``sentence-transformers:NAME``, a folder or a name on the hub."""

    name: ClassVar[str] = "sentence-transformers"
    accepts: ClassVar[tuple[SourceKind, ...]] = ("text",)
    packages: ClassVar[tuple[str, ...]] = ("sentence_transformers",)
    extra: ClassVar[str] = "sentence-transformers"
    batch_size: ClassVar[int] = 128

    def load(self) -> torch.nn.Module:
        """Read the model from its folder or the hub's local cache; never a pickle."""
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        try:
            network: torch.nn.Module = SentenceTransformer(
                self.model,
                device=str(self.device),
                local_files_only=True,
                model_kwargs={"use_safetensors": True},
            )
        except (OSError, ValueError) as error:
            hub = self.model if "/" in self.model else f"sentence-transformers/{self.model}"
            raise self.missing(f"hf download {hub}", error) from None
        return network

    def prepare(self, payload: str) -> str:
        """Return the text."""
        return payload

    def vectors(self, batch: Sequence[str]) -> torch.Tensor:
        """Return the texts' embeddings."""
        model: Any = self.network
        found: torch.Tensor = model.encode(
            list(batch), convert_to_tensor=True, show_progress_bar=False
        )
        return found
