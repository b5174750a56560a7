"""Evidence for the report: the neighbours of its samples, by the features they were scored by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cgaudit.errors import StaleError
from cgaudit.evidence.encoded import encoded
from cgaudit.featurize import FeatureStore
from cgaudit.numerics.classes import ANY
from cgaudit.numerics.neighbours import Neighbours, nearest
from cgaudit.pages.frame.asked import Evidence, FindNeighbours, Neighbour, Question
from cgaudit.results.overview import Overview
from cgaudit.results.table import Provenance

#: How many of the nearest samples are asked for their label.
VOTERS = 10

_GIVEN, _RIVAL, _ANY = range(3)


class Witnesses:
    """Finds the neighbours that speak for each of two labels.

    Parameters
    ----------
    scores
        The samples that may be asked about, and that may be neighbours: n of them.
    store
        Their features.
    k
        How many neighbours to name for each label.

    Raises
    ------
    StaleError
        The store lacks a sample of the scores, or was made by another featurizer.
    """

    def __init__(self, scores: Overview, store: FeatureStore, k: int) -> None:
        _check_featurizer(store, scores.provenance)
        self._k = k
        self._scores = scores
        self._ids = scores.table["id"].array
        self._vectors = store.vectors
        self._where = store.rows(scores.contents())
        self._encoded = encoded(scores.table["given_label"])

    def __call__(self, questions: Sequence[Question]) -> list[Evidence]:
        """Return the evidence on each question."""
        wanted = [
            [self._encoded.code(asked.given), self._encoded.code(asked.rival), ANY]
            for asked in questions
        ]
        found = nearest(
            self._vectors,
            self._where,
            self._encoded.codes,
            self._numbers(questions),
            np.array(wanted, dtype=np.int64).reshape(-1, 3),
            max(self._k, VOTERS),
        )
        return [self._evidence(found, query) for query in range(len(questions))]

    def _evidence(self, found: Neighbours, query: int) -> Evidence:
        voters = _present(found.samples[query, _ANY])[:VOTERS]
        return Evidence(
            given=self._named(found, query, _GIVEN),
            rival=self._named(found, query, _RIVAL),
            labels=self._labels(voters),
        )

    def _numbers(self, questions: Sequence[Question]) -> npt.NDArray[np.int64]:
        return np.array([self._scores.find(asked.sample) for asked in questions], dtype=np.int64)

    def _labels(self, samples: Sequence[int]) -> list[str]:
        """Return the labels of samples that have one, by their numbers."""
        return [str(self._encoded.classes[self._encoded.codes[sample]]) for sample in samples]

    def _named(self, found: Neighbours, query: int, slot: int) -> list[Neighbour]:
        samples = _present(found.samples[query, slot])[: self._k]
        # The kernel of two samples with the same features is 1/2.
        similarity = 2 * found.kernel[query, slot]
        return [
            Neighbour(str(self._ids[sample]), float(similarity[i]))
            for i, sample in enumerate(samples)
        ]


class NearestWitnesses(Witnesses):
    """Finds the nearest samples that have a label, whatever it is; each comes with it."""

    def __call__(self, questions: Sequence[Question]) -> list[Evidence]:
        """Return the evidence on each question: the nearest stand as ``given``."""
        found = nearest(
            self._vectors,
            self._where,
            self._encoded.codes,
            self._numbers(questions),
            np.full((len(questions), 1), ANY, dtype=np.int64),
            max(self._k, VOTERS),
        )
        return [self._nearest(found, query) for query in range(len(questions))]

    def _nearest(self, found: Neighbours, query: int) -> Evidence:
        samples = _present(found.samples[query, 0])
        named = self._named(found, query, 0)
        labels = self._labels(samples)
        given = [it._replace(label=label) for it, label in zip(named, labels, strict=False)]
        return Evidence(given=given, rival=(), labels=labels[:VOTERS])


def witnesses_of(scores: Overview, store: FeatureStore, k: int) -> FindNeighbours:
    """Return what finds the neighbours of samples, by what labels are; raises as `Witnesses`."""
    find = Witnesses if scores.provenance.of_classes else NearestWitnesses
    return find(scores, store, k)


def _present(samples: npt.NDArray[np.int64]) -> list[int]:
    return [int(sample) for sample in samples if sample >= 0]


def _check_featurizer(store: FeatureStore, provenance: Provenance) -> None:
    if store.meta.fingerprint != provenance.featurizer_fingerprint:
        raise StaleError(
            f"The features were made by another featurizer ({store.meta.fingerprint}) than the "
            f"scores ({provenance.featurizer_fingerprint}). Run `cgaudit score` again."
        )
