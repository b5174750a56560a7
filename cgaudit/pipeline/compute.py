"""Versions that have no scores, scored as others were, in a temporary place."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cgaudit import featurize as features
from cgaudit.dataset import BoxSource, Source, open_source
from cgaudit.errors import CgauditError, NoScoresError
from cgaudit.featurize import FeatureStore
from cgaudit.params import Params
from cgaudit.paramsfile import read_params
from cgaudit.pipeline.layout import lay_out
from cgaudit.pipeline.presence import notes_on_gaps
from cgaudit.pipeline.reuse import previous_store
from cgaudit.pipeline.score import Inputs, score_samples
from cgaudit.progress import Announce, Progress
from cgaudit.project import PARAMS, REVIEWED, Outputs
from cgaudit.results.columns import are_numbers
from cgaudit.review import no_reviews, read_reviewed
from cgaudit.revisions import Repository, Revision
from cgaudit.versions import Pair, Version, read_version

#: What a scores table records of how it was asked for, under the names of the parameters.
_RECORDED = (
    *("method", "ridge", "likelihood", "landmarks", "seed", "precision"),
    *("issue_rule", "strictness", "task"),
)


#: Scores of other machines differ by rounding.
_SAME_SCORE = 0.01


def read_or_compute(
    repository: Repository,
    a: Revision,
    b: Revision,
    params: Params,
    progress: Mapping[str, Progress] | None = None,
    announce: Announce | None = None,
) -> tuple[Pair, list[str]]:
    """Read both versions, and score the one that has no scores as the other was scored.

    The parameters and the featurizer's state are those of the version that has scores, or of b
    where neither has. Vectors are taken from its feature store; only what is not in there is
    fetched and featurized. Nothing in the workspace changes, and nothing is kept.

    Parameters
    ----------
    repository, a, b
        What to read.
    params
        Those of the workspace.
    progress
        Functions to tell of the work, under ``"featurize"`` and ``"score"``.
    announce
        Told what scoring will take, before it starts.

    Returns
    -------
    pair
        The two versions; the notes of one that was computed say so.
    notes
        What to tell the user.

    Raises
    ------
    NoScoresError
        A version has neither scores nor the data.
    MissingObjectError
        Its data can be had nowhere.
    """
    later, earlier = _scored(repository, b), _scored(repository, a)
    like = later or earlier
    at = like.revision if like is not None else b
    computing = _Computing(
        repository, at, _params_of(repository, like, params), progress or {}, announce
    )
    pair = Pair(earlier or computing.version(a), later or computing.version(b))
    return pair, computing.notes


def recompute(
    repository: Repository,
    a: Revision,
    b: Revision,
    progress: Mapping[str, Progress] | None = None,
    announce: Announce | None = None,
) -> tuple[Pair, list[str]]:
    """Read version a, and score b's data anew as a was scored, whatever b says of itself.

    Parameters, the featurizer's state and features to reuse are a's alone: of b, only the data, its
    labels and its review memory are read.

    Returns
    -------
    pair
        The two versions.
    notes
        What to tell the user; also whether the scores that b came with are those of its data.

    Raises
    ------
    NoScoresError
        Version a is no ground to score by, or b has no data.
    MissingObjectError
        Something can be had nowhere.
    """
    earlier = read_version(repository, a)
    content = repository.find(PARAMS, a)
    if content is None:
        raise NoScoresError(f"{a} has no {PARAMS}, so nothing says how to score {b} anew.")
    params = read_params(content.data, f"{PARAMS} at {a}")
    recorded = {name: getattr(earlier.scores.provenance, name) for name in _RECORDED}
    params = _without_factor(params, recorded)
    _refuse_models(repository, params)
    computing = _Computing(repository, a, params, progress or {}, announce, trusted=True)
    later = computing.version(b)
    return Pair(earlier, later), [*computing.notes, _agreement(repository, later)]


def _refuse_models(repository: Repository, params: Params) -> None:
    """Refuse a featurizer whose model is a file of the workspace, which is b's: it is code."""
    kind, _, model = params.featurize.name.partition(":")
    if kind == "torchscript" or (model and (repository.project.root / model).exists()):
        raise NoScoresError(
            f"The featurizer {params.featurize.name!r} loads a model from the workspace, and a "
            "model is code: scores are not computed anew with one that the change may have brought."
        )


def _agreement(repository: Repository, computed: Version) -> str:
    """Say whether the scores that a version came with are those of its data."""
    at = computed.revision
    try:
        committed = read_version(repository, at).scores.table
    except CgauditError as error:
        return f"The scores that {at} came with cannot be read: {error}"
    n, total = differing(committed, computed.scores.table), len(computed.scores.table)
    if not n:
        return f"The scores that {at} came with are those of its data."
    return (
        f"The scores that {at} came with are not those of its data: {n:,} of {total:,} samples "
        "differ. Those computed here count."
    )


def differing(a: pd.DataFrame, b: pd.DataFrame) -> int:
    """Count the samples that two scores tables disagree on, or that only one has."""
    if are_numbers(b.columns):
        # Of a number, rounding may move the last digit that is written.
        columns = ["given_label", "label_score"]
    else:
        columns = ["given_label", "predicted_label", "label_score"]
    # Ids of a forged table may repeat.
    a, b = (table.drop_duplicates("id").set_index("id")[columns] for table in (a, b))
    both = a.join(b.add_suffix("_b"), how="outer")
    same = np.ones(len(both), dtype=bool)
    for name in columns[:-1]:
        same &= (both[name].fillna("") == both[f"{name}_b"].fillna("")).to_numpy(dtype=bool)
    before, after = (both[name].to_numpy(float) for name in ("label_score", "label_score_b"))
    same &= np.isclose(before, after, rtol=0.0, atol=_SAME_SCORE, equal_nan=True)
    return int((~same).sum())


def _scored(repository: Repository, revision: Revision) -> Version | None:
    try:
        return read_version(repository, revision)
    except NoScoresError:
        return None


def _params_of(repository: Repository, like: Version | None, today: Params) -> Params:
    """Return the parameters that a version was scored by, except where things are kept."""
    if like is None:
        return _without_factor(today, {})
    committed = None
    if like.revision.commit is not None:
        committed = repository.find(PARAMS, like.revision)
    params = today
    if committed is not None:
        params = read_params(committed.data, f"{PARAMS} at {like.revision}")
    # The method may have been chosen for the size of its data ("auto"); it must be the same here.
    recorded = {name: getattr(like.scores.provenance, name) for name in _RECORDED}
    return _without_factor(params, recorded)


def _without_factor(params: Params, score: Mapping[str, Any]) -> Params:
    """Return parameters under which scoring writes nothing beside its results."""
    changed = {**score, "keep_factor": False}
    return params.model_copy(update={"score": params.score.model_copy(update=changed)})


def _missing(md5s: Mapping[str, str], store: FeatureStore | None) -> list[str]:
    """Return the files whose contents the store has no vectors of."""
    names = list(md5s)
    if store is None or not names:
        return names
    rows = store.find([md5s[name] for name in names])
    return [name for name, row in zip(names, rows, strict=True) if row < 0]


def _to_fetch(source: Source, md5s: Mapping[str, str], store: FeatureStore | None) -> Sequence[str]:
    """Return the files that are needed for vectors that the store does not have."""
    if not isinstance(source, BoxSource):
        return _missing(md5s, store)
    boxes, _ = source.samples(md5s)
    if store is None:
        return [name for name in md5s if not source.lacks_picture(name)]
    lacking = boxes["path"][store.find(boxes["content_hash"].tolist()) < 0]
    needed = {*source.pictures_of(lacking.tolist()), *source.unmeasured}
    return sorted(needed.intersection(md5s))


@dataclass
class _Computing:
    """Scores versions, all in one way.

    Attributes
    ----------
    at
        The revision that has the featurizer's state, and features to reuse.
    params
        How to score.
    trusted
        Take from `at` alone what decides on the scores, nothing from the workspace.
    notes
        What to tell the user.
    """

    repository: Repository
    at: Revision
    params: Params
    progress: Mapping[str, Progress]
    announce: Announce | None
    trusted: bool = False
    notes: list[str] = field(default_factory=list)

    def version(self, revision: Revision) -> Version:
        with tempfile.TemporaryDirectory(prefix="cgaudit-") as scratch:
            return self._scored(revision, Path(scratch))

    def _scored(self, revision: Revision, scratch: Path) -> Version:
        if revision.commit is None:
            self.notes += notes_on_gaps(self.repository.project, self.params.source)
        data = lay_out(self.repository, revision, self.params.source, scratch / "data")
        source = open_source(data.source, sets=self.params.sets)
        featurizer = features.featurizer_of(self.params, source)
        features.load_state(featurizer, self._state(scratch), self.params.recipe)
        fingerprint = featurizer.fingerprint(self.params.recipe)
        reusing = previous_store(self.repository.project, fingerprint, self.at, alone=self.trusted)
        with reusing as previous:
            data.fill(_to_fetch(source, data.md5s, previous.store))
            done = features.featurize(
                source,
                featurizer,
                Outputs(scratch).features,
                recipe=self.params.recipe,
                reuse=previous.store,
                known_hashes=data.md5s,
                on_error=data.source.on_error,
                progress=self.progress.get("featurize"),
            )
        memory = self.repository.find(REVIEWED, revision)
        reviewed = read_reviewed(memory.data) if memory is not None else no_reviews()
        audited = score_samples(
            self.repository.project,
            self.params.model_copy(update={"source": data.source}),
            Inputs(done.store, done.samples, done.skipped),
            self.progress.get("score"),
            announce=self.announce,
            reviewed=reviewed,
        )
        self._tell(revision, done)
        note = f"{revision} had no scores: they were computed for this comparison, and not kept."
        if self.trusted:
            note = f"The scores of {revision} were computed anew for this comparison."
        return Version(revision, audited.scores, audited.metrics, reviewed, (note,))

    def _tell(self, revision: Revision, done: features.Featurized) -> None:
        had = "is scored anew" if self.trusted else "has no scores"
        self.notes.append(
            f"{revision} {had}: scored {len(done.samples):,} samples as {self.at} was; "
            f"features: computed {done.computed:,}, reused {done.reused:,}"
        )

    def _state(self, scratch: Path) -> Path:
        """Return the file of the featurizer's state: that of the scored version, if it is there."""
        path = self.params.featurize.state
        found = self.repository.find(path, self.at)
        if found is None:
            if self.trusted and (self.repository.project.root / path).exists():
                raise NoScoresError(f"{self.at} has no {path}, so nothing scores others as it was.")
            return self.repository.project.root / path
        copy = scratch / Path(path).name
        copy.write_bytes(found.data)
        return copy
