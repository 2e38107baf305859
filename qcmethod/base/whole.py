"""Writing that fails says so: what the file system refuses is one error of this package.

    .x.4711-140-3f9a.partial.npz  ->  fsync  ->  rename to x.npz  ->  fsync of the folder

The name beside the target is that of one writer alone: process, thread and a random number. The
rename is atomic on every file system, so whoever looks finds the old file or the new one; the two
syncs make it so after a power cut as well.
"""

from __future__ import annotations

import errno
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from qcmethod.errors import WriteError

ROOM = "room on that disk, then the same call; or another path"
RIGHTS = "a folder that can be written to"
HINTS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), ROOM),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), RIGHTS),
    errno.ENAMETOOLONG: "a shorter path",
    errno.EIO: "another disk: this one does not work",
}
"""What to try, by what the file system said."""
BEFORE = "what stood under that name before is unchanged"
LETTERS = 30
"""Of the name of a file, in the name of its partial one: at most 4 bytes a letter."""


@contextmanager
def writing(target: Path, complete: str = BEFORE) -> Iterator[None]:
    """Turns an OSError of a writer into a WriteError about the target.

    complete : what is on disk all the same, in words
    """
    try:
        yield
    except WriteError:
        raise
    except OSError as error:
        hint = HINTS.get(error.errno or 0, "another path")
        raise WriteError(str(target), error, complete, hint) from error


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A path beside the target, moved there on success and removed on failure (WriteError)."""
    own = f"{os.getpid()}-{threading.get_ident()}-{secrets.token_hex(4)}"
    partial = target.with_name(f".{target.stem[:LETTERS]}.{own}.partial{target.suffix.lower()}")
    with writing(target):
        try:
            yield partial
            _synced(partial)
            os.replace(partial, target)
        finally:
            with suppress(OSError):  # a disk that has failed: the first error is the one to tell
                partial.unlink(missing_ok=True)
        with suppress(OSError):  # some file systems know no sync of a folder
            _synced(target.parent)


def writer_of(partial: Path) -> int:
    """The process that made a partial file; 0 for another name, as of 0.1.0."""
    _, _, own = partial.name.rpartition(".partial")[0].rpartition(".")
    number, *rest = own.split("-")
    return int(number) if rest and number.isdecimal() else 0


def _synced(path: Path) -> None:
    """Wait until the disk has what was written."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
