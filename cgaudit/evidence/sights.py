"""The pictures and texts of samples: of data that is here, and of a version that is not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeVar

import pandas as pd
from PIL import Image

from cgaudit.dataset import (
    ARRAY_SUFFIXES,
    Bounds,
    BoxSource,
    ColumnRows,
    Decoding,
    Source,
    crop,
    open_source,
    read_picture,
    why_not_follow,
)
from cgaudit.errors import CgauditError, MissingObjectError, StaleError, UnreadableSample
from cgaudit.evidence.columns import ColumnTeller
from cgaudit.pages.frame.asked import Scene, Sights
from cgaudit.params import SourceParams
from cgaudit.project import NAMED
from cgaudit.results.columns import BOXES
from cgaudit.results.overview import Overview
from cgaudit.revisions import Links, Repository, Revision

#: After so many contents that can be had nowhere, those of a version are no longer asked for: each
#: question may wait for a remote.
PATIENCE = 3

T = TypeVar("T")


def source_sights(scores: Overview, source: Source) -> Sights:
    """Return how samples are shown by the data that was scored.

    Parameters
    ----------
    scores
        With the column ``path``; without it there is nothing to show.
    source
        The data.

    Raises
    ------
    StaleError
        The scores are of rows that the data does not have.
    """
    if not scores.has_places:
        return Sights()
    if source.kind != "images":
        _refuse_others(scores.places, source)

    def picture(sample: str) -> Image.Image | None:
        path = scores.places.iloc[scores.find(sample)]
        return None if source.lacks(path) else source.picture(path)

    def excerpt(sample: str) -> str | None:
        return source.excerpt(scores.places.iloc[scores.find(sample)])

    if isinstance(source, BoxSource):
        return Sights(picture=picture, scene=partial(_scene, scores), whole=source.whole)
    teller = ColumnTeller(scores, source) if isinstance(source, ColumnRows) else None
    return Sights(
        picture=picture if source.kind == "images" else None,
        excerpt=excerpt if source.kind in ("text", "table") else None,
        columns=teller,
        cells=teller.cells if teller else None,
    )


def _scene(scores: Overview, sample: str) -> Scene | None:
    """Return where a box lies, None where samples are something else."""
    return _scenes(scores.table.iloc[[scores.find(sample)]]).get(sample)


def _scenes(table: pd.DataFrame) -> dict[str, Scene]:
    """Return where boxes lie, by their ids; none where samples are something else."""
    if not set(BOXES) <= set(table.columns):
        return {}
    rows = table[["id", *BOXES]].itertuples(index=False, name=None)
    return {sample: Scene(*place) for sample, *place in rows}


def _refuse_others(paths: pd.Series[str], source: Source) -> None:
    """Refuse scores of rows that the data does not have."""
    lost = [path for path in paths if source.lacks(path)]
    if lost:
        raise StaleError(
            f"{len(lost):,} of {len(paths):,} samples of {NAMED.scores} are no rows of "
            f"{source.root} (the first is {lost[0][:80]!r}). Run `dvc repro`, "
            "or `cgaudit run` where there is no DVC."
        )


def version_sights(
    table: pd.DataFrame,
    repository: Repository,
    revision: Revision,
    source: SourceParams,
    scratch: Path,
) -> Sights:
    """Return how the samples of a version are shown, without a checkout.

    Parameters
    ----------
    table
        Its scores table.
    repository, revision
        Where it is read.
    source
        Names the data.
    scratch
        An empty folder, for a table of a commit; must last as long as the sights.
    """
    if "path" not in table or Path(source.path).suffix.lower() in ARRAY_SUFFIXES:
        return Sights()
    version = _Version(repository, revision, source, scratch)
    paths = dict(zip(table["id"], table["path"], strict=True))
    if places := _scenes(table):
        return Sights(picture=lambda sample: version.of_box(places[sample]))
    # As `join_labels` tells: rows of one table have numbers for paths.
    if all(path.isdecimal() for path in paths.values()):
        return Sights(
            picture=lambda sample: version.of_row(lambda rows: rows.picture(paths[sample])),
            excerpt=lambda sample: version.of_row(lambda rows: rows.excerpt(paths[sample])),
        )
    return Sights(picture=lambda sample: version.of_file(paths[sample]))


class _Version:
    """Reads the contents of one version; says why one cannot be shown."""

    def __init__(
        self, repository: Repository, revision: Revision, source: SourceParams, scratch: Path
    ) -> None:
        self._repository = repository
        self._revision = revision
        self._source = source
        self._scratch = scratch
        self._table: Source | None = None
        self._missing = 0

    def of_file(self, path: str) -> Image.Image:
        return self._tried(lambda: self._read(path))

    def of_box(self, place: Scene) -> Image.Image:
        bounds = Bounds(*place[1:])
        whole = self.of_file(place.picture)
        return crop(whole, bounds, self._source.box_margin)

    def of_row(self, read: Callable[[Source], T]) -> T:
        return self._tried(lambda: read(self._opened()))

    def _tried(self, read: Callable[[], T]) -> T:
        if self._missing < PATIENCE:
            try:
                return read()
            except MissingObjectError:
                self._missing += 1
            except (CgauditError, OSError):
                # It was read when it was scored; a page without one picture is better than none.
                raise UnreadableSample("Its content cannot be read.") from None
        raise UnreadableSample("Its content is neither in the cache nor on a remote.")

    def _read(self, path: str) -> Image.Image:
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise UnreadableSample(f"{path} leaves the source")
        if self._revision.commit is None:
            root = self._repository.project.root / self._source.path
            if (root / path).exists() and (why := why_not_follow(root / path, Links(root))):
                raise UnreadableSample(f"{path} is {why}")
        data = self._repository.read(f"{self._source.path}/{path}", self._revision).data
        return read_picture(data, *Decoding.of(self._source))

    def _opened(self) -> Source:
        """Return the table of this version: a copy where it is not that of the workspace."""
        if self._table is None:
            file = self._repository.project.root / self._source.path
            if self._revision.commit is not None or not file.is_file():
                data = self._repository.read(self._source.path, self._revision).data
                file = self._scratch / file.name
                file.write_bytes(data)
            self._table = open_source(self._source.model_copy(update={"path": str(file)}))
        return self._table
