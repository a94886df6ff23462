import numpy as np
import xarray as xr

from analyses import derived, figS_species, folders


def test_the_committed_table_has_every_group():
    tables = derived.load(folders.TABLES / "figS_species.nc")[0]
    assert tables["species"]["who"].values.tolist() == list(figS_species.TWO_STEP)
    assert tables["bandits"]["who"].values.tolist() == list(figS_species.BANDITS)
    per_trial = tables["species"]["per_trial"].sel(predictor="network")
    assert np.isnan(per_trial.sel(who="networks")).all()  # they are not shown to themselves
    assert np.isfinite(per_trial.sel(who="rats")).any()


def test_recovery_is_counted_from_chance():
    correct = xr.DataArray(
        [[[0.4] * 5 + [0.1]]], {"who": ["mice"], "trial": [10, 11, 12, 13, 14, 15]}, ("who", "subject", "trial")
    )
    tables = {"bandits": xr.Dataset({"correct": correct, "chance": (("who", "subject"), [[1 / 3]])})}
    np.testing.assert_allclose(figS_species._recovered(tables, "mice"), [0.4 - 1 / 3])


def test_a_gain_is_over_chance_or_over_another_predictor():
    values = xr.DataArray(
        [[[0.5, 0.6]], [[0.25, 0.3]]],
        dims=("predictor", "who", "subject"),
        coords={"predictor": ["network", "mf"], "who": ["rats"]},
    )
    tables = {"species": xr.Dataset({"per_trial": values})}
    np.testing.assert_allclose(figS_species._gain(tables, "rats", "network"), np.log([1, 1.2]))
    np.testing.assert_allclose(figS_species._gain(tables, "rats", "network", "mf"), np.log([2, 2]))
