import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import pfc_metarl
from pfc_metarl.agents import agent_of
from pfc_metarl.data.by_trial import trial_view
from pfc_metarl.data.trial_table import trials
from pfc_metarl.fitting import cross_validated, predictions
from pfc_metarl.models import Hybrid, RescorlaWagner
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.simulation.teacher_forcing import network_likelihood
from pfc_metarl.tasks import TwoStep, Volatility
from tests.simulation.test_recording import TASK, network_of, recorded


def history_of(recording):
    """Trials of a recording, with the response at the second stage, which has no consequence but is perceived."""
    at_second = trial_view(recording, "action", "second_stage").transpose("network", "episode", "trial")
    return trials(recording).assign(choice2=at_second.values.ravel().astype(int))


def coin_flips(n=400, seed=0):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"subject": "a", "session": np.arange(n) // 40, "trial": np.arange(n) % 40})
    choice, common = rng.integers(0, 2, n), rng.random(n) < 0.8
    return table.assign(choice1=choice, state2=np.where(common, choice, 1 - choice), reward=rng.integers(0, 2, n))


def test_a_networks_own_history_has_the_probabilities_of_its_own_policy():
    agent = network_of()
    recording = recorded(agent)
    found = network_likelihood(agent, history_of(recording), inverse_temperature=1.0)
    policy = trial_view(recording, "policy", "first_stage").values
    choice = trial_view(recording, "choice1", "second_stage").values.astype(int)
    own = np.log(np.take_along_axis(policy, choice[..., None], -1)[..., 0])
    for network in (0, 1):
        mine = found["log_p"].isel(network=network).values.reshape(own.shape)[network]
        np.testing.assert_allclose(mine, own[network], rtol=1e-4, atol=1e-6)
        total = found["log_likelihood"].isel(subject=network, network=network)
        np.testing.assert_allclose(total, own[network].sum(), rtol=1e-4)
    assert not np.allclose(found["log_p"].values[:24, 1].reshape(4, 6), own[0], atol=1e-3)


def test_without_second_choices_the_networks_own_response_takes_their_place():
    """Of this network the response is certain, so the history is the same with and without it."""
    agent = network_of()
    agent.weights["heads"].mul_(500)
    history = history_of(recorded(agent))
    with_it, without = (
        network_likelihood(agent, made, inverse_temperature=0.01)["log_p"].values
        for made in (history, history.drop(columns="choice2"))
    )
    np.testing.assert_allclose(without[:24, 0], with_it[:24, 0], atol=1e-6)
    np.testing.assert_allclose(without[24:, 1], with_it[24:, 1], atol=1e-6)


def test_a_model_that_is_shown_a_history_predicts_what_its_fit_predicts():
    model, table = Hybrid(inverse_temperature=3.0), coin_flips()
    table.loc[[3, 50], "choice1"] = np.nan
    table["forced"] = np.arange(len(table)) % 9 == 0
    found = network_likelihood(agent_of(model, TwoStep), table, inverse_temperature=1.0)
    expected = predictions(model, table)["log_p"].to_numpy(float)
    np.testing.assert_allclose(found["log_p"].values[:, 0], expected, atol=1e-5)
    assert np.isnan(expected).sum() == found["n_left_out"].item() > 40


def test_the_inverse_temperature_is_that_of_a_logistic_regression_on_the_log_odds():
    recording = record(TwoStep(n_trials=100), agent_of(Hybrid(), TwoStep), n_episodes=5, seed=0, networks=(0,))
    model, table = Hybrid(learning_rate=0.2, inverse_temperature=1.0), trials(recording)
    p_1 = predictions(model, table)["p_1"].to_numpy(float)
    expected = sm.Logit(table["choice1"].to_numpy(), np.log(p_1 / (1 - p_1))).fit(disp=0).params[0]
    assert 1 < expected < 20
    found = network_likelihood(agent_of(model, TwoStep), table)
    np.testing.assert_allclose(found["inverse_temperature"].item(), expected, rtol=1e-4)


def test_the_inverse_temperature_of_an_animal_that_chooses_as_the_model_is_recovered():
    model = Hybrid(inverse_temperature=6.0)
    recording = record(TwoStep(n_trials=100), agent_of(model, TwoStep), n_episodes=20, seed=0, networks=(0, 1, 2))
    found = network_likelihood(agent_of(Hybrid(inverse_temperature=2.0), TwoStep), recording)
    np.testing.assert_allclose(found["inverse_temperature"], 3.0, rtol=0.1)
    reference = cross_validated(Hybrid(), recording, ["inverse_temperature"])
    np.testing.assert_allclose(found["per_trial"].isel(network=0), reference["per_trial"], atol=1e-4)


def test_a_model_that_is_shown_two_arms_predicts_what_its_fit_predicts():
    model, table = RescorlaWagner(learning_rate=0.3, inverse_temperature=3.0), coin_flips().drop(columns="state2")
    table.loc[[3, 50], "choice1"] = np.nan
    table["forced"] = np.arange(len(table)) % 9 == 0
    found = network_likelihood(agent_of(model, Volatility), table, inverse_temperature=1.0)
    expected = predictions(model, table)["log_p"].to_numpy(float)
    np.testing.assert_allclose(found["log_p"].values[:, 0], expected, atol=1e-5)


def test_networks_that_learned_two_arms_predict_one_who_learns_them():
    model = RescorlaWagner(learning_rate=0.3, inverse_temperature=8.0)
    table = trials(record(Volatility(), agent_of(model, Volatility), n_episodes=5, seed=0, networks=(0,)))
    found = network_likelihood(pfc_metarl.load("volatility"), table)
    assert (found["per_trial"] > 0.6).all()
    turned = network_likelihood(pfc_metarl.load("volatility"), table.assign(reward=1 - table["reward"]))
    assert (turned["per_trial"] < 0.51).all()


def test_inverse_temperature_0_is_chance():
    found = network_likelihood(network_of(), coin_flips(), inverse_temperature=0.0)
    np.testing.assert_allclose(found["log_p"], np.log(0.5))
    np.testing.assert_allclose(found["per_trial"], 0.5)
    assert found["chance"].item() == 0.5


def test_a_forced_choice_is_shown_and_a_lost_one_is_not():
    table = coin_flips(40)
    lost, removed = table.copy(), table.drop(index=10).reset_index(drop=True)
    lost["excluded"] = np.arange(40) == 10
    forced = table.assign(forced=np.arange(40) == 10)
    everything, of_lost, of_removed, of_forced = (
        network_likelihood(network_of(), each, inverse_temperature=1.0)["log_p"].values
        for each in (table, lost, removed, forced)
    )
    np.testing.assert_allclose(np.delete(of_lost, 10, 0), of_removed, rtol=1e-5)
    assert np.isnan(of_lost[10]).all()
    assert not np.allclose(of_lost[11:], everything[11:], atol=1e-6)
    np.testing.assert_allclose(np.delete(of_forced, 10, 0), np.delete(everything, 10, 0), rtol=1e-5)
    assert np.isnan(of_forced[10]).all()


def test_sessions_begin_anew():
    table = coin_flips(80)
    late = network_likelihood(network_of(), table, inverse_temperature=1.0)["log_p"].values[40:]
    alone = table[40:].reset_index(drop=True)
    found = network_likelihood(network_of(), alone, inverse_temperature=1.0)["log_p"]
    np.testing.assert_allclose(found, late, rtol=1e-5)


def test_choices_without_structure_are_at_chance_when_held_out():
    found = network_likelihood(network_of(), coin_flips(4000))
    assert (found["per_trial"] < 0.501).all()


def test_a_subject_without_free_choices_has_a_reason():
    table = coin_flips(40)
    found = network_likelihood(network_of(), pd.concat([table, table.assign(subject="b", forced=1)]).fillna(0))
    assert found["valid"].values.tolist() == [True, False]
    assert "free choice" in found["reason"].values[1]
    assert np.isnan(found["log_likelihood"].isel(subject=1)).all()


@pytest.mark.parametrize(
    ("agent", "table", "options", "message"),
    [
        (network_of(), coin_flips(40), {"n_folds": 1}, "n_folds = 1"),
        (network_of(), coin_flips(40).assign(state2=lambda made: 1 - made["choice1"]), {}, "exchange the codes"),
        (network_of(), coin_flips(40).assign(choice1=2), {}, "codes"),
        (network_of(), coin_flips(40).drop(columns="state2"), {}, "3 channels|1 channels"),
    ],
)
def test_what_cannot_be_shown_is_refused(agent, table, options, message):
    with pytest.raises(BadInput, match=message):
        network_likelihood(agent, table, **options)


def test_networks_of_another_task_are_refused():
    other = network_of().__class__(network_of().network, network_of().weights, 4, 2, TASK.n_steps, 0.8)
    with pytest.raises(BadInput, match="channels"):
        network_likelihood(other, coin_flips(40))
