import numpy as np
import xarray as xr

from analyses import figW3_restless as figure


def test_the_difference_is_that_of_networks_and_fixed_rates(ax):
    values = np.full((len(figure.WHO), 3), 5.0) + np.array([0, 0.1, 0.2])
    regret = xr.DataArray(values, {"who": list(figure.WHO)}, ("who", "subject"))
    regret.loc["networks"] = [4.0, 4.2, 4.3]
    figure.draw_regret(regret, ax=ax)
    (text,) = [each.get_text() for each in ax.texts]
    assert text.startswith("networks − best fixed rate: -0.93\nt(2) = -28.0")


def test_slow_comes_before_fast(ax):
    coords = {"who": list(figure.FITTED), "volatile": [0, 1]}
    rate = xr.DataArray(np.tile([0.1, 0.3], (3, 2, 1)), coords, ("who", "subject", "volatile"))
    figure.draw_rates(rate, ax=ax)
    assert ax.lines[0].get_ydata().tolist() == [0.1, 0.3]
    assert [label.get_text() for label in ax.get_xticklabels()][:2] == ["slow", "fast"]
