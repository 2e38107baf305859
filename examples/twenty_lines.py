"""
A crack tip in twenty lines
===========================

Potential, crystal, problem, coupling, patch test, solution; the coupling has an energy.
"""

import qcmethod as qc

crystal = qc.Crystal.fcc(
    qc.load_potential("Al-Ercolessi-1994"), x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0)
)
problem = qc.crack(crystal, KI=0.42, extent=5000.0)  # MPa sqrt(m) at the door, Angstrom
system = qc.couple(problem, "bgfc", core=25.0, blend=15.0)  # core radius and blending width
print(qc.patch_test(system))  # worst ghost force, where, verdict
solution = qc.relax(system, fmax=1e-5)
solution.write("crack.vtu")
solution.plot("crack.png")
atoms = solution.to_atoms()
print(f"{len(atoms)} atoms, fmax {solution.fmax:.1e} eV/A, energy {solution.excess_energy:.6f} eV")
