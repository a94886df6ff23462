import numpy as np

from analyses import derived, figS_species, folders


def test_the_committed_table_has_every_group():
    tables = derived.load(folders.TABLES / "figS_species.nc")[0]
    assert tables["species"]["who"].values.tolist() == list(figS_species.TWO_STEP)
    per_trial = tables["species"]["per_trial"].sel(predictor="network")
    assert np.isnan(per_trial.sel(who="networks")).all()  # they are not shown to themselves
    assert np.isfinite(per_trial.sel(who="rats")).any()
