"""Featurizers by name: the built-in ones, and those that installed packages offer."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, cast

from cgaudit.dataset import Source, SourceKind
from cgaudit.errors import FeaturizerError
from cgaudit.featurize.base import Featurizer
from cgaudit.params import Params
from cgaudit.wording.text import nearest, shown

if TYPE_CHECKING:
    from cgaudit.featurize.models.base import ModelFeaturizer

#: The entry-point group in which a package names its featurizer classes.
GROUP = "cgaudit.featurizers"

BUILT_IN = {
    "embedding": "cgaudit.featurize.embedding:Embedding",
    "patches": "cgaudit.featurize.patches:Patches",
    "pixels": "cgaudit.featurize.pixels:Pixels",
    "tabular": "cgaudit.featurize.tabular:Tabular",
    "text": "cgaudit.featurize.text:Text",
}
MODELS = {
    "sentence-transformers": "cgaudit.featurize.models.sentence_transformers:SentenceTransformers",
    "timm": "cgaudit.featurize.models.timm:Timm",
    "torchscript": "cgaudit.featurize.models.torchscript:TorchScript",
    "torchvision": "cgaudit.featurize.models.torchvision:TorchVision",
    "transformers": "cgaudit.featurize.models.transformers:Transformers",
}
"""Families whose name is followed by a colon and a model."""

DEFAULTS: dict[SourceKind, str] = {
    "images": "patches",
    "features": "embedding",
    "text": "text",
    "table": "tabular",
}


def create_featurizer(
    name: str, options: Mapping[str, Any] | None = None, *, kind: SourceKind | None = None
) -> Featurizer[Any, Any]:
    """Return a featurizer, not fitted.

    Parameters
    ----------
    name
        A registered name, with a colon and a model where it is a family of models; or ``"auto"``
        for the default of the kind of source.
    options
        Overrides of its defaults.
    kind
        The kind of source it is for; None does not check.

    Raises
    ------
    FeaturizerError
        The name is unknown, the options are, it does not read that kind of source, or what it needs
        is not installed.
    """
    if name == "auto":
        if kind is None:
            raise FeaturizerError("The featurizer 'auto' needs a source to choose for. Name one.")
        name = DEFAULTS[kind]
    family, colon, model = name.partition(":")
    known = _load(family)
    if kind is not None and kind not in known.accepts:
        raise FeaturizerError(
            f"The featurizer {family!r} reads {' or '.join(known.accepts)}, and the source holds "
            f"{kind}. For {kind} there are: {shown(_fitting(kind))}."
        )
    if family in MODELS:
        return cast("type[ModelFeaturizer[Any, Any]]", known)(options, model)
    if colon:
        raise FeaturizerError(f"The featurizer {family!r} takes no model; write {family!r} alone.")
    return known(options)


def featurizer_of(params: Params, source: Source) -> Any:  # noqa: ANN401 - any payload
    """Return the featurizer that the parameters name for a source, not fitted."""
    named = params.featurize
    featurizer = create_featurizer(named.name, named.options, kind=source.kind)
    featurizer.grey_bits = params.source.grey_bits
    return featurizer


def _fitting(kind: SourceKind) -> list[str]:
    names = [name for name in BUILT_IN if kind in _load(name).accepts]
    return names + [f"{name}:MODEL" for name in MODELS if kind in _load(name).accepts]


def _load(name: str) -> type[Featurizer[Any, Any]]:
    where = BUILT_IN.get(name) or MODELS.get(name)
    if where:
        module, _, attribute = where.partition(":")
        return cast(
            "type[Featurizer[Any, Any]]", getattr(importlib.import_module(module), attribute)
        )
    offered = {point.name: point for point in entry_points(group=GROUP)}
    if name in offered:
        return cast("type[Featurizer[Any, Any]]", offered[name].load())
    known = [*BUILT_IN, *(f"{family}:MODEL" for family in MODELS), *offered]
    raise FeaturizerError(
        f"There is no featurizer {name!r}.{nearest(name, known)} There are: {shown(known, 20)}."
    )
