"""The mean last hidden state of a model of the transformers library, for text or pictures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

import torch
from PIL import Image

from cgaudit.dataset import SourceKind
from cgaudit.errors import FeaturizerError
from cgaudit.featurize.models.base import ModelFeaturizer


class Transformers(ModelFeaturizer[str | Image.Image, str | Image.Image]):
    """``transformers:NAME``, a folder or a name on the hub.

    A text's vector is the mean of the last hidden states of its tokens, longer texts cut to what
    the model takes; a picture's is the model's pooled output where it has one, else that mean.
    """

    name: ClassVar[str] = "transformers"
    accepts: ClassVar[tuple[SourceKind, ...]] = ("text", "images")
    packages: ClassVar[tuple[str, ...]] = ("transformers",)
    extra: ClassVar[str] = "transformers"

    def load(self) -> torch.nn.Module:
        """Read the model from its folder or the hub's local cache; never a pickle."""
        from transformers import AutoModel
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()
        model: torch.nn.Module = self._local(AutoModel, use_safetensors=True)
        return model

    def prepare(self, payload: str | Image.Image) -> str | Image.Image:
        """Return the sample: tokens and pixels are made a batch at a time."""
        return payload

    def vectors(self, batch: Sequence[str | Image.Image]) -> torch.Tensor:
        """Return the vectors of texts or of pictures."""
        if isinstance(batch[0], str):
            inputs = self._tokenizer(
                list(batch), padding=True, truncation=True, return_tensors="pt"
            ).to(self.device)
            hidden: torch.Tensor = self.network(**inputs).last_hidden_state
            weights: torch.Tensor = inputs["attention_mask"].unsqueeze(-1).to(hidden.dtype)
            return (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)
        inputs = self._images(list(batch), return_tensors="pt").to(self.device)
        found = self.network(**inputs)
        pooled = getattr(found, "pooler_output", None)
        hidden = found.last_hidden_state if pooled is None else pooled
        return hidden.flatten(2).mean(dim=2) if hidden.ndim == 4 else _mean_of_tokens(hidden)

    @cached_property
    def _tokenizer(self) -> Any:  # noqa: ANN401 - made by name
        from transformers import AutoTokenizer

        tokenizer = self._local(AutoTokenizer)
        if tokenizer.model_max_length > 1_000_000:
            tokenizer.model_max_length = getattr(
                self.network.config, "max_position_embeddings", 512
            )
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        return tokenizer

    @cached_property
    def _images(self) -> Any:  # noqa: ANN401 - made by name
        from transformers import AutoImageProcessor

        try:
            return self._local(AutoImageProcessor)
        except ImportError as error:
            raise FeaturizerError(
                f"{self.name}:{self.model} needs more packages for pictures: {error}"
            ) from None

    def _local(self, kind: Any, **options: Any) -> Any:  # noqa: ANN401 - an Auto… class
        try:
            return kind.from_pretrained(
                self.model, local_files_only=True, trust_remote_code=False, **options
            )
        except (OSError, ValueError) as error:
            raise self.missing(f"hf download {self.model}", error) from None


def _mean_of_tokens(hidden: torch.Tensor) -> torch.Tensor:
    """Return (b, d) as it is, and (b, tokens, d) averaged over tokens."""
    return hidden.mean(dim=1) if hidden.ndim == 3 else hidden
