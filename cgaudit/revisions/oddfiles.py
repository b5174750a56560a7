"""What lies where DVC reads its own files, before it reads them."""

from __future__ import annotations

from pathlib import Path

from cgaudit.errors import RevisionError
from cgaudit.project import LOCK, PIPELINE
from cgaudit.reading.files import Damage, opened

CONFIG = ".dvc/config"


def refuse_odd_files(project: Path, dvc_root: Path) -> None:
    """Refuse what is no file where DVC reads one: it would wait for a FIFO for ever.

    Raises
    ------
    RevisionError
        Naming it.
    """
    places = [dvc_root / CONFIG, dvc_root / f"{CONFIG}.local"]
    for folder in {project, dvc_root}:
        places += [folder / PIPELINE, folder / LOCK, *folder.glob("*.dvc")]
    for place in places:
        try:
            opened(place).close()
        except FileNotFoundError:
            continue
        except Damage as damage:
            if place.is_dir() and place.name == ".dvc":
                continue
            name = place.relative_to(dvc_root).as_posix()
            raise RevisionError(
                f"{name} cannot be read: {damage}. Restore it: `git restore {name}`."
            ) from None
