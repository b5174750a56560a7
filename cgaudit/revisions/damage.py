"""DVC's own files, which anybody may have committed: what DVC says of damaged ones.

DVC raises the same kinds of errors whether a file of its own is damaged or a content is out of
reach. They are told apart here, because they mean different things: where contents are withheld
(the pull request of a fork) a check may be skipped; where a commit broke dvc.lock it may not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cgaudit.errors import RevisionError
from cgaudit.wording.text import one_line

CONFIG = ".dvc/config"
#: So much is said of what DVC says.
_SHOWN = 300


@contextmanager
def configured() -> Iterator[None]:
    """Have DVC read a configuration.

    Raises
    ------
    RevisionError
        It cannot be read, or names what it does not have.
    """
    from dvc.config import ConfigError

    try:
        yield
    except (ConfigError, LookupError, TypeError, AttributeError, ValueError, OSError) as error:
        raise RevisionError(
            f"DVC cannot use its configuration ({_said(error)}). Mend {CONFIG}, or restore it: "
            f"`git restore {CONFIG}`."
        ) from None


def is_damage(error: BaseException) -> bool:
    """Tell whether DVC stumbled over a file of its own, and not on the way to a content."""
    from dvc.config import ConfigError, RemoteConfigError
    from dvc.dvcfile import StageFileIsNotDvcFileError
    from dvc.exceptions import OutputDuplicationError, OverlappingOutputPathsError
    from dvc.parsing import ContextError, ResolveError
    from dvc.stage.exceptions import DuplicateStageName, InvalidStageName, StagePathOutsideError
    from dvc.utils.serialize import ParseError
    from dvc.utils.strictyaml import YAMLValidationError

    if isinstance(error, ConfigError):
        return not isinstance(error, RemoteConfigError)
    return isinstance(
        error,
        ParseError
        | YAMLValidationError
        | StageFileIsNotDvcFileError
        | OutputDuplicationError
        | OverlappingOutputPathsError
        | ContextError
        | ResolveError
        | DuplicateStageName
        | InvalidStageName
        | StagePathOutsideError
        # DVC takes values on trust that it does not look at; no client of a remote raises these.
        | RecursionError
        | TypeError
        | AttributeError,
    )


def damaged(where: str, error: BaseException) -> RevisionError:
    """Return the error that says which version's files DVC cannot read."""
    return RevisionError(
        f"DVC cannot read its own files at {where} ({_said(error)}): dvc.lock, dvc.yaml, a .dvc "
        f"file or {CONFIG} is damaged there. `dvc status` names it; restore it from an earlier "
        "commit: `git checkout COMMIT -- FILE`."
    )


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {one_line(error)[:_SHOWN]}"
