"""`cgaudit export`: results handed to other tools."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd

from cgaudit.dataset import BoxSource, Source, is_packed, open_source
from cgaudit.errors import ExportError, IncomparableError, SourceError, StaleError
from cgaudit.export import FORMATS, Format, Material, Matrix, Pictures, plain
from cgaudit.files import refuse_inputs, replacing, save_array
from cgaudit.params import Params
from cgaudit.pipeline.afresh import kept_or_afresh
from cgaudit.pipeline.inputs import owned
from cgaudit.pipeline.score import score_all_classes
from cgaudit.progress import Announce, Progress
from cgaudit.project import PARAMS, Project
from cgaudit.results.table import (
    OpenedScores,
    Provenance,
    Scores,
    comparable,
    open_scores,
    read_scores,
)
from cgaudit.revisions import Repository
from cgaudit.score import LabelScores, PerLabel
from cgaudit.versions import opened_version


def export(
    project: Project,
    params: Params,
    name: str,
    out: Path,
    *,
    picture_prefix: str | None = None,
    progress: Progress | None = None,
    announce: Announce | None = None,
) -> list[str]:
    """Write the scores in the format of another tool; return what to tell.

    Parameters
    ----------
    project
        Has the scores, and the features where they are needed.
    params
        Whose ``source`` and ``score`` sections count here.
    name
        A key of `FORMATS`.
    out
        The file to write, or the folder, as the format asks.
    picture_prefix
        What Label Studio finds pictures under; None for its local files.
    progress, announce
        As for `score`, where all probabilities have to be computed.

    Raises
    ------
    ExportError
        The format has no place for the data, or `out` is of the other kind.
    OutputError
        It would be written over data, or over a file of the project.
    StaleError
        The scores are missing, or belong to other labels or parameters than there are now.
    SolveError
        The probabilities of all classes do not fit the memory limit.
    """
    chosen = FORMATS[name]
    _check_place(chosen, name, out)
    if chosen.lines is not None:
        return _streamed(chosen.lines, open_scores(project.outputs.scores), out, project, params)
    scores = read_scores(project.outputs.scores)
    numbers = scores.provenance.of_numbers
    if numbers and not chosen.takes_numbers:
        raise ExportError(
            f"--to {name} has a place for classes, and these labels are numbers (score.task: "
            "regression). Export to csv, jsonl, label-studio or cleanlab instead."
        )
    if scores.provenance.of_sets:
        _refuse_sets(chosen, name)
    notes: list[str] = []
    pictures, texts, matrix = None, None, None
    if chosen.shows:
        source = open_source(params.source, base=project.root)
        if isinstance(source, BoxSource):
            raise ExportError(_no_boxes(name, source))
        _check_kind(name, chosen.shows, source)
        _check_paths(scores.table, source, project)
        if source.kind == "images":
            pictures = _pictures(source, params.source.path, out, picture_prefix, project)
        else:
            texts = _texts(source, scores.table, project)
    if chosen.needs_matrix and not numbers:
        matrix = _matrix(project, params, scores, progress, announce)
        if left_out := len(scores.table) - len(matrix.ids):
            notes.append(f"{left_out:,} samples without a label are left out.")
    return [
        *notes,
        *_written(chosen, Material(scores, pictures, texts, matrix), out, project, params),
    ]


def export_revision(
    repository: Repository, params: Params, revision: str, name: str, out: Path
) -> list[str]:
    """Write the scores that a revision came with; return what to tell.

    Nothing is checked out: formats that take the data itself cannot be had.

    Parameters
    ----------
    repository
        Where to read.
    params
        Of the workspace: what it names is not written over.
    revision
        A branch, a tag, a commit.
    name, out
        As for `export`.

    Raises
    ------
    ExportError
        The format takes the data, or `out` is of the other kind.
    OutputError
        It would be written over data, or over a file of the project.
    RevisionError, NoScoresError, MissingObjectError, StaleError
        There is no such revision, or no scores of it that can be read.
    """
    chosen = FORMATS[name]
    if chosen.shows or chosen.needs_matrix:
        alone = [key for key, it in FORMATS.items() if not (it.shows or it.needs_matrix)]
        raise ExportError(
            f"--to {name} takes the data, and that of {revision} is not checked out. Export to "
            f"{', '.join(alone)}, or check it out elsewhere (`git worktree add ../there "
            f"{revision}`, there `dvc pull`) and export without a revision."
        )
    _check_place(chosen, name, out)
    project = repository.project
    with opened_version(repository, repository.revision(revision)) as version:
        if version.scores.provenance.of_sets:
            _refuse_sets(chosen, name)
        if chosen.lines is not None:
            said = _streamed(chosen.lines, version.scores, out, project, params)
        else:
            said = _written(chosen, Material(version.scores.read()), out, project, params)
        return [*version.notes, *said]


def _refuse_sets(chosen: Format, name: str) -> None:
    if not chosen.takes_sets:
        others = ", ".join(key for key, it in FORMATS.items() if it.takes_sets)
        raise ExportError(
            f"--to {name} has a place for one label a sample, and these may have several "
            f"(score.task: multilabel). Export to one of {others} instead."
        )


def _check_place(chosen: Format, name: str, out: Path) -> None:
    if chosen.one_file and out.is_dir():
        raise ExportError(f"{out} is a folder, and {name} is one file. Name the file with --out.")
    if not chosen.one_file and out.exists() and not out.is_dir():
        raise ExportError(f"{out} is a file, and {name} is a folder of files. Name another --out.")


def _check_kind(name: str, shows: Collection[str], source: Source) -> None:
    if source.kind == "text" and "texts" in shows:
        return
    if source.kind == "images" and source.root.is_dir() and not is_packed(source.root):
        return
    held = "pictures inside other files" if source.kind == "images" else source.kind
    wanted = "picture files or texts" if "texts" in shows else "picture files"
    raise ExportError(
        f"--to {name} shows {wanted}; {source.root} holds {held}. "
        "Export to csv, jsonl or cleanlab instead."
    )


def _no_boxes(name: str, source: BoxSource) -> str:
    format_ = source.annotations.format.name
    return (
        f"--to {name} labels whole samples; these are boxes, and other tools read their {format_} "
        "files as they are: `cgaudit apply` writes decisions into them. For scores by the ids of "
        "boxes export to csv, jsonl or cleanlab."
    )


def _check_paths(table: pd.DataFrame, source: Source, project: Project) -> None:
    """Refuse to hand on paths that are none of the data's own."""
    where = project.outputs.scores
    if "path" not in table:
        again = "cgaudit score" if project.audited is None else project.again
        raise StaleError(f"{where} does not say where the samples lie. Run `{again}` again.")
    lost = [path for path in table["path"] if source.lacks(path)]
    if lost:
        raise StaleError(
            f"{where} names {lost[0]!r}, which is not in {source.root}. Run `{project.again}`, "
            "then export."
        )


def _pictures(
    source: Source, folder: str, out: Path, prefix: str | None, project: Project
) -> Pictures:
    def size(path: str) -> tuple[int, int]:
        picture = source.picture(path)
        if picture is None:
            raise SourceError(f"{source.root / path} cannot be read. Run `{project.again}` first.")
        return picture.size

    from_out = os.path.relpath(source.root.resolve(), out.resolve()).replace(os.sep, "/")
    return Pictures(Path(folder).as_posix(), from_out, size, prefix)


def _texts(source: Source, table: pd.DataFrame, project: Project) -> Mapping[str, str]:
    texts = {loader.path: loader.load() for loader in source.loaders(table["path"].tolist())}
    missing = [path for path in table["path"] if path not in texts]
    if missing:
        raise StaleError(
            f"{source.root} has no row {missing[0]} any more. Run `{project.again}`, then export."
        )
    return texts


def _matrix(
    project: Project,
    params: Params,
    scores: Scores,
    progress: Progress | None,
    announce: Announce | None,
) -> Matrix:
    with kept_or_afresh(project, params) as inputs:
        samples, result, provenance = score_all_classes(project, params, inputs, progress, announce)
    _check_same_parameters(scores.provenance, provenance, project)
    _check_same_labels(scores.table, samples, project)
    return _labelled(samples["id"].to_numpy(dtype=str), result)


def _labelled(ids: np.ndarray, result: LabelScores) -> Matrix:
    if result.per_label is not None:
        return _labelled_sets(ids, result, result.per_label)
    if result.probabilities is None:
        raise ValueError("scored without the probabilities of all classes")
    labelled = np.array([label is not None for label in result.given_label])
    number = {name: index for index, name in enumerate(result.classes.tolist())}
    codes = [number[label] for label in result.given_label[labelled]]
    return Matrix(
        ids[labelled],
        np.array(codes, dtype=np.int64),
        result.classes,
        result.probabilities[labelled],
    )


def _labelled_sets(ids: np.ndarray, result: LabelScores, of: PerLabel) -> Matrix:
    """Return the same of several labels a sample: of those that are judged."""
    labelled = np.array([labels is not None for labels in result.given_label])
    names = [str(name) for name in of.names]
    number = {name: at for at, name in enumerate(names)}
    sets = np.empty(int(labelled.sum()), dtype=object)
    sets[:] = [sorted(number[str(it)] for it in own) for own in result.given_label[labelled]]
    presence = of.presence[labelled].astype(np.float32)
    return Matrix(ids[labelled], sets, np.array(names, dtype=object), presence)


def _check_same_parameters(scored: Provenance, now: Provenance, project: Project) -> None:
    try:
        comparable(scored, now)
    except IncomparableError as error:
        raise StaleError(
            f"{project.outputs.scores} was computed differently from what "
            f"{PARAMS if project.audited is None else project.outputs.asked} asks for now: "
            f"{error.listed}. Run `{project.again}`, then export."
        ) from None


def _check_same_labels(table: pd.DataFrame, samples: pd.DataFrame, project: Project) -> None:
    scored = dict(zip(table["id"], map(plain, table["given_label"]), strict=True))
    if scored != dict(zip(samples["id"], map(plain, samples["label"]), strict=True)):
        raise StaleError(
            f"{project.outputs.scores} is of other samples or labels than there are now. Run "
            f"`{project.again}`, then export."
        )


def _streamed(
    lines: Callable[[Iterable[pd.DataFrame]], Iterator[bytes]],
    scores: OpenedScores,
    out: Path,
    project: Project,
    params: Params,
) -> list[str]:
    """Write a file of a table that is read a piece at a time; return what to tell.

    Of scores in parts the rows are in the order of the parts.
    """
    refuse_inputs([out], owned(project, params))
    # A number that is not there makes no fraction of the others.
    pieces = (it.to_pandas(integer_object_nulls=True) for it in scores.checked(known=False))
    with replacing(out) as partial, partial.open("wb") as file:
        file.writelines(lines(pieces))
    return [f"Wrote {out}."]


def _written(
    chosen: Format, material: Material, out: Path, project: Project, params: Params
) -> list[str]:
    """Write all files under temporary names, then move them into place; return what to tell."""
    if chosen.contents is None:
        raise ValueError("a format that is written line by line has no contents")
    contents = chosen.contents(material)
    paths = {file: out / file for file in contents}
    refuse_inputs(paths.values(), owned(project, params))
    with ExitStack() as stack:
        for name, content in contents.items():
            partial = stack.enter_context(replacing(paths[name]))
            if isinstance(content, np.ndarray):
                save_array(content, partial)
            else:
                with partial.open("wb") as file:
                    file.writelines([content] if isinstance(content, bytes) else content)
    return [f"Wrote {path}." for path in paths.values()]
