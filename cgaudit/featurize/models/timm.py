"""Image models of the timm library, without their classifier."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

import torch
from PIL import Image

from cgaudit.dataset.source import SourceKind
from cgaudit.errors import FeaturizerError, nearest
from cgaudit.featurize.models.base import ModelFeaturizer


class Timm(ModelFeaturizer[Image.Image, torch.Tensor]):
    """A picture's pooled features by ``timm:NAME``, prepared as the model was trained."""

    name: ClassVar[str] = "timm"
    accepts: ClassVar[tuple[SourceKind, ...]] = ("images",)
    packages: ClassVar[tuple[str, ...]] = ("timm",)
    extra: ClassVar[str] = "timm"

    def load(self) -> torch.nn.Module:
        """Build the model with its pretrained weights from the hub's local cache."""
        import timm

        if not timm.is_model(self.model):
            known = timm.list_models(pretrained=True)
            raise FeaturizerError(
                f"timm has no model {self.model!r}.{nearest(self.model, known)} "
                "List them: python -c 'import timm; print(timm.list_models(pretrained=True))'"
            )
        if not self._is_here():
            code = f"import timm; timm.create_model({self.model!r}, pretrained=True)"
            raise self.missing(f'python -c "{code}"')
        network: torch.nn.Module = timm.create_model(self.model, pretrained=True, num_classes=0)
        return network

    def prepare(self, payload: Image.Image) -> torch.Tensor:
        """Return the picture as the model was trained on them."""
        prepared: torch.Tensor = self._preparation(payload)
        return prepared

    def vectors(self, batch: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return the pooled features."""
        found: torch.Tensor = self.network(torch.stack(list(batch)).to(self.device))
        return found

    @cached_property
    def _preparation(self) -> Any:  # noqa: ANN401 - a torchvision transform
        from timm.data import create_transform, resolve_model_data_config

        return create_transform(**resolve_model_data_config(self.network), is_training=False)

    def _is_here(self) -> bool:
        import timm
        from huggingface_hub import try_to_load_from_cache

        facts = timm.get_pretrained_cfg(self.model)
        names = ("model.safetensors", "pytorch_model.bin")
        return bool(facts and facts.hf_hub_id) and any(
            isinstance(try_to_load_from_cache(facts.hf_hub_id, name), str) for name in names
        )
