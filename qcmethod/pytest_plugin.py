"""pytest plug-in: the fixture `patch_test` fails with the table and keeps the map.

    def test_my_coupling(patch_test):
        patch_test(qcmethod.couple(problem, "bqcf", core=20.0, blend=15.0))

Its arguments are those of `qcmethod.testing.assert_patch_test`. The map of a failure is saved as a
PNG below `--ghost-force-maps DIR` (default: the test's temporary folder); its path is in the
message and in the property `ghost_force_map` of the report, the largest force in `ghost_force`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from qcmethod.analysis.patch import PatchReport


LONGEST = 160
"""Characters of the name of a map, without suffix and number."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--ghost-force-maps`."""
    group = parser.getgroup("qcmethod")
    group.addoption(
        "--ghost-force-maps",
        metavar="DIR",
        default=None,
        help="save the map of every failed patch test in this folder",
    )


def _file_name(nodeid: str) -> str:
    """The name of a test as that of a file; a long one ends in a digest."""
    name = re.sub(r"[^\w.-]+", "_", nodeid).strip("_")
    if len(name) <= LONGEST:
        return name
    return f"{name[: LONGEST - 13]}-{hashlib.sha256(nodeid.encode()).hexdigest()[:12]}"


@pytest.fixture
def patch_test(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> Callable[..., PatchReport]:
    """`assert_patch_test` that keeps the map of a failure."""
    chosen = request.config.getoption("--ghost-force-maps")
    name = _file_name(request.node.nodeid)
    calls: list[int] = []

    def check(system: Any, tolerance: float = 1e-10, **options: Any) -> PatchReport:
        """Assert that a coupling has no ghost force; see `qcmethod.testing`."""
        from qcmethod.errors import InputError
        from qcmethod.testing import GhostForceError, assert_patch_test

        __tracebackhide__ = True
        folder = tmp_path if chosen is None else request.config.invocation_params.dir / chosen
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            expected = f"a folder that can be made ({error.strerror})"
            raise InputError("--ghost-force-maps", str(folder), expected) from error
        calls.append(1)
        target = folder / (f"{name}.png" if len(calls) == 1 else f"{name}-{len(calls)}.png")
        try:
            report = assert_patch_test(system, tolerance, picture=target, **options)
        except GhostForceError as error:
            record_property("ghost_force", error.report.worst)
            record_property("ghost_force_map", str(error.picture))
            raise
        record_property("ghost_force", report.worst)
        return report

    return check
