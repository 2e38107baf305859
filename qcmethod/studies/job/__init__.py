"""Jobs: a calculation as a file of tables, each the call of a public function (TOML).

    [potential]   load_potential     [coupling]   couple
    [crystal]     Crystal.fcc, ...   [relax]      or [ramp], [arc], [adapt], [compare]: what to do
    [problem]     crack, ...         [output]     what is written, and where

`read` makes the calls, `template` writes an example with what each key is. Keys are the arguments
of the functions: what a function takes, says and refuses is what a file can say.
"""

from __future__ import annotations

from qcmethod.studies.job.carry_out import carried_out
from qcmethod.studies.job.read import Job, read_job
from qcmethod.studies.job.template import template

__all__ = ["Job", "carried_out", "read_job", "template"]
