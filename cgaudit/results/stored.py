"""A scores table as it lies on the disk: one file, or a folder of parts; read whole or in pieces.

This is the one place that knows of the two. Either is checked as it is read: somebody else may have
written it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cgaudit.errors import OutputError
from cgaudit.files import replacing_folder, special
from cgaudit.reading.files import Damage, md5_at
from cgaudit.reading.parquet import parquet_pieces, parquet_schema
from cgaudit.results.parts import (
    Place,
    packed,
    parts_for,
    parts_of,
    place_of,
    unpacked,
    write_part,
)
from cgaudit.wording.text import shown


def folder_of(path: Path) -> Path:
    """Return the folder of the parts of what is the file `path` where it is one block."""
    return path.with_suffix("")


def lies_at(path: Path) -> Path:
    """Return where the scores lie that are at `path` where they are one file: there, or in parts.

    Raises
    ------
    Damage
        Both are there.
    """
    folder = folder_of(path)
    if folder == path or not folder.is_dir():
        return path
    if path.exists():
        raise Damage(
            f"the folder {folder.name} is there too, of the same scores in parts; remove the one "
            "that dvc.yaml does not name"
        )
    return folder


@dataclass(frozen=True)
class Stored:
    """A scores table on the disk, of which only the frame was read.

    Attributes
    ----------
    files
        The one file, or the parts in their order.
    schema
        Of each of them; its metadata are those of the first.
    n
        How many rows they say they have.
    """

    files: tuple[Path, ...]
    schema: pa.Schema
    n: int

    @property
    def parted(self) -> bool:
        """Whether each file holds the rows of a part, be it that there is one part alone."""
        return self.files[0].name == Place(0, 1).name

    def pieces(
        self, columns: Collection[str] | None = None, files: Sequence[Path] | None = None
    ) -> Iterator[pa.Table]:
        """Yield the table in pieces; content hashes as text, each row in its part.

        Parameters
        ----------
        columns
            Those to read, where they are there; None for all.
        files
            Of the parts; None for all.

        Raises
        ------
        Damage
            A file is damaged, or holds rows of another part.
        """
        for file in self.files if files is None else files:
            for piece in parquet_pieces(file, columns):
                table = unpacked(piece)
                if self.parted:
                    place = Place(self.files.index(file), len(self.files))
                    if (parts_of(table["content_hash"], place.of) != place.part).any():
                        raise Damage(f"{file.name} holds rows of another part")
                yield table


def stored_at(path: Path) -> Stored:
    """Return the scores table at a path, a file or a folder of parts.

    Raises
    ------
    FileNotFoundError
        There is nothing.
    Damage
        It is no Parquet file; or a part is missing, or has another's name, or something else lies
        among them.
    """
    if not path.is_dir():
        schema, n = parquet_schema(path)
        return Stored((path,), schema, n)
    names = sorted(file.name for file in path.iterdir())
    if not names:
        raise Damage("it is a folder that holds no parts")
    read = {}
    for name in names:
        try:
            read[name] = parquet_schema(path / name)
        except Damage as damage:
            raise Damage(f"{name}: {damage}") from None
    places = {name: _place(name, schema) for name, (schema, _) in read.items()}
    of = places[names[0]].of
    wanted = [Place(part, of).name for part in range(of)]
    for name, place in places.items():
        if place.of != of or name not in wanted:
            raise Damage(f"{name} is none of its {of:,} parts")
        if place.name != name:
            raise Damage(f"{name} is the part that was called {place.name}")
    if missing := [name for name in wanted if name not in places]:
        raise Damage(f"of its {of:,} parts it lacks {shown(missing)}")
    first = read[names[0]][0]
    odd = [name for name, (schema, _) in read.items() if not _alike(schema, first)]
    if odd:
        raise Damage(f"{shown(odd)} and {names[0]} are of different scores")
    return Stored(
        tuple(path / name for name in wanted), first, sum(rows for _, rows in read.values())
    )


def _place(name: str, schema: pa.Schema) -> Place:
    try:
        return place_of(schema)
    except Damage as damage:
        raise Damage(f"{name}: {damage}") from None


def _alike(one: pa.Schema, other: pa.Schema) -> bool:
    """Tell whether two parts have the same columns and the same record of how they were made."""
    records = [dict(it.metadata or {}) for it in (one, other)]
    for record in records:
        record.pop(b"cgaudit.part", None)
    return bool(one.equals(other)) and records[0] == records[1]


def whole(stored: Stored) -> pa.Table:
    """Return the whole table in memory, sorted by id where it is in parts.

    Raises
    ------
    Damage
        As `Stored.pieces`.
    """
    table = pa.concat_tables(stored.pieces())
    if not stored.parted:
        return table
    return table.take(pc.sort_indices(table["id"])).replace_schema_metadata(stored.schema.metadata)


def write_parts(table: pa.Table, folder: Path, of: int | None = None) -> None:
    """Write a table in parts, each sorted as the table is; the folder is replaced when complete.

    Parameters
    ----------
    table
        With the record of how it was made in its metadata.
    folder
        Where to.
    of
        How many parts; None for as many as such a table has.
    """
    of = of or parts_for(len(table))
    rows = parts_of(table["content_hash"], of)
    order = np.argsort(rows, kind="stable")
    ends = np.searchsorted(rows[order], np.arange(of + 1))
    table = packed(table)
    with replacing_folder(folder) as partial:
        for part in range(of):
            chosen = table.take(order[ends[part] : ends[part + 1]])
            write_part(chosen, Place(part, of), partial)


def remove_other(path: Path) -> None:
    """Remove the other form of the scores that were written to `path`, which are those from now on.

    Raises
    ------
    OutputError
        It cannot be: something else lies in its place.
    """
    if path.suffix:
        folder = folder_of(path)
        if folder.is_symlink() or not folder.is_dir():
            return
        ours = [file for file in folder.iterdir() if file.match("part-*.parquet")]
        for file in ours:
            file.unlink()
        if any(folder.iterdir()):
            raise OutputError(f"{folder} holds other files than scores. Move them away.")
        folder.rmdir()
        return
    file = path.with_suffix(".parquet")
    if special(file) is None:
        file.unlink(missing_ok=True)


def digest_at(path: Path) -> str:
    """Return the MD5 of the scores at a path, in whichever form; raises as `md5_at`."""
    return md5_at(lies_at(path))


class Unique:
    """Ids of a table that is read in pieces: no two may be the same. Holds 8 bytes of each."""

    def __init__(self) -> None:
        self._hashes: list[np.ndarray] = []

    def add(self, ids: pa.ChunkedArray) -> None:
        """Take more of them."""
        texts = ids.to_numpy(zero_copy_only=False)
        self._hashes.append(pd.util.hash_array(texts, categorize=False))

    def repeated(self) -> np.ndarray:
        """Return the hashes that more than one of them has."""
        found, counts = np.unique(
            np.concatenate([np.empty(0, np.uint64), *self._hashes]), return_counts=True
        )
        repeated: np.ndarray = found[counts > 1]
        return repeated

    def check(self, stored: Stored) -> None:
        """Raise Damage where two ids are the same, and not only their hashes."""
        if not len(suspects := self.repeated()):
            return
        seen: set[str] = set()
        for piece in stored.pieces({"id", "content_hash"}):
            texts = piece["id"].to_numpy(zero_copy_only=False)
            for text in texts[np.isin(pd.util.hash_array(texts, categorize=False), suspects)]:
                if text in seen:
                    raise Damage("its ids are not unique")
                seen.add(text)
