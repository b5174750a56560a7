"""Small WebDataset archives, and what is read of them."""

import io
import tarfile

import numpy as np
from PIL import Image

from cgaudit.dataset import open_source
from cgaudit.params import SourceParams


def opened(path, **params):
    return open_source(SourceParams(path=str(path), **params))


def picture(value, kind="PNG"):
    buffer = io.BytesIO()
    Image.fromarray(np.full((6, 6), value, np.uint8)).save(buffer, kind)
    return buffer.getvalue()


def write_tar(path, members, **options):
    """Write (name or TarInfo, bytes) pairs as an archive."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w", **options) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            if info.isreg():
                info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def sample(key, value, label="cat"):
    return [(f"{key}.png", picture(value)), (f"{key}.cls", label.encode())]


def samples_of(*numbers, label="cat"):
    return [member for i in numbers for member in sample(f"{i:04}", i, label)]


def labels(source):
    samples, _ = source.samples()
    return dict(zip(samples["id"], samples["folder_label"], strict=True))


def skipped(source):
    return dict(source.samples()[1].to_numpy().tolist())
