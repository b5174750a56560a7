"""The errors that a user can cause.

Each is one failure with one message: what is wrong, where, what was found and what to do next.
The command line prints the message and exits with ``exit_code``; nothing else is caught there, so
a programming error keeps its traceback.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence

from cgaudit.wording.text import shown

EXIT_GATE = 1
EXIT_USAGE = 2


class CgauditError(Exception):
    """Base of every error that a user can cause and mend.

    Parameters
    ----------
    lines
        What is said, a line each. Names in it are as they are: who prints it makes them harmless.
    """

    exit_code = EXIT_USAGE

    def __init__(self, *lines: str) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions are pickled by calling their class with their message, which is not what the
        # constructors take here: one that crosses processes would be another error there.
        return _restored, (type(self), self.args, self.__dict__)


def _restored(
    kind: type[CgauditError], args: tuple[object, ...], state: Mapping[str, object]
) -> CgauditError:
    """Return an error as it was pickled."""
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class ParamsError(CgauditError):
    """A value or key in the parameters is wrong."""


class SourceError(CgauditError):
    """The data to audit is missing, empty or of a kind that cannot be read."""


class LabelsError(CgauditError):
    """The labels are missing, or too few to judge by."""


class TableError(CgauditError):
    """A table of data or labels is damaged, or of a kind that cannot be read."""


class ColumnError(CgauditError):
    """A table lacks a column that is needed.

    Parameters
    ----------
    where
        The table, as the user named it.
    role
        What the column would hold: ``"label"``, ``"id"``, …
    wanted
        The name asked for, or None when it had to be guessed.
    found
        The columns that the table has.
    """

    def __init__(self, where: object, role: str, wanted: str | None, found: Sequence[str]) -> None:
        article = "an" if role[0] in "aeiou" else "a"
        looked = f"{wanted!r}" if wanted else f"that looks like {article} {role}"
        key = f"{role}_columns" if role == "feature" else f"{role}_column"
        super().__init__(
            f"{where} has no column {looked}. Its columns are: {shown(found)}. "
            f"Name the right one with --{role}-column (in params.yaml: {key})."
        )


class FeatureError(CgauditError):
    """The features hold values that no score can be computed from."""


class FeaturizerError(CgauditError):
    """A featurizer is unknown, not fitted, or does not fit the data."""


class SolveError(CgauditError):
    """The kernel system cannot be solved as asked."""


class StaleError(CgauditError):
    """Two things that must belong together were made differently (recipe, featurizer, method)."""


class IncomparableError(StaleError):
    """Two scores tables were computed differently, so that their scores mean different things.

    Who compares them knows what mends it, and says so.

    Parameters
    ----------
    differences
        The fields of the provenance that differ, with both values.
    """

    def __init__(self, differences: Mapping[str, tuple[object, object]]) -> None:
        self.differences = differences
        self.listed = ", ".join(
            f"{name} ({old!r} → {new!r})" for name, (old, new) in differences.items()
        )
        super().__init__(f"The scores were computed differently: {self.listed}.")


class RevisionError(CgauditError):
    """A revision cannot be resolved, or this is no place that has revisions."""


class NotTrackedError(CgauditError):
    """A revision holds no such file, neither in git nor through DVC."""


class MissingObjectError(CgauditError):
    """DVC tracks the file at that revision, but its content is in no cache and on no remote.

    Unlike a wrong revision this is nobody's mistake where secrets are withheld (the pull request
    of a fork), so callers can end neutral on it.
    """


class DamagedObjectError(CgauditError):
    """DVC has the content of a file, and it is not what was recorded of it."""


class NoScoresError(CgauditError):
    """A version of the data has no scores to compare, or none that can be read."""


class DecisionError(CgauditError):
    """Review decisions are malformed, contradict each other, or name unknown samples."""


class ConflictError(CgauditError):
    """Labels have changed since they were decided on; nothing was written."""


class ExportError(CgauditError):
    """The data cannot be written in the format that was asked for."""


class InputError(CgauditError):
    """What was named to read from is a pipe, a device or the like."""


class OutputError(CgauditError):
    """What was named to write to cannot be written to, or must not be."""


class BusyError(CgauditError):
    """Another process is at work on the same project."""


class MachineError(CgauditError):
    """The machine refused to read or write: a full disk, a folder without permission.

    Parameters
    ----------
    error
        What it said.
    after
        What that means for what was under way.
    """

    def __init__(self, error: OSError, after: str = "") -> None:
        said = error.strerror or str(error) or type(error).__name__
        names = [str(name) for name in (error.filename, error.filename2) if name is not None]
        where = f"{' → '.join(names)}: " if names else ""
        remedy = _REMEDIES.get(error.errno or 0, "Mend that, then run this again.")
        super().__init__(f"{where}{said.rstrip('.')}. {after}{remedy}")


_NO_SPACE = "Make room there, or have TMPDIR name a folder with room, then run this again."
_NO_ACCESS = "Check the permissions of the file and of its folder, then run this again."
_REMEDIES = {
    errno.ENOSPC: _NO_SPACE,
    errno.EDQUOT: _NO_SPACE,
    errno.EFBIG: "The file is larger than this system allows (`ulimit -f`).",
    errno.EACCES: _NO_ACCESS,
    errno.EPERM: _NO_ACCESS,
    errno.EROFS: "Name a place that can be written to.",
    errno.EMFILE: "Allow more open files (`ulimit -n`), then run this again.",
    errno.ENAMETOOLONG: "Name a shorter one.",
    errno.ELOOP: "Links there lead in a circle: remove them, then run this again.",
}


class UnreadableSample(CgauditError):
    """One sample cannot be read; callers list it as skipped and go on."""
