"""A page's script: a module of JavaScript with all that it imports, joined into one."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable

#: An import as the pages write it, and as a name may be exported; `pages/README.md` says more.
_IMPORT = re.compile(r'^import (?:\{[^}]*\} from )?"(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:const|function|class|async) )", re.MULTILINE)


def join(entry: str, source: Callable[[str], str]) -> str:
    """Return a module and what it imports as one strict script, each after what it imports.

    Parameters
    ----------
    entry
        The module that a page starts with.
    source
        Returns the text of a module by its name, a path with slashes.
    """
    modules: dict[str, str] = {}
    _collect(entry, source, modules, set())
    # In a strict block a name that two modules give is an error; in a function the last would win.
    return '"use strict";\n{\n' + "\n".join(modules.values()) + "}\n"


def _collect(
    name: str, source: Callable[[str], str], modules: dict[str, str], seen: set[str]
) -> None:
    """Put a module into `modules`, its imports before it, unless it was seen."""
    if name in seen:
        return
    seen.add(name)
    text = source(name)
    for target in _IMPORT.findall(text):
        _collect(
            posixpath.normpath(posixpath.join(posixpath.dirname(name), target)),
            source,
            modules,
            seen,
        )
    modules[name] = _EXPORT.sub("", _IMPORT.sub("", text)).strip() + "\n"
