"""The contract of a potential: its site energy over relative neighbour positions.

    V_i = 1/2 sum_j phi(r_ij) + F(n_i),     n_i = sum_j rho(r_ij)

(Daw and Baskes 1984, Finnis and Sinclair 1984; a pair potential has F = 0). Energies, forces,
stress, the Cauchy-Born continuum, Hessians and all coupling methods derive from it. A functional
form is one ``NamedTuple`` of numbers and arrays whose first three fields are

    cutoff   A, pairs at r >= cutoff do not interact
    r_min    A, distances below are off the table
    n_max    densities above are off the table (inf where the form has no limit)

and four bodies registered for that type, each a function of the tuple ``p`` and one number ``x``:

    pair(p, r)     -> phi, phi', rho, rho'
    pair2(p, r)    -> phi, phi', phi'', rho, rho', rho''
    embed(p, n)    -> F, F', F''
    is_pair(p, 0)  -> True when F = 0 identically (kernels then skip the density)
"""

from __future__ import annotations

from qcmethod.base.jit import generic

pair = generic("phi, phi', rho, rho' at the distance r (A).")
pair2 = generic("phi, phi', phi'', rho, rho', rho'' at the distance r (A).")
embed = generic("F, F', F'' at the electron density n.")
is_pair = generic("Whether the form has no embedding energy.")
