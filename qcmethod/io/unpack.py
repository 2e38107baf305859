"""Arrays out of a zip archive whose headers are asked first how much memory they would take.

    sum of all sizes  <=  FREE + RATIO * bytes of the file
    size of a member   =  its header + items * bytes of an item

An archive of a few kilobytes can unpack to terabytes; one that this package wrote unpacks to a
small multiple of itself. Nothing in an array is code: no objects, no records.
"""

from __future__ import annotations

import io
import math
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

FREE, RATIO = 2**26, 50
"""Bytes that any file may unpack to, and how many times its own size besides."""
KINDS = "biufcU"
"""Of arrays in files: truth values, numbers and texts."""


def limit(size: int) -> int:
    """Bytes that a file of so many bytes may unpack to."""
    return FREE + RATIO * size


def unpacked(content: bytes) -> dict[str, NDArray[Any]]:
    """The arrays of an archive by name.

    Raises ValueError, and whatever NumPy and `zipfile` do, for one that is none or too large.
    """
    with ZipFile(io.BytesIO(content)) as archive:
        members, most = archive.infolist(), limit(len(content))
        total = sum(member.file_size for member in members)
        if total > most:
            raise ValueError(f"unpacks to {total} bytes, more than {most} for a file of this size")
        names = [member.filename.removesuffix(".npy") for member in members]
        if len({*names}) != len(names):
            raise ValueError("two arrays have one name")
        return {name: _array(archive, member) for name, member in zip(names, members, strict=True)}


def _array(archive: ZipFile, member: ZipInfo) -> NDArray[Any]:
    """One array, read after its header was found to be that of so many bytes."""
    if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise ValueError(f"{member.filename} is compressed by another method")
    with archive.open(member) as file:
        shape, _, dtype = _HEADERS[npy.read_magic(file)](file)
        if dtype.kind not in KINDS or dtype.hasobject:
            raise ValueError(f"{member.filename} holds no numbers and no text")
        if member.file_size != file.tell() + math.prod(shape) * dtype.itemsize:
            raise ValueError(f"{member.filename} is not of the size that its header says")
    with archive.open(member) as file:
        array = npy.read_array(file, allow_pickle=False)
    return np.require(array, requirements="C")  # another order would be another kernel to compile


_HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
