import numpy as np
import xarray as xr

from analyses import derived, figS_species, folders


def test_bars_are_means_of_each_group_and_networks_are_not_shown_to_themselves(ax):
    tables = derived.load(folders.TABLES / "figS_species.nc")[0]
    per_trial = tables["species"]["per_trial"]
    figS_species.draw_held_out(per_trial, ax=ax)
    heights = sorted(bar.get_height() for bar in ax.patches)
    expected = [
        float(per_trial.sel(who=w, predictor=p).mean())
        for w in per_trial["who"].values
        for p in per_trial["predictor"].values
    ]
    expected = sorted(value for value in expected if np.isfinite(value))
    assert len(expected) == 15
    np.testing.assert_allclose(heights, expected, rtol=1e-5)


def test_a_gain_is_over_chance_or_over_another_predictor():
    values = xr.DataArray(
        [[[0.5, 0.6]], [[0.25, 0.3]]],
        dims=("predictor", "who", "subject"),
        coords={"predictor": ["network", "mf"], "who": ["rats"]},
    )
    tables = {"species": xr.Dataset({"per_trial": values})}
    np.testing.assert_allclose(figS_species._gain(tables, "rats", "network"), np.log([1, 1.2]))
    np.testing.assert_allclose(figS_species._gain(tables, "rats", "network", "mf"), np.log([2, 2]))
