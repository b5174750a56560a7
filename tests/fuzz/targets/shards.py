"""WebDataset shards: members of all types and names, headers that lie, archives cut off."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from damage import any_content
from drawn import greys
from fuzzing import Input, Target
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from PIL import Image
from sandbox import Verb

_AUDIT = Verb(("audit", "shards", "--out", "../out/audit", "--json"), ("out/audit",))
_TYPES = (
    *(tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE),
    *(tarfile.BLKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE),
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.GNUTYPE_SPARSE, b"x", b"g", b"Z"),
)
_NAMES = (
    *("0001.png", "0001.cls", "0003.png", "0099.png", "a.b.c.png", ".hidden.png", "no field"),
    *("/etc/passwd.png", "../up.png", "a/../../b.png", "__MACOSX/1.png", "@eaDir/1.png"),
    *("\udcff.png", "two\nlines.png", "\x1b[31m.png", "a" * 300 + ".png", "d/" * 60 + "x.png", ""),
)
_PAX = (
    *(b"11 size=-5\n", b"9 size=a\n", b"99 x=y\n", b"20 path=\xff\xfe.png\n", b"0 =\n", b"\n"),
    *(b"22 GNU.sparse.major=1\n", b"30 GNU.sparse.map=0,a,b,c,1,2\n", b"25 GNU.sparse.size=9999\n"),
)


def _picture(number: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(greys(("columns", "stripes")[number % 2], number, (12, 12))).save(buffer, "PNG")
    return buffer.getvalue()


def _member(
    name: str, data: bytes, kind: bytes = tarfile.REGTYPE, size: int | None = None
) -> bytes:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, len(data) if size is None else size, "0001.png"
    head = info.tobuf(tarfile.GNU_FORMAT, errors="surrogateescape")
    return head + data + bytes(-len(data) % tarfile.BLOCKSIZE)


_GOOD = b"".join(
    _member(f"{n:04}.png", _picture(n)) + _member(f"{n:04}.cls", b"ab"[n % 2 : n % 2 + 1])
    for n in range(12)
)
_END = bytes(2 * tarfile.BLOCKSIZE)


@st.composite
def _forged(draw: st.DrawFn) -> bytes:
    """Return an archive of good samples and members that are anything."""
    odd = b""
    for _ in range(draw(st.integers(1, 5))):
        data = draw(st.one_of(st.sampled_from([b"a", b"{", b"", *_PAX]), st.binary(max_size=40)))
        size = draw(st.sampled_from((None, None, 0, 1 << 20, 1 << 40)))
        kind = draw(st.sampled_from(_TYPES))
        odd += _member(draw(st.sampled_from(_NAMES)), data, kind, size)
    many = draw(st.sampled_from((1, 1, 1, 2000)))
    return draw(st.sampled_from((_GOOD + odd * many, odd * many + _GOOD))) + _END


def inputs(_repo: Path) -> SearchStrategy[Input]:
    """Return folders of one or two shards."""
    shard = any_content(_GOOD + _END, _forged())
    return st.builds(
        lambda one, two, names: Input(_AUDIT, dict(zip(names, (one, two), strict=False))),
        shard,
        st.one_of(st.just(_GOOD + _END), shard),
        st.sampled_from(
            (
                ("shards/a.tar", "shards/b.tar"),
                ("shards/train-0.tar", "shards/val-0.tar"),
                ("shards/\x1b[31m.tar", "shards/x\ny.tar"),
                ("shards/a.tar",),
            )
        ),
    )


TARGETS = [Target("shards", "bare", inputs)]
