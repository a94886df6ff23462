import numpy as np
import xarray as xr

from analyses import derived, figS_species_bandits, folders


def test_the_committed_table_has_every_group():
    tables = derived.load(folders.TABLES / "figS_species_bandits.nc")[0]
    assert tables["bandits"]["who"].values.tolist() == list(figS_species_bandits.BANDITS)


def test_recovery_is_counted_from_chance():
    correct = xr.DataArray(
        [[[0.4] * 5 + [0.1]]], {"who": ["mice"], "trial": [10, 11, 12, 13, 14, 15]}, ("who", "subject", "trial")
    )
    tables = {"bandits": xr.Dataset({"correct": correct, "chance": (("who", "subject"), [[1 / 3]])})}
    np.testing.assert_allclose(figS_species_bandits._recovered(tables, "mice"), [0.4 - 1 / 3])
