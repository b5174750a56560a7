"""Data as DVC 2 left it behind: no ``hash: md5``, and a cache without ``files/md5``."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from datarepo import DataRepo


def add_as_dvc_2(repo: DataRepo, folder: str) -> None:
    """Do what ``dvc add`` of DVC 2 did with a folder, which is gone until ``dvc checkout``."""
    root = repo.project / folder
    entries = [
        {"md5": _put(repo, file.read_bytes()), "relpath": file.relative_to(root).as_posix()}
        for file in sorted(path for path in root.rglob("*") if path.is_file())
    ]
    listing = json.dumps(sorted(entries, key=lambda it: it["relpath"]), sort_keys=True).encode()
    md5 = _put(repo, listing, ".dir")
    repo.write(
        f"{folder}.dvc", f"outs:\n- md5: {md5}\n  nfiles: {len(entries)}\n  path: {folder}\n"
    )
    repo.write(".gitignore", f"/{folder}\n")
    shutil.rmtree(root)


def _put(repo: DataRepo, content: bytes, suffix: str = "") -> str:
    # Of text it hashed what it would be with Unix line ends.
    hashed = content if b"\0" in content[:512] or suffix else content.replace(b"\r\n", b"\n")
    md5 = hashlib.md5(hashed).hexdigest()
    stored: Path = repo.project / ".dvc" / "cache" / md5[:2] / (md5[2:] + suffix)
    if not stored.exists():
        stored.parent.mkdir(parents=True, exist_ok=True)
        stored.write_bytes(content)
        stored.chmod(0o444)
    return md5 + suffix
