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
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from qcmethod.base.process import running
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
    partial = partial_of(target)
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


def partial_of(target: Path) -> Path:
    """A name beside the target that nobody else has."""
    own = f"{os.getpid()}-{threading.get_ident()}-{secrets.token_hex(4)}"
    return target.with_name(f".{target.stem[:LETTERS]}.{own}.partial{target.suffix.lower()}")


def is_partial(path: Path) -> bool:
    """Whether a name is that of something half made."""
    return path.name.startswith(".") and ".partial" in path.name


def clear(folder: Path) -> None:
    """Remove what processes that have ended were making; of a living one it is its own business."""
    for path in filter(is_partial, folder.iterdir()):
        if running(_writer(path)):
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _writer(partial: Path) -> int:
    """The process that made a name; 0 for one of 0.1.0, which nobody writes any more."""
    number, *rest = partial.name.rpartition(".partial")[0].rpartition(".")[2].split("-")
    return int(number) if rest and number.isdecimal() else 0


def _synced(path: Path) -> None:
    """Wait until the disk has what was written."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
