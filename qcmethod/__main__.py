"""`python -m qcmethod`: the command line."""

from __future__ import annotations

from qcmethod.cli import main

main(prog_name="qcmethod")
