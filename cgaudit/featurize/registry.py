"""Featurizers by name: the built-in ones, and those that installed packages offer."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any, cast

from cgaudit.dataset.source import SourceKind
from cgaudit.errors import FeaturizerError, nearest, shown
from cgaudit.featurize.base import Featurizer

#: The entry-point group in which a package names its featurizer classes.
GROUP = "cgaudit.featurizers"

BUILT_IN = {
    "embedding": "cgaudit.featurize.embedding:Embedding",
    "patches": "cgaudit.featurize.patches:Patches",
    "pixels": "cgaudit.featurize.pixels:Pixels",
    "tabular": "cgaudit.featurize.tabular:Tabular",
    "text": "cgaudit.featurize.text:Text",
}
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
        A registered name, or ``"auto"`` for the default of the kind of source.
    options
        Overrides of its defaults.
    kind
        The kind of source it is for; None does not check.

    Raises
    ------
    FeaturizerError
        The name is unknown, the options are, or it does not read that kind of source.
    """
    if name == "auto":
        if kind is None:
            raise FeaturizerError("The featurizer 'auto' needs a source to choose for. Name one.")
        name = DEFAULTS[kind]
    featurizer = _load(name)(options)
    if kind is not None and featurizer.accepts != kind:
        fitting = [other for other in BUILT_IN if _load(other).accepts == kind]
        raise FeaturizerError(
            f"The featurizer {name!r} reads {featurizer.accepts}, and the source holds {kind}. "
            f"For {kind} there are: {shown(fitting)}."
        )
    return featurizer


def _load(name: str) -> type[Featurizer[Any, Any]]:
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        return cast(
            "type[Featurizer[Any, Any]]", getattr(importlib.import_module(module), attribute)
        )
    offered = {point.name: point for point in entry_points(group=GROUP)}
    if name in offered:
        return cast("type[Featurizer[Any, Any]]", offered[name].load())
    known = [*BUILT_IN, *offered]
    raise FeaturizerError(
        f"There is no featurizer {name!r}.{nearest(name, known)} There are: {shown(known)}."
    )
