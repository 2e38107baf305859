"""The default tests on every Python that is here: `nox`, or one of them by `nox -s tests-3.12`."""

import nox

nox.options.error_on_missing_interpreters = False


@nox.session(python=["3.11", "3.12", "3.13", "3.14"])
def tests(session: nox.Session) -> None:
    """Install the package with what its tests need, and run them."""
    session.install(".[test]")
    session.run("pytest", *(session.posargs or ["-n", "2"]))


@nox.session(python="3.12")
def check(session: nox.Session) -> None:
    """What `make check` runs, in an environment of its own."""
    session.install(".[dev]")
    session.run("ruff", "format", "--check", ".")
    session.run("ruff", "check", ".")
    session.run("mypy", "qcmethod")
    session.run("lint-imports")
