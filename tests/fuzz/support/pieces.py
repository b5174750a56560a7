"""Pieces of a long run, each explored by one process of several."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from fuzzing import Playground, Tally, explore, targets


class Piece(NamedTuple):
    """So many inputs of one target; the same seed gives the same ones."""

    target: str
    examples: int
    seed: int


#: Of this process: its sandboxes are made once.
_playgrounds: dict[Path, Playground] = {}


def explored(piece: Piece, folder: Path, keep: Path | None) -> Tally:
    """Run a piece in the sandboxes of this process, below a folder.

    The first input of each trouble is written to `keep`; the tally has none, since what judges an
    input cannot leave its process.
    """
    own = folder / str(os.getpid())
    playground = _playgrounds.setdefault(own, Playground(own))
    tally = explore(targets()[piece.target], playground, piece.examples, piece.seed)
    if keep is not None:
        _write(tally, keep / f"{piece.target}-{piece.seed}")
    tally.examples.clear()
    return tally


def _write(tally: Tally, folder: Path) -> None:
    for number, (trouble, one) in enumerate(tally.examples.items()):
        at = folder / str(number)
        at.mkdir(parents=True, exist_ok=True)
        said = (trouble, " ".join(one.verb.words), f"committed: {one.committed}", *one.files)
        (at / "trouble.txt").write_text("\n".join(map(repr, said)) + "\n")
        for path, content in one.files.items():
            if isinstance(content, bytes):
                (at / path.replace("/", "__")[:200]).write_bytes(content)
