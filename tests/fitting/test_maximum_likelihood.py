import numpy as np
import pytest
from scipy import optimize

from pfc_metarl.agents import agent_of
from pfc_metarl.data.trial_table import trials
from pfc_metarl.fitting import log_likelihood, maximum_likelihood
from pfc_metarl.models import Gittins, Hybrid, LatentState, RescorlaWagner
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Bandit, TwoStep, Volatility

PLANTED = {
    "rescorla_wagner": (
        RescorlaWagner(learning_rate=0.25, inverse_temperature=4.0),
        Volatility(n_trials=100),
        ("learning_rate", "inverse_temperature"),
    ),
    "hybrid": (
        Hybrid(
            learning_rate=0.4,
            second_stage_learning_rate=0.4,
            model_based_weight=0.6,
            perseveration=0.1,
            inverse_temperature=6.0,
        ),
        TwoStep(n_trials=100),
        ("second_stage_learning_rate", "model_based_weight", "perseveration", "inverse_temperature"),
    ),
    "latent_state": (
        LatentState(p_reversal=0.1, inverse_temperature=6.0),
        TwoStep(n_trials=100),
        ("p_reversal", "inverse_temperature"),
    ),
}
BOUNDS = {"perseveration": (-1.0, 1.0)}


def lived(model, task, n_episodes=30, networks=(0, 1)):
    return trials(record(task, agent_of(model, task), n_episodes=n_episodes, seed=1, networks=networks))


@pytest.mark.parametrize(("model", "task", "free"), PLANTED.values(), ids=PLANTED)
def test_planted_parameters_are_recovered_within_their_standard_errors(model, task, free):
    bounds = {name: BOUNDS[name] for name in free if name in BOUNDS}
    got = maximum_likelihood(model, lived(model, task), free=free, bounds=bounds, n_starts=3)
    planted = np.array([getattr(model, name) for name in free])
    assert (np.abs(got["estimate"] - planted) < 3.5 * got["standard_error"]).all()
    assert (got["standard_error"] < [0.15 if value <= 1 else 1.5 for value in planted]).all()
    assert got["converged"].all()
    assert (got["n_trials"] == 3000).all()


def test_the_likelihood_reached_is_the_best_that_another_optimiser_finds():
    model, task, free = PLANTED["rescorla_wagner"]
    table = lived(model, task, n_episodes=2, networks=(0,))

    def misfit(x):
        return -log_likelihood(RescorlaWagner(learning_rate=x[0], inverse_temperature=x[1]), table).item()

    expected = optimize.minimize(misfit, [0.3, 3.0], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
    got = maximum_likelihood(model, table, free=free)
    assert got["log_likelihood"].item() == pytest.approx(-expected.fun, rel=1e-7)
    assert got["bic"].item() == pytest.approx(2 * np.log(200) + 2 * expected.fun)
    np.testing.assert_allclose(got["estimate"].sel(subject=0), expected.x, rtol=1e-3)


def test_a_bound_that_the_model_refuses_is_approached():
    model = LatentState(p_reward_good=0.99, p_reward_bad=0.01, inverse_temperature=1.0)
    table = lived(model, TwoStep(n_trials=20), n_episodes=3, networks=(0,))
    found = maximum_likelihood(model, table, free=["p_reward_good"])
    assert 0 < found["estimate"].item() < 1


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        (RescorlaWagner(), {"free": ["decay"]}, "RescorlaWagner has no such parameter; it has learning_rate"),
        (RescorlaWagner(), {"free": ["unchosen"]}, "free = 'unchosen'"),
        (RescorlaWagner(), {"free": []}, "one at least"),
        (RescorlaWagner(), {"free": ["initial_value"]}, "bounds of initial_value .*give two numbers"),
        (RescorlaWagner(), {"free": ["lapse"], "bounds": {"lapse": (0.0, 2.0)}}, "between 0 and 1"),
        (Gittins(), {"free": ["horizon_discount"]}, "Gittins has no such parameter"),
    ],
)
def test_invalid_values_are_refused(model, options, message):
    table = lived(RescorlaWagner(), Volatility(n_trials=5), n_episodes=1, networks=(0,))
    with pytest.raises(BadInput, match=message):
        maximum_likelihood(model, table, **options)


def test_three_options_are_fitted_too():
    model = RescorlaWagner(unchosen="kept", learning_rate=0.3, inverse_temperature=5.0)
    table = lived(model, Bandit(n_trials=60, n_arms=3))
    got = maximum_likelihood(model, table, free=["learning_rate", "inverse_temperature"])
    assert (np.abs(got["estimate"] - [0.3, 5.0]) < 3.5 * got["standard_error"]).all()


@pytest.mark.parametrize(
    ("model", "free", "said"),
    [
        (
            RescorlaWagner,
            ["learning_rate"],
            r"model = RescorlaWagner: this is a class; .* RescorlaWagner\(\)",
        ),
        ("rescorla_wagner", ["learning_rate"], "model = 'rescorla_wagner': give a model of pfc_metarl.models"),
        (
            RescorlaWagner(),
            "learning_rate",
            r"free = 'learning_rate': give a list .*=\['learning_rate'\]",
        ),
        (RescorlaWagner(), 3, "free = 3: give a list of names"),
    ],
)
def test_a_class_a_name_or_a_single_word_is_refused_in_a_sentence(model, free, said):
    with pytest.raises(BadInput, match=said):
        maximum_likelihood(model, {}, free)
