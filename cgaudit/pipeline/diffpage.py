"""The page of a comparison, with the pictures or texts of both versions."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

from cgaudit.dataset import ARRAY_SUFFIXES, Source, open_source, read_picture
from cgaudit.diff import Version, by_concern
from cgaudit.errors import CgauditError, MissingObjectError, UnreadableSample
from cgaudit.params import Params, SourceParams
from cgaudit.report import DiffOptions, Seen, View, build_diff_context, render_diff
from cgaudit.results.change import Diff
from cgaudit.revisions import Repository

#: After so many contents that can be had nowhere, those of a version are no longer asked for: each
#: question may wait for a remote.
PATIENCE = 3

_NOWHERE = View(lacking="Its content is neither in the cache nor on a remote.")
_UNREADABLE = View(lacking="Its content cannot be read.")


def diff_page(repository: Repository, a: Version, b: Version, diff: Diff, params: Params) -> str:
    """Return the HTML page of a comparison.

    Parameters
    ----------
    repository
        Where the pictures or texts are read, without a checkout.
    a, b
        What was compared.
    diff
        What `cgaudit.diff.compare_versions` returned.
    params
        Whose ``source``, ``report`` and ``diff`` sections count here.
    """
    options = DiffOptions(
        title=params.report.title,
        samples=params.diff.samples,
        thumbnail=params.report.thumbnail,
    )
    with ExitStack() as stack:
        sides = [
            _Side(
                repository,
                version,
                params.source,
                Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cgaudit-"))),
            )
            for version in (a, b)
        ]
        context = build_diff_context(by_concern(diff), options=options, see=_Sight(*sides))
    return render_diff(context)


class _Sight:
    """Shows samples as they are, and as they were where their content was another."""

    def __init__(self, a: _Side, b: _Side) -> None:
        self._a, self._b = a, b

    def __call__(self, id_a: str | None, id_b: str | None) -> Seen:
        if id_b is None:
            return Seen(before=None if id_a is None else self._a.view(id_a))
        if id_a is None:
            return Seen(after=self._b.view(id_b))
        if self._a.content(id_a) != self._b.content(id_b):
            return Seen(self._a.view(id_a), self._b.view(id_b))
        view = self._b.view(id_b)
        if view.lacking is not None:
            before = self._a.view(id_a)
            view = before if before.lacking is None else view
        return Seen(after=view)


class _Side:
    """The samples of one version.

    Parameters
    ----------
    repository, version
        Where and what they are.
    source
        Names the data.
    scratch
        A folder for a table of a commit.
    """

    def __init__(
        self, repository: Repository, version: Version, source: SourceParams, scratch: Path
    ) -> None:
        table = version.scores.table
        self._repository = repository
        self._revision = version.revision
        self._source = source
        self._scratch = scratch
        self._contents: dict[str, str | None] = dict(
            zip(table["id"], table["content_hash"], strict=True)
        )
        self._paths = dict(zip(table["id"], table["path"], strict=True)) if "path" in table else {}
        # As `join_labels` tells: rows of one table have numbers for paths.
        self._rows = all(path.isdecimal() for path in self._paths.values())
        self._table: Source | None = None
        self._missing = 0

    def content(self, sample: str) -> str | None:
        return self._contents[sample]

    def view(self, sample: str) -> View:
        """Return the sample's picture or text, or why there is none to show."""
        path = self._paths.get(sample)
        if path is None or Path(self._source.path).suffix.lower() in ARRAY_SUFFIXES:
            return View()
        if self._missing >= PATIENCE:
            return _NOWHERE
        try:
            return self._row(path) if self._rows else self._file(path)
        except MissingObjectError:
            self._missing += 1
            return _NOWHERE
        except (CgauditError, OSError):
            # It was read when it was scored; a page without one picture is better than no page.
            return _UNREADABLE

    def _file(self, path: str) -> View:
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise UnreadableSample(f"{path} leaves the source")
        data = self._repository.read(f"{self._source.path}/{path}", self._revision).data
        return View(read_picture(data, self._source.max_pixels))

    def _row(self, path: str) -> View:
        if self._table is None:
            self._table = self._opened()
        return View(self._table.picture(path), self._table.excerpt(path))

    def _opened(self) -> Source:
        """Open the table of this version: a copy where it is not that of the workspace."""
        file = self._repository.project.root / self._source.path
        if self._revision.commit is not None or not file.is_file():
            data = self._repository.read(self._source.path, self._revision).data
            file = self._scratch / file.name
            file.write_bytes(data)
        return open_source(self._source.model_copy(update={"path": str(file)}))
