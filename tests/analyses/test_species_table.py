import numpy as np
import pytest

from analyses import derived, folders, species_bandits, species_table
from analyses.species import MODELS

SIZES = {"carpet": 24, "spaceship": 21, "rats": 6}
SIZES_OF_BANDITS = {"mice": 6, "people": 406}


def test_the_committed_tables_hold_measures_of_every_group_and_their_sources():
    for path, sizes, models in (
        (folders.SPECIES, SIZES, MODELS),
        (folders.SPECIES_BANDITS, SIZES_OF_BANDITS, species_bandits.MODELS),
    ):
        tables, origin = derived.load(path)
        assert {group: table.sizes["subject"] for group, table in tables.items()} == sizes
        assert "networks" in origin
        for group, table in tables.items():
            assert table["predictor"].values.tolist()[:3] == list(models)
            per_trial = table["per_trial"].dropna("subject")
            assert ((per_trial > 0) & (per_trial < 1)).all(), group
    assert set(SIZES) == set(species_table.SETS["two_step"])
    assert set(SIZES_OF_BANDITS) == set(species_table.SETS["bandits"])
    assert set(SIZES | SIZES_OF_BANDITS) == set(species_table.ORIGIN)


def test_rats_have_the_weights_of_their_own_table():
    """The same regression, made by `analyses.rats` from the same trials without violations."""
    ours, theirs = derived.load(folders.SPECIES)[0]["rats"], derived.load(folders.RATS)[0]["lags"]
    fraction = theirs["planning_index"] / abs(theirs["coefficient"]).sum(["trial_type", "lag"])
    np.testing.assert_allclose(ours["planning_index"], fraction, atol=0.02)


def test_mice_and_people_have_the_numbers_of_their_trials():
    """Reward per trial, from the trials of the source, summed by subject."""
    data = species_table.default_data()
    if data is None:
        pytest.skip("the public sets are not here")
    tables = derived.load(folders.SPECIES_BANDITS)[0]
    for group, table in tables.items():
        own = species_table.trials_of(group, "bandits", data)
        counted = own if "excluded" not in own else own[own["excluded"] != 1]
        expected = counted[counted["choice1"].notna()].groupby("subject")["reward"].mean()
        np.testing.assert_allclose(table["reward"], expected.astype(float), rtol=1e-5)


def test_a_folder_without_the_sets_is_refused(tmp_path, capsys):
    assert species_table.main(["--data", str(tmp_path)]) == 2
    assert "there is no such file" in capsys.readouterr().err
    assert species_table.main(["maze", "--data", str(tmp_path)]) == 2
    assert "task = 'maze': must be one of two_step, bandits" in capsys.readouterr().err
