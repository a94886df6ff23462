import numpy as np
import xarray as xr

from analyses import volatility_panels


def test_the_fraction_of_units_falls_with_the_criterion(ax):
    partial = xr.DataArray(
        [[[0.1, -0.22, 0.5, 0.0]], [[0.0, 0.0, 0.01, 0.0]], [[0.3, 0.0, 0.0, 0.0]]], dims=("kind", "subject", "unit")
    )
    fraction = xr.DataArray([[0.5], [0.0], [0.25]], dims=("kind", "subject"))
    numbers = {"p_significant": fraction, "median": fraction / 5, "chance": fraction / 10}
    units = xr.Dataset({"partial_correlation": partial, **numbers}, {"kind": ["trained", "untrained", "constant"]})
    volatility_panels.draw_units(units.assign_coords(subject=[0]), ax=ax)
    line = next(line for line in ax.lines if line.get_label() == "trained")
    drawn = dict(zip(np.round(line.get_xdata(), 3), line.get_ydata(), strict=True))
    assert [drawn[at] for at in (0.05, 0.2, 0.25)] == [0.75, 0.5, 0.25]
