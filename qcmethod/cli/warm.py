"""`qcmethod warm`: compile all kernels now."""

from __future__ import annotations

import time

import click


@click.command("warm")
@click.option("--quiet", is_flag=True, help="Say nothing of the progress.")
def warm(quiet: bool) -> None:
    """Compile the kernels of all forms of potentials, so that no calculation waits for them.

    Machine code is kept in ~/.cache/qcmethod, or in the folder that NUMBA_CACHE_DIR names: one that
    all nodes of a cluster see is filled once, by a job on one of them. It takes a minute or two,
    and nothing the second time.
    """
    from qcmethod.base.jit import cache_folder
    from qcmethod.studies.warm import warm as compile_all

    start = time.perf_counter()

    def say(text: str) -> None:
        if not quiet:
            click.echo(f"{time.perf_counter() - start:6.1f} s  {text}", err=True)

    kernels = compile_all(say)
    spent = time.perf_counter() - start
    click.echo(f"{kernels} kernels in {cache_folder()}, after {spent:.1f} s")
