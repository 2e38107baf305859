"""CHGNet: site energies with weights by one backward pass.

    E = sum_l w_l V_l,      dE/dx = (dE/ds) L^-T,      x = s L

The graph of a structure keeps its fractional coordinates s as leaves, so the gradient is taken
there and turned to positions with the vectors L (rows) of the box. (Deng et al. 2023, Nat. Mach.
Intell. 5, 1031.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from qcmethod.base.types import Array
from qcmethod.errors import EngineError
from qcmethod.potentials.calculator.weighted import WEIGHTED

if TYPE_CHECKING:
    from ase import Atoms


@WEIGHTED.under("chgnet")
def chgnet(calculator: Any, atoms: Atoms, w: Array) -> tuple[Array, Array]:
    """V (n,), eV, and the gradient (n, 3) of sum_l w_l V_l, eV/A; see `weighted.Weighted`."""
    import torch
    from pymatgen.io.ase import AseAtomsAdaptor

    model = calculator.model
    if not model.mlp_first:
        raise EngineError("a model that pools atoms before its last layers has no site energies")
    graph = model.graph_converter(AseAtomsAdaptor.get_structure(atoms)).to(calculator.device)
    V = model([graph], task="e", return_site_energies=True)["site_energies"][0]
    weights = torch.as_tensor(w, dtype=V.dtype, device=V.device)
    (slope,) = torch.autograd.grad((weights * V).sum(), graph.atom_frac_coord)
    g = slope.detach().cpu().numpy().astype(np.float64)
    found: Array = g @ np.linalg.inv(atoms.cell.array).T
    return V.detach().cpu().numpy().astype(np.float64), found
