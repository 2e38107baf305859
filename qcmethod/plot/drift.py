"""A picture of undamped runs: the ledger L - L(0) above, the kinetic energy below, over time."""

from __future__ import annotations

from pathlib import Path

from qcmethod.analysis.conservation.drift import Drift
from qcmethod.base.files import picture
from qcmethod.plot.pictures import draws
from qcmethod.plot.sheet import saved


@draws(Drift)
def draw(first: Drift, path: str | Path, *others: Drift, dpi: int = 200) -> Path:
    """Draw a run, and others with it; raises InputError for a path it cannot write."""
    from matplotlib.figure import Figure

    target = picture(path, dpi)
    figure = Figure(figsize=(6.4, 5.2), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True)
    for run in (first, *others):
        ledger = f"T + {run.ledger}"
        upper.plot(1e-3 * run.time, 1e3 * run.total, linewidth=1.3, label=f"{run.method}: {ledger}")
        lower.plot(1e-3 * run.time, 1e3 * run.kinetic, linewidth=0.9, label=run.method)
    upper.axhline(0.0, color="0.6", linewidth=0.6, zorder=0)
    upper.set_ylabel("$L - L(0)$ (meV)")
    lower.set_ylabel("kinetic energy $T$ (meV)")
    lower.set_xlabel("time (ps)")
    upper.legend(frameon=False, fontsize=9)
    lower.legend(frameon=False, fontsize=9)
    figure.suptitle("Undamped runs: the energy that the coupling adds or takes", fontsize=11)
    return saved(figure, target, dpi)
