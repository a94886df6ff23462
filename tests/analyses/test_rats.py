import numpy as np
import pandas as pd
import pytest
import xarray as xr

from analyses import derived, folders, rats
from pfc_metarl.measures import stay_probability
from pfc_metarl.settings import BadInput


@pytest.fixture
def path(tmp_path):
    """Two rats, one of whose common transitions cross sides; the labels change one trial before the rewards do."""
    straight = {"rat": "A", "choice1": [0, 1, 1, 0], "state2": [0, 1, 0, -1], "common_is_same_side": 1}
    crossed = {"rat": "B", "choice1": [0, 1, 1, 0], "state2": [1, 0, 1, -1], "common_is_same_side": 0}
    shared = {
        "session": 1,
        "trial": [1, 2, 3, 4],
        "common": [1, 1, 0, 1],
        "reward": [1, 0, 0, 0],
        "forced": [0, 1, 0, 0],
        "violation": [0, 0, 0, 1],
        "t_init1": 0.5,
        "t_choice1": 1.0,
        "p_reward_left": [0.8, 0.2, 0.2, 0.2],
        "p_reward_right": [0.2, 0.8, 0.8, 0.8],
    }
    made = pd.concat([pd.DataFrame({**rat, **shared}) for rat in (straight, crossed)])
    made.to_csv(tmp_path / "trials.csv", index=False)
    return tmp_path / "trials.csv"


def test_choices_commonly_lead_to_the_state_of_the_same_number(path):
    table = rats.rat_trials(path)
    assert table.groupby("subject").size().to_dict() == {"A": 3, "B": 3}, "violations are left out"
    assert ((table["state2"] == table["choice1"]) == (table["common"] == 1)).all()


def test_the_good_state_is_the_one_that_the_reward_was_drawn_with(path):
    table = rats.rat_trials(path)
    assert table.loc[table["subject"] == "A", "good_state"].tolist() == [0, 0, 1]
    assert table.loc[table["subject"] == "B", "good_state"].tolist() == [1, 1, 0]


def test_forced_choices_are_no_decisions(path):
    assert stay_probability(rats.rat_trials(path))["n_trials"].sum("outcome").values.tolist() == [[1, 0], [1, 0]]


def test_a_file_without_trials_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(BadInput, match="there is no such file"):
        rats.rat_trials(tmp_path / "nowhere.csv")


@pytest.mark.skipif(rats.default_source() is None, reason="the rats' trials are not beside the project")
def test_the_committed_table_is_made_from_the_file_of_trials(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(folders, "MEASURED", tmp_path)
    rats.main()
    assert capsys.readouterr().out.strip().endswith("rats_two_step.nc")
    (made, origin), (committed, known) = derived.load(tmp_path / folders.RATS.name), derived.load(folders.RATS)
    assert origin == known == rats.ORIGIN
    for name, table in committed.items():
        xr.testing.assert_allclose(made[name], table, rtol=1e-4, atol=1e-5)


def test_the_committed_table_holds_measures_of_six_rats_and_their_source():
    tables, origin = derived.load(folders.RATS)
    assert "MIT" in origin["licence"]
    assert "doi" in rats.__doc__
    assert all(table.sizes.get("subject", 6) == 6 for table in tables.values())
    lags = tables["lags"]
    assert (lags["planning_index"] > lags["model_free_index"]).all(), "Miller et al. 2017: so in essentially all rats"
    assert np.isfinite(lags["planning_index"]).all()
