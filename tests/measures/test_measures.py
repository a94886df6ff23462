import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

from pfc_metarl import measures
from pfc_metarl.measures.behaviour.choice import stay_trials
from pfc_metarl.settings import BadInput

DATA = Path(__file__).parents[2].parent / "shared" / "data"
OF_TRIALS = ("lagged_regression", "reward_per_trial", "stay_probability", "stay_regression")


def animals_trials(folder):
    path = DATA / folder / "trials.csv"
    if not path.is_file():
        pytest.skip(f"no data at {path}")
    return pd.read_csv(path)


@pytest.fixture(scope="module")
def rats():
    table = animals_trials("rat_twostep_miller_ofc").rename(columns={"rat": "subject"})
    return table[table["violation"] == 0]


@pytest.fixture(scope="module")
def people():
    return animals_trials("human_twostep_zorowitz2023").assign(session=1)


def test_rats_plan(rats):
    got = measures.lagged_regression(
        rats
    )  # Miller et al. 2017: rats plan, and have no model-free component to speak of
    assert got["subject"].values.tolist() == ["M055", "M064", "M070", "M071", "M088", "M093"]
    assert (got["planning_index"] > got["model_free_index"] + 0.5).all()
    statistics = measures.across_subjects(got)["planning_index"]
    assert statistics.sel(statistic="mean") > 3 * statistics.sel(statistic="sem")
    stay = measures.stay_probability(rats)["stay_probability"].mean("subject")
    assert stay.sel(outcome="rewarded", transition="common") > stay.sel(outcome="rewarded", transition="rare")
    assert stay.sel(outcome="unrewarded", transition="rare") > stay.sel(outcome="unrewarded", transition="common")


def test_forced_trials_of_rats_are_left_out(rats):
    asked = stay_trials(rats)
    assert rats["forced"].any()
    assert not asked["forced"].any()
    assert len(asked) > 20_000


def test_people_are_both_model_based_and_model_free(people):
    got = measures.stay_regression(people)  # Daw et al. 2011: a main effect of reward, and reward x transition
    assert got.attrs["n_clusters"] == 400
    for term in ("reward", "reward x transition"):
        assert got["coefficient"].sel(term=term) > 0
        assert got["p_value"].sel(term=term) < 1e-4
    stay = measures.stay_probability(people)["stay_probability"].mean("subject")
    assert stay.sel(outcome="rewarded", transition="common").item() == stay.max().item()
    assert 0.4 < measures.reward_per_trial(people)["reward_per_trial"].mean() < 0.6


@pytest.mark.parametrize("name", OF_TRIALS)
def test_a_measure_takes_recordings_and_tables_and_does_not_change_them(reference_agent, name):
    from pfc_metarl.data.trial_table import trials

    measure, recording = getattr(measures, name), reference_agent("hybrid").isel(episode=slice(20))
    table = trials(recording)
    kept = table.copy()
    xr.testing.assert_identical(measure(recording), measure(table))
    pd.testing.assert_frame_equal(table, kept)
    with pytest.raises(BadInput, match="Expected a recording or a trial table, not dict"):
        measure({})


def test_every_measure_is_there():
    assert all(callable(getattr(measures, name)) for name in measures.__all__)
    assert set(OF_TRIALS) < set(measures.__all__)
    with pytest.raises(AttributeError, match="attribute nothing"):
        _ = measures.nothing


def test_statistics_are_loaded_only_when_needed():
    code = "import sys; import pfc_metarl.measures; sys.exit('statsmodels' in sys.modules or 'torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
