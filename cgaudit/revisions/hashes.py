"""The MD5s of files that DVC has already computed."""

from __future__ import annotations

import os
from pathlib import Path

from cgaudit.revisions.failures import asking_dvc


def known_md5s(dvc_root: Path, folder: Path) -> dict[str, str]:
    """Return the MD5s that DVC has noted of files below a folder, by relative path.

    Not those of the ``.dir`` manifest, which say what the files were when they were last added, but
    those of DVC's state database: it notes inode, modification time and size with each, and a file
    that changed in any of these is not known.

    Parameters
    ----------
    dvc_root
        The folder that holds ``.dvc``.
    folder
        In the working tree; need not be tracked.

    Raises
    ------
    RevisionError
        DVC's configuration is damaged.
    """
    from dvc.api import DVCFileSystem

    with asking_dvc(dvc_root, "workspace"):
        repo = DVCFileSystem(str(dvc_root)).repo
    top = str(folder.absolute())
    files = (os.path.join(at, name) for at, _, names in os.walk(top) for name in names)  # noqa: PTH118
    return {
        os.path.relpath(path, top).replace(os.sep, "/"): known.value
        for path, _, known in repo.state.get_many(files, repo.fs, {})
        if known is not None and known.name == "md5"
    }
