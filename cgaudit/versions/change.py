"""Two versions in, their comparison out."""

from __future__ import annotations

from cgaudit.params import DiffParams, SourceParams
from cgaudit.results.change import Diff, Side
from cgaudit.versions.compare import compare, with_difference
from cgaudit.versions.read import Pair, Version


def compare_versions(pair: Pair, *, source: SourceParams, settings: DiffParams) -> Diff:
    """Compare two versions of the data that `source` describes.

    Returns and raises as `diff_versions`.
    """
    return diff_versions(pair, settings=settings, ids_are_paths=pair.ids_are_paths(source))


def diff_versions(pair: Pair, *, settings: DiffParams, ids_are_paths: bool) -> Diff:
    """Compare two versions that were read.

    Returns
    -------
    Diff
        As `compare`; ``a`` and ``b`` also name the ``revision`` and the ``commit``, ``summary``
        also has what summary.json alone knows.

    Raises
    ------
    IncomparableError
        The two were computed differently.
    """
    a, b = pair.a, pair.b
    diff = compare(
        a.scores,
        b.scores,
        ids_are_paths=ids_are_paths,
        band=settings.band,
        tolerance=settings.tolerance,
        reviewed=b.reviewed,
        reviewed_before=a.reviewed,
        apart=pair.apart,
    )
    diff["a"] = _side(a, diff["a"])
    diff["b"] = _side(b, diff["b"])
    # The figures of the table hold: they heed the review memory as it is now.
    summary = diff["summary"]
    diff["summary"] = with_difference(
        a.metrics.figures() | summary["a"], b.metrics.figures() | summary["b"]
    )
    diff["warnings"] = [*a.notes, *b.notes, *diff["warnings"]]
    return diff


def _side(version: Version, side: Side) -> Side:
    return {
        "revision": str(version.revision),
        "commit": version.revision.commit,
        "provenance": side["provenance"],
    }
