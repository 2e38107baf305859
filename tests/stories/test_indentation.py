"""A rigid indenter on the free surface of a crystal: half space, contact, force-depth, events."""

from __future__ import annotations

import numpy as np
import pytest
from oracles import lammps_problem, new_lammps

import qcmethod as qc
from qcmethod.elasticity import stroh
from qcmethod.errors import ConvergenceError, CouplingError, InputError
from qcmethod.problems.external import Pressed
from qcmethod.problems.indenter import Indenter
from qcmethod.problems.load import at_load
from qcmethod.units import J_PER_M2

METHODS = ("qce", "gfc", "bqce", "bgfc", "grac", "qcf", "bqcf")


@pytest.fixture(scope="module")
def aluminium() -> qc.Crystal:
    potential = qc.load_potential("Al-Ercolessi-1994")
    return qc.Crystal.fcc(potential, x=(1, 1, -2), y=(1, 1, 1), z=(1, -1, 0))


@pytest.fixture(scope="module")
def small(aluminium: qc.Crystal) -> qc.Problem:
    """A cylinder of 40 A on a half disc of 70 A."""
    return qc.indentation(aluminium, radius=40.0, extent=70.0)


# --- the indenter -----------------------------------------------------------------------------


INDENTERS = (
    Indenter("cylinder", 40.0, 0.0, 2.0, 10.0, 2.0),
    Indenter("flat", 12.0, 0.0, 2.0, 10.0, 2.0),
)


@pytest.mark.parametrize("indenter", INDENTERS, ids=lambda i: i.shape)
def test_indenter_derivatives(indenter: Indenter) -> None:
    """Gradient and Hessian are those of the energy, also across every edge of the contact."""
    rng = np.random.default_rng(3)
    y = np.stack([rng.uniform(-16.0, 16.0, 400), rng.uniform(-4.0, 2.0, 400), 0.0 * np.ones(400)])
    y = y.T
    y[:4, 0] = indenter.size, -indenter.size, 0.0, indenter.size + 1e-7
    pressed = Pressed((indenter,), np.ones(400, dtype=bool))
    v, h = rng.normal(size=y.shape), 1e-5
    slope = (pressed.energy(y + h * v) - pressed.energy(y - h * v)) / (2.0 * h)
    assert slope == pytest.approx(float(np.vdot(pressed.gradient(y), v)), rel=1e-8)
    twice = (pressed.gradient(y + h * v) - pressed.gradient(y - h * v)) / (2.0 * h)
    action = np.einsum("nab,nb->na", pressed.hessian(y), v)
    # the second derivative has kinks, no steps: differences are exact to first order in h
    assert np.abs(twice - action).max() < 2e-4 * np.abs(action).max()
    assert len(pressed.touched(y)) > 50


@pytest.mark.parametrize("indenter", INDENTERS, ids=lambda i: i.shape)
def test_indenter_hessian_is_continuous(indenter: Indenter) -> None:
    """The Hessian of a site does not step as it crosses the edge of the contact or of the punch."""
    t = np.linspace(-1.0, 1.0, 20001)[:, None]
    edge = (6.0, -1.5) if indenter.shape == "cylinder" else (indenter.size, -0.5)
    for start, way in (((3.0, -2.0), (0.3, 1.0)), (edge, (1.0, 0.2))):
        y = np.concatenate([np.array(start) + t * np.array(way), np.zeros((len(t), 1))], axis=1)
        H = Pressed((indenter,), np.ones(len(t), dtype=bool)).hessian(y)
        steps = np.abs(np.diff(H, axis=0)).max()
        assert np.abs(H).max() > 1.0 and steps < 1e-3 * np.abs(H).max()


# --- the half space ---------------------------------------------------------------------------


@pytest.mark.parametrize("method", ("atomistic", *METHODS))
def test_lifted_off_the_surface_is_at_rest(small: qc.Problem, method: str) -> None:
    """The predictor, a relaxed free surface, is an equilibrium: no ghost force at the surface.

    But for what qce and bqce have in bulk too (0.174 and 0.0497 eV/A), and the 2e-6 eV/A to which
    the linear program of grac is solved.
    """
    lifted = at_load(small, depth=-1.0)
    system = qc.couple(lifted, method, 18.0, 12.0)
    f = np.where(system.free, system.model.at(system.zero).forces, 0.0)
    largest = np.linalg.norm(f, axis=1).max()
    assert largest < {"qce": 0.18, "bqce": 0.05, "grac": 1e-5}.get(method, 1e-10)
    assert qc.relax(system).contact.force == 0.0


def test_relaxed_surface_has_its_energy(small: qc.Problem) -> None:
    """Lifted off, a column of sites through the surface holds the energy of a surface site."""
    system = qc.couple(at_load(small, depth=-1.0), "atomistic")
    body = system.body
    excess = system.energy_model.sites.energies(body.y0_l) - system.reference_energy
    column = (body.ij_l[:, 0] == 0) & (body.ij_l[:, 1] > -15)
    gamma = qc.surface_energy(small.crystal).gamma
    assert excess[column].sum() == pytest.approx(gamma, rel=0, abs=1e-12)
    assert qc.relax(system, 1e-8).excess_energy == pytest.approx(
        float(excess[system.reference_energies == system.reference_energy].sum()), rel=1e-3
    )


def test_coupled_surface_has_its_energy(small: qc.Problem) -> None:
    """So do weighted sites and line elements together; the blending zone of a disc cuts the layers
    of the surface at different places, which is worth 2e-4 of it."""
    system = qc.couple(at_load(small, depth=-1.0), "bgfc", 18.0, 12.0)
    gamma = qc.surface_energy(small.crystal).gamma
    body, w = system.body, system.weights
    flank = system.energy_model.continuum.film
    row = body.ij_l[:, 1] == 0
    n = float(w.w_l[row].sum()) + float(flank.gamma.sum()) / gamma
    energy = system.model.at(system.zero).energy
    assert energy / n == pytest.approx(gamma, rel=2e-4)


def test_every_site_of_the_half_disc_is_counted_once(small: qc.Problem) -> None:
    """sum w + sum omega is the volume of the cells plus half of the surface row of the core."""
    system = qc.couple(small, "bgfc", 18.0, 12.0)
    body, w = system.body, system.weights
    on_row = (body.mesh.ij[:, 1] == 0) & body.used[: body.mesh.n_nodes]
    half_row = 0.5 * float((1.0 - w.beta_k[: body.mesh.n_nodes][on_row]).sum())
    assert system.represented == pytest.approx(body.cells.volume.sum() + half_row, rel=1e-12)
    assert (body.ij_l[:, 1] <= 0).all() and (body.mesh.ij[body.cells.vertices][..., 1] <= 0).all()


@pytest.mark.parametrize("method", ("atomistic", *METHODS, "bgfc P2"))
def test_forces_and_stiffness_are_derivatives(small: qc.Problem, method: str) -> None:
    """A step sweep at a random state in contact: forces to 1e-8, stiffness to 1e-7."""
    name, elements = method.removesuffix(" P2"), "P2" if method.endswith("P2") else "P1"
    system = qc.couple(at_load(small, depth=2.0), name, 18.0, 12.0, elements=elements)
    rng = np.random.default_rng(5)
    u = np.where(system.free, rng.uniform(-0.01, 0.01, system.zero.shape), 0.0)
    v = np.where(system.free, rng.uniform(-1.0, 1.0, system.zero.shape), 0.0)
    model, pressed = system.model, system.pressed
    state = model.at(u)
    assert pressed is not None and len(pressed.touched(system.body.positions(u))) > 3
    product = model.stiffness(state).matvec(v.ravel()).reshape(v.shape)
    product = np.where(system.free, product, 0.0)
    slope = -float(np.vdot(np.where(system.free, state.forces, 0.0), v))
    first, second = [], []
    for h in 10.0 ** -np.array([2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0, 6.5]):
        near, far = ([model.at(u + s * k * h * v) for s in (1.0, -1.0)] for k in (1.0, 2.0))
        if state.energy is not None:
            dE = 8.0 * (near[0].energy - near[1].energy) - (far[0].energy - far[1].energy)
            first.append(abs(dE / (12.0 * h * slope) - 1.0))
        df = 8.0 * (near[0].forces - near[1].forces) - (far[0].forces - far[1].forces)
        error = np.where(system.free, df / (12.0 * h) + product, 0.0)
        second.append(float(np.linalg.norm(error) / np.linalg.norm(product)))
    assert min(first, default=0.0) < 1e-8, first
    assert min(second) < 1e-7, second


@pytest.mark.parametrize("method", ("gfc", "bgfc", "qcf", "bqcf"))
def test_patch_test_does_not_see_the_indenter(small: qc.Problem, method: str) -> None:
    """On perfect crystal the coupling is that of a full disc, whatever presses on the surface."""
    system = qc.couple(at_load(small, depth=2.0), method, 18.0, 12.0)
    healed = system.pristine(np.eye(3))
    assert healed.pressed is None and healed.problem.cuts == ()
    f = np.where(healed.free, healed.model.at(healed.zero).forces, 0.0)
    assert np.abs(f).max() < 1e-10
    assert (healed.body.ij_l[:, 1] > 0).any()


# --- fully atomistic, against LAMMPS ------------------------------------------------------------


def lammps_indentation(solution: qc.Solution, table: str) -> tuple[float, float, np.ndarray]:
    """Energy (eV), force on the indenter (eV/A) and largest force on a free atom (eV/A) that LAMMPS
    with `fix indent` finds at the positions of a solution."""
    system = solution.system
    body, (indenter,) = system.body, system.problem.external
    period = system.problem.crystal.lattice.period
    y = body.positions(solution.u)
    low = np.append(y[:, :2].min(axis=0) - 20.0, 0.0)
    start = y - low
    start[:, 2] %= period
    width = np.ptp(y[:, :2], axis=0) + 40.0
    centre = np.array([0.0, indenter.tip + indenter.size]) - low[:2]
    lammps = new_lammps()
    try:
        lammps.commands_list(
            [
                "units metal",
                "atom_modify map array sort 0 0",
                "boundary f f p",
                f"region box block 0 {width[0]:.17g} 0 {width[1]:.17g} 0 {period:.17g}",
                "create_box 1 box",
                "mass 1 27.0",
            ]
        )
        n = len(y)
        lammps.create_atoms(n, list(range(1, n + 1)), [1] * n, start.ravel().tolist())
        lammps.commands_list(
            [
                "pair_style eam/alloy",
                f"pair_coeff * * {table} Al",
                "neighbor 0.6 bin",
                "thermo_modify norm no",
                f"fix 1 all indent {indenter.stiffness:.17g} cylinder z {centre[0]:.17g} "
                f"{centre[1]:.17g} {indenter.size:.17g} units box",
                "fix_modify 1 energy yes",
                "run 0 post no",
            ]
        )
        assert lammps.get_natoms() == n
        f = lammps.numpy.extract_atom("f")[:n].copy()
        push = lammps.extract_fix("1", 0, 1, 1)
        return float(lammps.get_thermo("pe")), float(push), f
    finally:
        lammps.close()


@pytest.mark.skipif(bool(lammps_problem()), reason=lammps_problem() or "-")
def test_atomistic_equals_lammps(aluminium: qc.Crystal, tmp_path) -> None:
    """Energy to 1e-6 eV, force on the indenter to 1e-6 eV/A, and LAMMPS finds it at rest too,
    to the 4e-6 eV/A by which its interpolation of the table differs."""
    table = qc.write_setfl(tmp_path / "Al.eam.alloy", aluminium.potential, nr=20001, nrho=20001)
    problem = qc.indentation(aluminium, radius=30.0, extent=45.0)
    u = None
    for depth in (0.8, 1.6, 2.4):
        system = qc.couple(at_load(problem, depth=depth), "atomistic")
        solution = qc.relax(system, 1e-8, u=u)
        u = solution.u
        energy, push, f = lammps_indentation(solution, table)
        body = system.body
        has = body.site_of_node >= 0
        free = np.zeros(len(body.x_l), dtype=bool)
        free[body.site_of_node[has]] = system.free[has].all(axis=1)
        assert solution.energy == pytest.approx(energy, rel=0, abs=1e-6)
        assert solution.contact.per_period == pytest.approx(push, rel=0, abs=1e-6)
        assert np.abs(f[free]).max() < 1e-5 < 0.1 * np.abs(f).max()


# --- elasticity ---------------------------------------------------------------------------------


def compliance(crystal: qc.Crystal) -> float:
    """(L^-1)_22, A^3/eV: 2/E* of the half plane, (1 - nu)/mu where it is isotropic."""
    return float(np.linalg.inv(stroh(crystal.elastic_constants().tensor).L)[1, 1])


def pressed_in(
    problem: qc.Problem, depths: tuple[float, ...], core: float, elements: str = "P1"
) -> list[qc.Solution]:
    """Equilibria at rising depths, each from the last."""
    found: list[qc.Solution] = []
    for depth in depths:
        system = qc.couple(at_load(problem, depth=depth), "bgfc", core, 12.0, elements=elements)
        found.append(qc.relax(system, u=found[-1] if found else None))
    return found


def test_hertz(aluminium: qc.Crystal) -> None:
    """Half width squared over force: 4 R/(pi E*) = 2 R (L^-1)_22/pi of the anisotropic crystal.

    Measured over that: 0.998. The columns of atoms are the discretisation: from 13 to 21 of them
    are in contact.
    """
    R = 1000.0
    problem = qc.indentation(aluminium, radius=R, extent=2000.0)
    contacts = [s.contact for s in pressed_in(problem, (0.5, 1.0, 1.5), 45.0)]
    P = np.array([c.force * J_PER_M2 for c in contacts])
    a2 = np.array([c.half_width**2 for c in contacts])
    wanted = 2.0 * R * compliance(aluminium) / np.pi
    slope = (a2[-1] - a2[0]) / (P[-1] - P[0])
    assert slope == pytest.approx(wanted, rel=0.01)
    assert len(contacts[-1].x) > 20


def test_depth_grows_with_the_logarithm_of_the_extent(aluminium: qc.Crystal) -> None:
    """At one force the depths of two half discs differ by P (L^-1)_22 ln(R2/R1)/pi.

    Measured over that: 0.976 with P1, whose far field is too stiff by as much, 1.006 with P2.
    """
    P, depths = 0.5, []  # eV/A^2
    for extent, guess in ((400.0, (2.2, 2.6)), (3200.0, (3.2, 3.6))):
        problem = qc.indentation(aluminium, radius=40.0, extent=extent)
        force = [s.contact.force * J_PER_M2 for s in pressed_in(problem, guess, 20.0, "P2")]
        assert force[0] < P < force[1]
        depths.append(np.interp(P, force, guess))
    wanted = P * compliance(aluminium) / np.pi * np.log(8.0)
    assert np.diff(depths)[0] == pytest.approx(wanted, rel=0.01)


def test_a_micrometre(aluminium: qc.Crystal) -> None:
    """A hundred times the radius of the domain costs a few hundred repatoms."""
    sizes = []
    for extent in (100.0, 10_000.0):
        problem = qc.indentation(aluminium, radius=40.0, extent=extent, depth=2.0)
        solution = qc.relax(qc.couple(problem, "bgfc", 20.0, 12.0))
        sizes.append(solution.system.n_repatoms)
    assert sizes[1] < 2 * sizes[0] and solution.system.n_sites > 1e7
    assert solution.contact.force > 0.0


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argument", "keywords"),
    [
        ("radius", {"radius": -40.0}),
        ("radius", {"radius": float("nan")}),
        ("radius", {}),
        ("radius", {"radius": True}),
        ("radius", {"radius": 1e30}),
        ("radius", {"radius": 0.1, "centre": 0.5}),
        ("radius", {"shape": "flat", "half_width": 12.0, "radius": 40.0}),
        ("half_width", {"radius": 40.0, "half_width": 12.0}),
        ("half_width", {"shape": "flat"}),
        ("half_width", {"shape": "flat", "half_width": 0.0}),
        ("shape", {"shape": "sphere", "radius": 40.0}),
        ("depth", {"radius": 40.0, "depth": 40.0}),
        ("depth", {"radius": 40.0, "depth": "deep"}),
        ("depth", {"radius": 40.0, "depth": float("inf")}),
        ("depth", {"radius": 40.0, "depth": None}),
        ("stiffness", {"radius": 40.0, "stiffness": 0.0}),
        ("stiffness", {"radius": 40.0, "stiffness": 1e200}),
        ("edge", {"shape": "flat", "half_width": 12.0, "edge": 1e-200}),
        ("edge", {"shape": "flat", "half_width": 12.0, "edge": 1e200}),
        ("edge", {"shape": "flat", "half_width": 12.0, "edge": -1.0}),
        ("centre", {"radius": 40.0, "centre": None}),
        ("extent", {"radius": 40.0, "extent": -1.0}),
        ("rim", {"radius": 40.0, "rim": 200.0}),
    ],
)
def test_arguments_are_refused_by_name(aluminium: qc.Crystal, argument, keywords) -> None:
    with pytest.raises(InputError) as refused:
        qc.indentation(aluminium, **({"extent": 100.0} | keywords))
    assert refused.value.argument == argument


def test_contact_with_clamped_atoms_is_refused(aluminium: qc.Crystal) -> None:
    """Atoms alone have no core to leave, but those of the rim cannot give way."""
    wide = qc.indentation(aluminium, "flat", half_width=55.0, extent=60.0, depth=0.5)
    with pytest.raises(ConvergenceError, match="reached the clamped rim"):
        qc.relax(qc.couple(wide, "atomistic"))


@pytest.mark.parametrize("elements", ("P1", "P2"))
def test_ghost_force_frozen_at_a_gradient(aluminium: qc.Crystal, elements: str) -> None:
    """The bulk's ghost force is exact below the relaxed layers; the surface has another one."""
    lifted = qc.indentation(aluminium, radius=40.0, extent=400.0, depth=-1.0)
    frozen_at = {"reference": np.eye(3), "elements": elements}
    system = qc.couple(lifted, "bgfc", 18.0, 12.0, **frozen_at)
    f = np.linalg.norm(np.where(system.free, system.model.at(system.zero).forces, 0.0), axis=1)
    deep = system.body.x_k[:, 1] < -20.0
    assert f[deep].max() < 1e-10 and 0.01 < f[~deep].max() < 0.03
    assert not system.g[~system.free].any()


def test_a_plane_crystal_is_refused() -> None:
    crystal = qc.Crystal.hex2d(qc.load_potential("toy2d-c10"))
    with pytest.raises(InputError, match="fcc or bcc"):
        qc.indentation(crystal, radius=10.0, extent=50.0)


@pytest.mark.parametrize("method", ("local", "cluster", "cluster-force"))
def test_methods_without_a_core_are_refused(small: qc.Problem, method: str) -> None:
    with pytest.raises(CouplingError, match=method):
        qc.couple(small, method, 20.0)


def test_a_punch_wider_than_the_core_is_refused(aluminium: qc.Crystal) -> None:
    """The core is measured from under a flat punch: its edges lie inside whatever its width. A
    contact that leaves the core of a cylinder is found in the equilibrium."""
    flat = qc.indentation(aluminium, "flat", half_width=30.0, extent=100.0, depth=1.0)
    assert qc.relax(qc.couple(flat, "bgfc", 10.0, 12.0)).contact.x.max() > 25.0
    wide = qc.indentation(aluminium, radius=200.0, extent=100.0, depth=3.0)
    with pytest.raises(ConvergenceError, match="contact has left the core") as refused:
        qc.relax(qc.couple(wide, "bgfc", 10.0, 12.0))
    assert refused.value.best is not None


def test_a_strip_is_refused(small: qc.Problem) -> None:
    with pytest.raises(CouplingError, match="metric"):
        qc.couple(small, "bgfc", 20.0, 12.0, metric="strip")


@pytest.mark.parametrize(
    ("argument", "keywords"),
    [
        ("depth", {"depth": [1.0, 0.5, 2.0]}),
        ("depth", {"depth": []}),
        ("depth", {"depth": [1.0, 50.0]}),
        ("KI", {"KI": [0.4]}),
        ("width", {"depth": [1.0], "width": 0.0}),
        ("shake", {"depth": [1.0], "shake": -0.01}),
        ("shake", {"depth": [1.0], "shake": "hard"}),
    ],
)
def test_ramps_are_refused_by_name(small: qc.Problem, argument, keywords) -> None:
    with pytest.raises(InputError) as refused:
        qc.ramp(small, "bgfc", 20.0, 12.0, **keywords)
    assert refused.value.argument == argument


def test_a_crack_has_no_depth(aluminium: qc.Crystal) -> None:
    crack = qc.crack(aluminium, KI=0.4, extent=100.0)
    with pytest.raises(InputError, match="load"):
        qc.ramp(crack, "bgfc", 20.0, 12.0, depth=[1.0])
    with pytest.raises(InputError, match=r"depth: .* a crack has KI, KII, KIII"):
        at_load(crack, depth=1.0)


# --- the ramp -----------------------------------------------------------------------------------


DEPTHS = (1.0, 2.0, 2.75, 3.25)


@pytest.fixture(scope="module")
def sharp(aluminium: qc.Crystal) -> qc.Problem:
    """A cylinder of 20 A on a half disc of 80 A."""
    return qc.indentation(aluminium, radius=20.0, extent=80.0)


@pytest.fixture(scope="module")
def ramped(sharp: qc.Problem, tmp_path_factory):
    """A ramp to the first dislocation, and its folder."""
    folder = tmp_path_factory.mktemp("ramp") / "cylinder"
    return qc.ramp(
        sharp, "bgfc", 25.0, 10.0, depth=DEPTHS, width=0.25, max_iterations=150, directory=folder
    )


def test_force_rises_to_the_first_dislocation(ramped) -> None:
    """Forces pinned; a Shockley partial on the inclined plane, from the contact downwards.

    Those of all atoms at depths 1 and 2 are 4.058 and 9.953 N/m.
    """
    (event,) = ramped.events
    smooth = [t for t in ramped.steps if t.outcome == "accepted"]
    force = np.array([t.force for t in smooth])
    assert (np.diff(force) > 0.0).all()
    assert force == pytest.approx([4.04978, 9.92861, 14.91765, 16.79151], rel=1e-4)
    assert ramped.force[:-1] == pytest.approx(force)
    assert ramped.force[-1] == pytest.approx(13.9368, rel=1e-3)  # deeper, and yet less
    assert event.mode == "depth" and "A" in repr(event)
    assert event.kind in ("emission", "twinning") and event.slip.name == "Shockley partial"
    assert event.slip.plane == (1, 1, -1)
    assert event.slip.end[1] < event.slip.start[1] < 0.0
    assert event.before < 3.01 < event.after  # all atoms: 3.0078
    assert event.converged and event.energy_drop > 0.1


def test_a_killed_ramp_goes_on(sharp: qc.Problem, ramped, tmp_path) -> None:
    """From a log cut off in the middle to the same trials; a finished one is read."""
    import shutil

    folder = tmp_path / "cylinder"
    shutil.copytree(ramped.store.folder, folder)
    log = folder / "log.jsonl"
    log.write_text("".join(line + "\n" for line in log.read_text().splitlines()[:3]))
    options = {"width": 0.25, "max_iterations": 150}
    made: list = []
    again = qc.ramp(
        sharp, "bgfc", 25.0, 10.0, depth=DEPTHS, directory=folder, progress=made.append, **options
    )
    assert len(made) == len(ramped.trials) - 3
    for one, other in zip(again.trials, ramped.trials, strict=True):
        assert (one.load, one.outcome, one.start) == (other.load, other.outcome, other.start)
        assert (one.force is None) == (other.force is None)
        assert (one.force or 0.0) == pytest.approx(other.force or 0.0, rel=1e-9)
    with pytest.raises(InputError, match="directory"):
        other_k = qc.indentation(sharp.crystal, radius=20.0, extent=80.0, stiffness=5.0)
        qc.ramp(other_k, "bgfc", 25.0, 10.0, depth=DEPTHS, directory=folder, **options)


def test_pictures_and_files(ramped, tmp_path) -> None:
    """Force-depth figure, ParaView and OVITO files carry depth; the half above is not in them."""
    import ase.io
    import meshio

    assert ramped.plot(tmp_path / "ramp.png", dpi=60).stat().st_size > 5000
    solution = ramped.solution()
    assert solution.plot(tmp_path / "state.png", dpi=60).stat().st_size > 5000
    atoms = ase.io.read(solution.write(tmp_path / "state.xyz"))
    mesh = meshio.read(solution.write(tmp_path / "state.vtu"))
    assert atoms.info["depth"] == mesh.field_data["depth"] == ramped.events[0].before
    top = (atoms.positions - atoms.info["shift"])[:, 1].max()
    assert mesh.points[:, 1].max() == 0.0 and top < 1.0


def test_assembled_stiffness_holds_the_contact(small: qc.Problem) -> None:
    """The sparse Hessian, which tells stable states from unstable ones, is the action's."""
    from qcmethod.solve.jacobian import assembled

    for method in ("bgfc", "bqcf"):
        system = qc.couple(at_load(small, depth=2.0), method, 18.0, 12.0)
        state = system.model.at(system.zero)
        v = np.random.default_rng(7).normal(size=system.zero.size)
        wanted = system.model.stiffness(state).matvec(v)
        without = qc.couple(at_load(small, depth=-1.0), method, 18.0, 12.0).model
        assert assembled(system.model, state) @ v == pytest.approx(wanted, abs=1e-9)
        assert np.abs(without.stiffness(without.at(system.zero)).matvec(v) - wanted).max() > 1.0


@pytest.mark.slow
def test_first_event_against_all_atoms(sharp: qc.Problem) -> None:
    """The same partial at the same place, depth and force within 1 %, on 814 instead of 1788 nodes.

    Measured: all atoms and bgfc 3.0078 +- 0.0078 A, 16.838 and 16.792 N/m; bqcf 2.992 A.
    """
    found = {}
    for method, zone in (("atomistic", ()), ("bgfc", (25.0, 10.0)), ("bqcf", (25.0, 10.0))):
        ramp = qc.ramp(
            sharp, method, *zone, depth=np.arange(1.0, 6.0, 0.5), width=0.02, max_iterations=150
        )
        (event,) = ramp.events
        before = ramp.solution()
        found[method] = event.load, before.contact.force
        assert event.slip.name == "Shockley partial" and event.slip.plane == (1, 1, -1)
        assert event.slip.start == pytest.approx((-5.35, -2.33), abs=0.01)
        assert event.slip.end == pytest.approx((2.47, -24.44), abs=0.01)
    for method in ("bgfc", "bqcf"):
        depth, force = np.array(found[method]) / found["atomistic"]
        assert depth == pytest.approx(1.0, abs=0.01) and force == pytest.approx(1.0, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("method", ("bgfc", "bqcf"))
def test_symmetric_states_are_shaken_off_their_saddle(sharp: qc.Problem, method: str) -> None:
    """A mirror plane normal to the line keeps a state on a saddle: the partial that leaves at a
    depth of 3.0 A has a component along the line. Without shaking the ramp of an energy goes on
    past it; a force method leaves saddles by itself."""
    from scipy.sparse.linalg import eigsh

    from qcmethod.solve.jacobian import assembled

    options = {"depth": (2.0, 3.0, 3.5), "width": 0.25, "max_iterations": 100}
    lowest, leaves = {}, method == "bqcf"
    for shake in (0.0, None):
        ramp = qc.ramp(sharp, method, 22.0, 8.0, shake=shake, **options)
        u = ramp.corrector(ramp.steps[-1].number)
        system = ramp.system(ramp.steps[-1].number).conservative_twin(u)
        on = np.flatnonzero(system.free.ravel())
        H = assembled(system.model, system.model.at(u))[on][:, on]
        symmetric = 0.5 * (H + H.T)
        lowest[shake] = eigsh(symmetric, k=1, sigma=-0.5, return_eigenvectors=False)[0]
        assert bool(ramp.events) == (shake is None or leaves)
    assert lowest[0.0] > -1e-3 if leaves else lowest[0.0] < -0.05
    assert lowest[None] > -1e-3


# --- adaptive -----------------------------------------------------------------------------------


def test_adaptive_core_under_the_indenter(aluminium: qc.Crystal) -> None:
    """The first zone is the surface under the indenter; it grows with the depth."""
    result, widths = None, []
    for depth in (2.0, 3.0):
        problem = qc.indentation(aluminium, radius=20.0, extent=120.0, depth=depth)
        result = qc.adapt(problem, tolerance=0.2, blend=5.6, widen=False, start=result, fmax=1e-5)
        assert result.converged, result.reason
        contact, zone = result.solution.contact, result.solution.system.problem.zone
        assert np.abs(contact.x).max() < np.abs(zone[:, 0]).max() + 6.0
        widths.append(np.ptp(zone[:, 0]))
        assert contact.force > 0.0 and (zone[:, 1] <= 0.0).any()
    assert widths[1] > widths[0]


def test_a_contact_that_leaves_the_core_ends_the_ramp(aluminium: qc.Crystal) -> None:
    """The event says why; what was found before stays."""
    wide = qc.indentation(aluminium, radius=200.0, extent=100.0)
    ramp = qc.ramp(wide, "bgfc", 10.0, 12.0, depth=(0.2, 3.0), width=1.0)
    (event,) = ramp.events
    assert event.kind == "no convergence" and "contact has left the core" in event.message
    assert len(ramp.steps) >= 1 and ramp.force[0] > 0.0 and not ramp.completed


def test_results_come_back(ramped, tmp_path) -> None:
    """The folder of a ramp and the file of a solution, without solving again."""
    again = qc.load(ramped.store.folder)
    assert again.force == pytest.approx(ramped.force, rel=1e-12)
    assert repr(again.events[0]) == repr(ramped.events[0])
    before = ramped.solution()
    loaded = qc.load(before.write(tmp_path / "before.npz"))
    assert loaded.contact.force == pytest.approx(before.contact.force, rel=1e-12)
    assert loaded.system.problem.external == before.system.problem.external
