"""Samples to vectors: featurizers, their frozen state, and the content-addressed store."""

from cgaudit.featurize.base import Featurizer, FitData, State, load_state, save_state
from cgaudit.featurize.drift import covered_at_fit, covered_now, drift_note
from cgaudit.featurize.guesses import Guesses, counted, said
from cgaudit.featurize.registry import create_featurizer, featurizer_of
from cgaudit.featurize.run import Featurized, drawn, featurize, fit_featurizer, vectors_of
from cgaudit.featurize.store import META, FeatureStore, open_store

__all__ = [
    "META",
    "FeatureStore",
    "Featurized",
    "Featurizer",
    "FitData",
    "Guesses",
    "State",
    "counted",
    "covered_at_fit",
    "covered_now",
    "create_featurizer",
    "drawn",
    "drift_note",
    "featurize",
    "featurizer_of",
    "fit_featurizer",
    "load_state",
    "open_store",
    "said",
    "save_state",
    "vectors_of",
]
