"""Image models of the timm library, without their classifier."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import torch
from PIL import Image

from cgaudit.errors import FeaturizerError
from cgaudit.featurize.models.pictures import PictureModel
from cgaudit.wording.text import nearest


class Timm(PictureModel):
    """A picture's pooled features by ``timm:NAME``, prepared as the model was trained."""

    name: ClassVar[str] = "timm"
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

    def preparation(self) -> Callable[[Image.Image], torch.Tensor]:
        """Return timm's transform for the model, without augmentation."""
        from timm.data import create_transform, resolve_model_data_config

        config = resolve_model_data_config(self.network)
        transform: Callable[[Image.Image], torch.Tensor] = create_transform(
            **config, is_training=False
        )
        return transform

    def _is_here(self) -> bool:
        import timm
        from huggingface_hub import try_to_load_from_cache

        facts = timm.get_pretrained_cfg(self.model)
        names = ("model.safetensors", "pytorch_model.bin")
        return bool(facts and facts.hf_hub_id) and any(
            isinstance(try_to_load_from_cache(facts.hf_hub_id, name), str) for name in names
        )
