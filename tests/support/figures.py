"""What every picture does without a file: a figure for a notebook, a panel for an axis."""

from __future__ import annotations

from matplotlib.figure import Figure


def panel_alone(result):
    """`plot()` is a figure that shows itself; `plot(ax=)` fills the one axis that it is given."""
    shown = result.plot()
    assert isinstance(shown, Figure)
    assert shown._repr_png_()[:4] == b"\x89PNG"
    figure = Figure()
    axis = figure.subplots()
    assert result.plot(ax=axis) is figure
    assert axis.has_data()
    assert all(other is axis or "colorbar" in str(other.get_label()) for other in figure.axes)
