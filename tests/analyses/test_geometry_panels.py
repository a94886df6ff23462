import numpy as np
import xarray as xr

from analyses import geometry_panels


def test_similarity_shows_each_pair_once(ax):
    values = np.array([[1.0, 0.8, 0.6], [0.8, 1, 0.7], [0.6, 0.7, 1]])
    cka = xr.DataArray([values, values / 2], {"who": ["trained", "untrained"]}, ("who", "subject", "other"))
    geometry_panels.draw_similarity(cka, ax=ax)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [0.8, 0.6, 0.7])
    np.testing.assert_allclose(ax.lines[3].get_ydata(), [0.35, 0.35])
