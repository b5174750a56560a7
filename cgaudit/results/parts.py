"""The parts of a large scores table: which row is in which, and how a part is laid out.

Rows are parted by the first bits of their content's hash. A part then holds the same samples in
every version, whatever comes and goes elsewhere: two versions are joined part by part, and storage
that keeps equal chunks of files once finds them.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cgaudit.reading.files import Damage
from cgaudit.reading.text import json_of

#: Up to so many rows, a table is one file, and is read whole.
BLOCK = 1 << 18
#: A part of a larger one has about so many, as long as there are no more parts than this.
PART_ROWS, MOST_PARTS = 1 << 16, 1 << 11

PART_KEY = b"cgaudit.part"
_CONTENT = "content_hash"
#: Of a content's hash, in hexadecimal digits: their bits are enough for `MOST_PARTS`.
_DIGITS = 3
_PREFIX = re.compile(r"[0-9a-f]{3}", re.ASCII)
_BYTES = 16
#: The value of each byte that is a hexadecimal digit, 255 of any other; and the digits.
_VALUES = np.full(256, 255, dtype=np.uint8)
_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_VALUES[_HEX] = np.arange(16, dtype=np.uint8)


@dataclass(frozen=True)
class Place:
    """Which part of how many a file is; of a power of two."""

    part: int
    of: int

    @property
    def name(self) -> str:
        """The name of the file."""
        return f"part-{self.part:04}.parquet"


def parts_for(n: int) -> int:
    """Return how many parts a table of n rows has: 1, as long as it is one block."""
    if n <= BLOCK:
        return 1
    wanted = -(-n // PART_ROWS)
    return min(MOST_PARTS, 1 << (wanted - 1).bit_length())


def parts_of(contents: pa.ChunkedArray, of: int) -> npt.NDArray[np.int64]:
    """Return the part that each row is in, (n,).

    Parameters
    ----------
    contents
        Hashes of n rows, as text. What is none, and what begins with other than hexadecimal
        digits, has a part too.
    of
        How many parts there are: a power of two.
    """
    prefixes = pc.utf8_slice_codeunits(contents, 0, _DIGITS).combine_chunks().dictionary_encode()
    bits = 4 * _DIGITS - (of.bit_length() - 1)
    # One more, for rows whose content nobody knows.
    known = [_number(prefix) >> bits for prefix in prefixes.dictionary.to_pylist()]
    table = np.array([*known, 0], dtype=np.int64)
    rows = prefixes.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)
    return np.asarray(table[rows])


def part_borders(hashes: npt.NDArray[np.bytes_]) -> list[int]:
    """Return the first row of each part of a table of contents, and the number of rows: p + 1.

    Parameters
    ----------
    hashes
        Of n contents, (n,) in hexadecimal digits, ascending.
    """
    of = parts_for(len(hashes))
    bits = 4 * _DIGITS - (of.bit_length() - 1)
    firsts = np.array([f"{part << bits:0{_DIGITS}x}" for part in range(of)], dtype=hashes.dtype)
    return [*np.searchsorted(hashes, firsts).tolist(), len(hashes)]


def _number(prefix: str) -> int:
    if _PREFIX.fullmatch(prefix):
        return int(prefix, 16)
    digest = hashlib.blake2b(prefix.encode(), digest_size=2).digest()
    return int.from_bytes(digest) >> (16 - 4 * _DIGITS)


def packed(table: pa.Table) -> pa.Table:
    """Return a table whose content hashes take 16 bytes each; as it is where one is no MD5."""
    column = table[_CONTENT].combine_chunks()
    if column.null_count or len(column) == 0:
        return table
    texts = column.cast(pa.string())
    if not pc.all(pc.equal(pc.binary_length(texts), 2 * _BYTES)).as_py():
        return table
    octets = np.frombuffer(texts.buffers()[2], dtype=np.uint8)
    # The first text may begin anywhere in the buffer.
    first = int(np.frombuffer(texts.buffers()[1], dtype=np.int32)[texts.offset])
    values = _VALUES[octets[first : first + len(texts) * 2 * _BYTES]]
    if (values == 255).any():
        return table
    pairs = values.reshape(-1, 2)
    data = np.ascontiguousarray((pairs[:, 0] << 4) | pairs[:, 1])
    content = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(_BYTES), len(texts), [None, pa.py_buffer(data)]
    )
    return _with_content(table, content)


def unpacked(table: pa.Table) -> pa.Table:
    """Return a table whose content hashes are text, whichever way they were."""
    if table.schema.field(_CONTENT).type != pa.binary(_BYTES):
        return table
    column = table[_CONTENT].combine_chunks()
    if column.null_count:
        raise Damage(f"its column {_CONTENT} is empty in {column.null_count:,} rows")
    n, start = len(column), column.offset * _BYTES
    octets = np.frombuffer(column.buffers()[1], dtype=np.uint8) if n else np.empty(0, np.uint8)
    octets = octets[start : start + n * _BYTES]
    texts = np.ascontiguousarray(_HEX[np.stack([octets >> 4, octets & 15], axis=1)])
    offsets = np.arange(n + 1, dtype=np.int32) * (2 * _BYTES)
    content = pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(texts))
    return _with_content(table, content)


def _with_content(table: pa.Table, content: pa.Array) -> pa.Table:
    at = table.schema.get_field_index(_CONTENT)
    return table.set_column(at, pa.field(_CONTENT, content.type), content)


def write_part(table: pa.Table, place: Place, folder: Path) -> None:
    """Write the rows of one part, with the record that the table's metadata holds.

    Chunks end where the content says (content-defined chunking): a row more leaves those before
    and after it as they were.
    """
    metadata = {**(table.schema.metadata or {}), PART_KEY: json.dumps(asdict(place)).encode()}
    pq.write_table(
        table.replace_schema_metadata(metadata),
        folder / place.name,
        compression="zstd",
        use_content_defined_chunking=True,
    )


def place_of(schema: pa.Schema) -> Place:
    """Return which part a file says it is.

    Raises
    ------
    Damage
        It does not say so.
    """
    stored: Any = json_of((schema.metadata or {}).get(PART_KEY, b"null"))
    if isinstance(stored, dict) and set(stored) == {"part", "of"}:
        part, of = stored["part"], stored["of"]
        whole = type(part) is int and type(of) is int
        if whole and 0 <= part < of <= MOST_PARTS and of.bit_count() == 1:
            return Place(part, of)
    raise Damage("it does not say which part it is")
