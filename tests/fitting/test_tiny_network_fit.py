import numpy as np
import pandas as pd
import pytest

from pfc_metarl.agents import agent_of
from pfc_metarl.data.trial_table import trials
from pfc_metarl.fitting import log_likelihood, predictions, tiny_network_fit
from pfc_metarl.measures import phase_portrait
from pfc_metarl.models import RescorlaWagner
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Volatility

LEARNER = RescorlaWagner(learning_rate=0.3, inverse_temperature=4.0, unchosen="mirrored")


@pytest.fixture(scope="module")
def table():
    task = Volatility(n_trials=60)
    return trials(record(task, agent_of(LEARNER, Volatility), n_episodes=30, seed=0, networks=(0,)))


@pytest.fixture(scope="module")
def found(table):
    return tiny_network_fit(table, n_units=[1], n_inner=1, n_starts=1, most_epochs=200)


def test_choices_of_a_learner_of_one_dimension_are_predicted_as_well_as_by_the_learner_itself(table, found):
    """The difference per choice is within two standard errors of the learner's own log-probability."""
    log_p = predictions(LEARNER, table)["log_p"].to_numpy(float)
    assert log_p.sum() == pytest.approx(float(log_likelihood(LEARNER, table)))
    difference = found["log_likelihood"].item() / len(log_p) - log_p.mean()
    error = log_p.std() / np.sqrt(len(log_p))
    assert -2 * error < difference < 2 * error
    assert abs(difference) < 0.02
    assert found["nested_log_likelihood"].item() == pytest.approx(found["log_likelihood"].item())


def test_likelihoods_are_those_of_the_probabilities_of_the_rows(table, found):
    choice = table["choice1"].to_numpy(int)
    p = found["p"].sel(units=1).values
    np.testing.assert_allclose(p.sum(-1), 1)
    np.testing.assert_allclose(np.log(p[np.arange(len(p)), choice]).sum(), found["log_likelihood"].item())


def test_the_phase_portrait_is_that_of_the_learner(table, found):
    """Straight lines with a slope of -0.3, at 0.3 x 4 and -0.3 x 4 where both options are preferred alike."""
    one = found.sel(units=1)
    portrait = phase_portrait(table, one["p"].values, one["p_after"].values).isel(subject=0)
    for name, target in (("rewarded", 4.0), ("unrewarded", -4.0)):
        own = portrait.sel(trial_type=name).dropna("bin")
        expected = 0.3 * (target - own["logit"])
        weight = own["n"] / own["n"].sum()
        assert np.sqrt((weight * (own["change"] - expected) ** 2).sum()) < 0.35


def test_random_choices_are_not_predicted():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"subject": "a", "session": np.arange(600) // 60, "trial": np.arange(600) % 60})
    table = table.assign(choice1=rng.integers(0, 3, 600), reward=rng.integers(0, 2, 600))
    found = tiny_network_fit(table, n_units=[1, 2], n_inner=1, n_starts=1, most_epochs=20)
    np.testing.assert_allclose(found["chance"], 1 / 3)
    assert (found["nested_per_trial"] < 0.34).all()


def test_one_network_for_all_subjects_predicts_subjects_that_it_has_not_seen():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"subject": np.repeat(np.arange(6), 50), "session": 0, "trial": [*range(50)] * 6})
    repeated = np.concatenate([np.cumsum(rng.random(50) < 0.1) % 2 for _ in range(6)])
    table = table.assign(choice1=repeated, reward=rng.integers(0, 2, 300))
    table.loc[table["subject"] == 5, "choice1"] = np.arange(50) % 2  # alternates: no other subject tells so
    found = tiny_network_fit(table, [1], pooled=True, n_inner=1, n_starts=1, most_epochs=80)
    assert (found["per_trial"].sel(subject=slice(0, 4)) > 0.53).all()
    assert found["per_trial"].sel(subject=slice(0, 4)).mean() > 0.6
    assert (found["per_trial"].sel(subject=5) < 0.4).all()


def test_a_subject_with_too_few_choices_has_a_reason():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"subject": ["a"] * 2 + ["b"] * 40, "session": 0, "trial": [0, 1, *range(40)]})
    table = table.assign(choice1=rng.integers(0, 2, 42), reward=1)
    found = tiny_network_fit(table, [1], most_epochs=2)
    assert found["valid"].values.tolist() == [False, True]
    assert "cannot be held out" in found["reason"].values[0]
    assert np.isnan(found["per_trial"].values[0]).all()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"n_units": [5]}, r"n_units = \[5\]"),
        ({"n_units": []}, r"n_units = \[\]"),
        ({"n_folds": 2}, "n_folds = 2"),
        ({"n_inner": 3}, "n_inner = 3"),
        ({"most_epochs": 0}, "most_epochs = 0"),
    ],
)
def test_impossible_settings_are_refused(options, sentence, table):
    with pytest.raises(BadInput, match=sentence):
        tiny_network_fit(table, **options)
