"""Error against cost, log-log, with fitted rates: two panels that fit a page of a paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qcmethod.errors import InputError
from qcmethod.plot.pictures import draws, fills
from qcmethod.plot.sheet import few_ticks, sheet
from qcmethod.plot.styles import Style, marked, styles
from qcmethod.studies.compare.report import Study

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

AXES = {
    "repatoms": "repatoms",
    "dof": "degrees of freedom",
    "seconds": "time of the solver (s)",
    "cpu_seconds": "processor time of the solver (s)",
    "error": r"$\|\nabla(u-u_\mathrm{ref})\|\,/\,\|\nabla u_\mathrm{ref}\|$",
    "absolute": r"$\|\nabla(u-u_\mathrm{ref})\|_{L^2}$ ($\mathrm{\AA}^{d/2}$)",
    "gradient": r"$\max|\nabla(u-u_\mathrm{ref})|$ at the defect",
    "displacement": r"$\max|u-u_\mathrm{ref}|$ at the defect ($\mathrm{\AA}$)",
    "energy_error": r"$|E-E_\mathrm{ref}|$ (eV)",
    "ghost_strained": r"worst ghost force (eV/$\mathrm{\AA}$)",
    "ghost_predictor": r"ghost force at the predictor (eV/$\mathrm{\AA}$)",
}


@draws(Study)
def panels(study: Study, y: str, x: tuple[str, ...]) -> Figure:
    """One panel for each of `x`; see `Study.plot`."""
    from matplotlib import rc_context

    _require_columns(study, y, x)
    style = styles(study.labels)
    with rc_context({"font.size": 9.0, "svg.hashsalt": "qcmethod"}):
        figure = sheet((3.6 * len(x) + 0.1, 4.1))
        row = figure.subplots(1, len(x), sharey=True, squeeze=False)[0]
        for axes, name in zip(row, x, strict=True):
            _panel(axes, study, name, y, style)
        row[0].set_ylabel(AXES[y])
        figure.draw_without_rendering()
    return figure


@fills(Study)
def fill(study: Study, axis: Axes, y: str, x: tuple[str, ...]) -> None:
    """The panel of the first of `x`."""
    _require_columns(study, y, x)
    _panel(axis, study, x[0], y, styles(study.labels))
    axis.set_ylabel(AXES[y])


def _require_columns(study: Study, y: str, x: tuple[str, ...]) -> None:
    for name in (y, *x):
        if not (isinstance(name, str) and name in AXES):
            raise InputError("x, y", name, f"columns out of {', '.join(AXES)}")
    if not x or not any(len(study.curve(label, x[0], y)[0]) for label in study.labels):
        raise InputError("study", repr(study), f"at least one row with a positive {y}")


def _panel(axes: Axes, study: Study, x: str, y: str, style: dict[str, Style]) -> None:
    """One panel; its legend says the rate of each curve."""
    for label, own in style.items():
        a, b = study.curve(label, x, y)
        if not len(a):
            continue
        rate = study.rate(label, x, y)
        text = label if rate is None else f"{label}  {rate:+.2f}".replace("-", "\N{MINUS SIGN}")
        axes.plot(a, b, **marked(own), ms=5, lw=1.2, label=text)
    axes.set(xscale="log", yscale="log", xlabel=AXES[x])
    few_ticks(axes.xaxis, *axes.get_xlim())
    few_ticks(axes.yaxis, *axes.get_ylim())
    axes.grid(True, which="major", color="0.9", lw=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16), "ncol": 3}
    small = {"fontsize": 7.5, "title_fontsize": 7.5, "columnspacing": 1.4, "handletextpad": 0.5}
    axes.legend(title="method, fitted rate", frameon=False, **below, **small)
