"""What can be an executor, and what can be sent to its workers.

Of an executor only `submit` is used, which returns a `concurrent.futures.Future`: pools of threads
and of processes, `mpi4py.futures`, Dask and executorlib serve. A client of Dask has such an
executor, and stands for it.

Another process gets what it needs as bytes. Pools of processes and MPI make them by `pickle`, which
knows a function by its module and name; Dask and executorlib by `cloudpickle`, which takes its code
along. What cannot be sent is refused before anything is begun.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qcmethod.errors import InputError

EXPECTED = "an executor of concurrent.futures, or one like it"
HINT = "concurrent.futures.ProcessPoolExecutor(4), dask's client.get_executor()"
SENDERS = {
    "concurrent.futures.process": "pickle",
    "mpi4py": "pickle",
    "distributed": "cloudpickle",
    "executorlib": "cloudpickle",
}
"""What makes bytes for the workers, by the module of the executor or the package of it."""


def require_executor(executor: Any) -> Any:
    """The executor, that of a client of Dask for the client; None stays None (InputError)."""
    if executor is None:
        return None
    if isinstance(executor, type):
        raise InputError("executor", executor, f"{EXPECTED}, not its class", HINT)
    if callable(getattr(executor, "get_executor", None)):  # Dask's Client
        if getattr(executor, "asynchronous", False):
            expected = f"{EXPECTED}; this client is asynchronous"
            raise InputError("executor", executor, expected, "dask.distributed.Client(address)")
        executor = executor.get_executor()
    if not callable(getattr(executor, "submit", None)):
        raise InputError("executor", executor, EXPECTED, HINT)
    return executor


def require_sendable(
    executor: Any, function: Callable[..., Any], calls: Sequence[Mapping[str, Any]]
) -> None:
    """Refuse what the executor cannot send to its workers, by its name (InputError)."""
    sender = next(filter(None, map(_sender, type(executor).__mro__)), None)
    if sender is None:
        return
    hint = "a function that stands in a file by itself" if sender == "pickle" else ""
    _require("function", function, sender, hint)
    for number, call in enumerate(calls):
        for name, value in call.items():
            hint = "what it is made from: a name, a path, numbers"
            _require(f"cases[{number}][{name!r}]", value, sender, hint)


def _sender(cls: type) -> str | None:
    found = SENDERS.get(cls.__module__) or SENDERS.get(cls.__module__.partition(".")[0])
    return found if found in sys.modules else None


def _require(name: str, value: Any, sender: str, hint: str) -> None:
    try:
        sys.modules[sender].dumps(value)
    except (pickle.PicklingError, AttributeError, TypeError, ValueError, RecursionError) as error:
        why = " ".join(str(error).split())
        expected = f"something that can be sent to another process ({why})"
        raise InputError(name, value, expected, hint) from error
