"""Energy and forces of a periodic set of atoms by the plainest double loop there is.

    E = sum_i [1/2 sum_j phi(r_ij) + F(n_i)],   f_i = -sum_j [phi' + (F'_i + F'_j) rho'] r_ij/|r_ij|

An oracle for the package's kernels as well as the way to compare a potential alone with LAMMPS.
"""

from __future__ import annotations

from math import ceil, sqrt

import numpy as np

from qcmethod.base.jit import entry
from qcmethod.potentials.site import embed, pair


@entry
def double_loop(p, x, box, images):
    n_atoms = x.shape[0]
    density = np.zeros(n_atoms)
    slope = np.zeros(n_atoms)
    force = np.zeros((n_atoms, 3))
    energy = 0.0
    for sweep in range(2):  # densities first, then forces
        for i in range(n_atoms):
            for j in range(n_atoms):
                for a in range(-images[0], images[0] + 1):
                    for b in range(-images[1], images[1] + 1):
                        for c in range(-images[2], images[2] + 1):
                            dx = x[j, 0] - x[i, 0] + a * box[0]
                            dy = x[j, 1] - x[i, 1] + b * box[1]
                            dz = x[j, 2] - x[i, 2] + c * box[2]
                            r2 = dx * dx + dy * dy + dz * dz
                            if r2 >= p.cutoff * p.cutoff or r2 == 0.0:
                                continue
                            r = sqrt(r2)
                            phi, dphi, rho, drho = pair(p, r)
                            if sweep == 0:
                                energy += 0.5 * phi
                                density[i] += rho
                            else:
                                pull = (dphi + (slope[i] + slope[j]) * drho) / r
                                force[i, 0] += pull * dx
                                force[i, 1] += pull * dy
                                force[i, 2] += pull * dz
        if sweep == 0:
            for i in range(n_atoms):
                f, df, _ = embed(p, density[i])
                energy += f
                slope[i] = df
    return energy, force


def energy_forces(potential, positions, cell):
    """Energy (eV) and forces (n, 3) of ``positions`` (n, 3) in a periodic box ``cell`` (3,)."""
    x, box = np.ascontiguousarray(positions, float), np.asarray(cell, float)
    images = tuple(ceil(potential.cutoff / length) for length in box)
    return double_loop(potential.params, x, box, images)


def crystal_block(structure, lattice_constant, cells, shake=0.0, seed=1):
    """Positions and box of ``cells`` cubes of fcc or bcc, shaken by up to ``shake`` an axis."""
    basis = {
        "fcc": [[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]],
        "bcc": [[0, 0, 0], [0.5, 0.5, 0.5]],
    }[structure]
    corner = np.stack(np.meshgrid(*[np.arange(cells)] * 3, indexing="ij"), -1).reshape(-1, 1, 3)
    x = lattice_constant * (corner + np.array(basis)).reshape(-1, 3)
    x += np.random.default_rng(seed).uniform(-shake, shake, x.shape)
    box = np.full(3, cells * lattice_constant)
    return x % box, box


def lammps_energy_forces(lammps, positions, cell, mass, *pair_commands):
    """The same from LAMMPS, in units metal; ``pair_commands`` are its pair_style lines."""
    n = len(positions)
    lammps.commands_list(
        [
            "units metal",
            "atom_modify map array sort 0 0",
            "boundary p p p",
            f"region box block 0 {cell[0]:.17g} 0 {cell[1]:.17g} 0 {cell[2]:.17g}",
            "create_box 1 box",
            f"mass 1 {mass}",
        ]
    )
    lammps.create_atoms(n, list(range(1, n + 1)), [1] * n, positions.ravel().tolist())
    assert lammps.get_natoms() == n
    lammps.commands_list([*pair_commands, "thermo_modify norm no", "run 0 post no"])
    force = np.ctypeslib.as_array(lammps.gather_atoms("f", 1, 3)).reshape(n, 3).copy()
    return lammps.get_thermo("pe"), force
