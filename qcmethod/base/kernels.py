"""Compiled kernels on disk: what is read is what was written, or the kernel is compiled again.

    NAME.DIGEST OF ITS KEY.nbc    =    SHA-256 of what follows | pickle of (key, machine code)

The key is the signature, the machine, the version of Numba and the digest of the code. A file that
was cut short, changed, or is another kernel's is as good as none; a disk that takes no file costs
the next process a compilation, and nothing else. There is no index that two processes could write
at once: each kernel is one file, written whole.
"""

from __future__ import annotations

import hashlib
import pickle
from contextlib import suppress
from pathlib import Path
from typing import Any

import numba
from numba.core.caching import FunctionCache
from numba.core.serialize import dumps

from qcmethod.base.whole import whole

DIGEST = hashlib.sha256().digest_size


class SealedFiles:
    """The kernels of one function in a folder, by their keys."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name

    def file(self, key: object) -> Path:
        """Where the kernel of a key is kept."""
        own = hashlib.sha256(repr(key).encode()).hexdigest()[:16]
        return self.folder / f"{self.name}.{own}.nbc"

    def save(self, key: object, data: object) -> None:
        """Keep a kernel (OSError)."""
        key = (key, numba.__version__)
        content = dumps((key, data))
        with whole(self.file(key)) as partial:
            partial.write_bytes(hashlib.sha256(content).digest() + content)

    def load(self, key: object) -> Any:
        """A kernel; None where there is none that is whole."""
        key = (key, numba.__version__)
        try:
            content = self.file(key).read_bytes()
        except OSError:
            return None
        if hashlib.sha256(content[DIGEST:]).digest() != content[:DIGEST]:
            return None
        found, data = pickle.loads(content[DIGEST:])
        return data if found == key else None

    def flush(self) -> None:
        """Forget all kernels of the function."""
        for file in self.folder.glob(f"{self.name}.*.nbc"):
            file.unlink(missing_ok=True)


class KernelCache(FunctionCache):
    """Numba's cache of one function, on files that are checked."""

    def __init__(self, function: Any) -> None:
        super().__init__(function)
        self._cache_file = SealedFiles(Path(self._cache_path), self._impl.filename_base)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The kernel of a signature; None where it has to be compiled.

        An undamaged file may name a class of a script that has changed: that is a miss, too.
        """
        try:
            return super().load_overload(sig, target_context)
        except Exception:
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a kernel where the disk takes it."""
        with suppress(OSError):
            super().save_overload(sig, data)
