import numpy as np
import pytest

from analyses import derived, folders, species_table
from analyses.species import MODELS
from pfc_metarl.settings import BadInput

SIZES = {"carpet": 24, "spaceship": 21, "rats": 6}


def test_the_committed_table_holds_measures_of_every_group_and_their_sources():
    tables, origin = derived.load(folders.SPECIES)
    assert {group: table.sizes["subject"] for group, table in tables.items()} == SIZES
    assert set(tables) == set(species_table.SETS)
    assert "MIT" in origin["rats"]
    assert "GPL" in origin["people"]
    assert origin["networks"]["experiment"] == "two_step"
    for table in tables.values():
        assert table["predictor"].values.tolist() == [*MODELS, "network"]
        assert ((table["per_trial"] > 0) & (table["per_trial"] < 1)).all()
        assert np.isfinite(table["planning_index"]).any()


def test_rats_have_the_weights_of_their_own_table():
    """The same regression, made by `analyses.rats` from the same trials without violations."""
    ours, theirs = derived.load(folders.SPECIES)[0]["rats"], derived.load(folders.RATS)[0]["lags"]
    fraction = theirs["planning_index"] / abs(theirs["coefficient"]).sum(["trial_type", "lag"])
    np.testing.assert_allclose(ours["planning_index"], fraction, atol=0.02)


def test_a_folder_without_the_sets_is_refused(tmp_path):
    with pytest.raises(BadInput):
        species_table.main("two_step", str(tmp_path))
