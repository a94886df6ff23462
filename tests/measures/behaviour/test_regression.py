import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import xarray as xr
from scipy.special import expit
from scipy.stats import binomtest

from pfc_metarl.data.trial_table import trials
from pfc_metarl.measures.behaviour.regression import lagged_regression, stay_regression
from pfc_metarl.settings import BadInput
from tests.handmade import random_trials

# Science sheet 3.4. Weights at lags 1-5 after common rewarded, common unrewarded, rare rewarded, rare unrewarded;
# planning and model-free index; stay regression on reward, transition and reward x transition.
SHEET = {
    "soft_observer": (
        [
            [2.2, 2.4, 0.9, 0.6, 0.4],
            [-1.9, -1.1, -0.4, -0.2, 0],
            [-1.9, -1.1, -0.4, -0.2, 0],
            [2.2, 2.3, 0.9, 0.6, 0.3],
        ],
        (19.9, 0.2),
        (0.0, 0.0, 4.1),
    ),
    "model_based": (
        [
            [0.95, 0.67, 0.51, 0.42, 0.40],
            [-0.52, -0.34, -0.16, -0.08, 0],
            [-0.68, -0.52, -0.38, -0.24, -0.10],
            [0.80, 0.65, 0.47, 0.39, 0.43],
        ],
        (8.7, -0.6),
        (0.0, 0.2, 2.4),
    ),
    "model_free": (
        [
            [1.9, 1.1, 0.7, 0.5, 0.4],
            [-0.45, -0.22, -0.08, 0, 0.1],
            [1.8, 1.1, 0.7, 0.5, 0.3],
            [-0.47, -0.2, 0, 0.1, 0.2],
        ],
        (0.5, 9.7),
        (1.9, 0.2, 1.0),
    ),
}


def one_back(recording):
    """Reward, transition and their interaction, without the regressor that takes up the reward history."""
    return stay_regression(trials(recording).drop(columns="good_state")).sel(
        term=["reward", "transition", "reward x transition"]
    )


@pytest.mark.parametrize("name", SHEET)
def test_reference_agents_have_the_weights_computed_elsewhere(reference_agent, name):
    weights, indices, stay = SHEET[name]
    got = lagged_regression(reference_agent(name)).mean("subject")
    assert (abs(got["coefficient"] - weights) < 4 * got["standard_error"] / np.sqrt(2) + 0.1).all()
    np.testing.assert_allclose([got["planning_index"], got["model_free_index"]], indices, atol=1.2)
    np.testing.assert_allclose(one_back(reference_agent(name))["coefficient"], stay, atol=0.3)


def test_only_the_lags_distinguish_a_model_free_learner_from_a_planner(reference_agent):
    trap = one_back(reference_agent("model_free")).sel(term="reward x transition")
    assert trap["coefficient"] > 4 * trap["standard_error"]  # it resembles a planner with one previous trial
    got = {name: lagged_regression(reference_agent(name)) for name in ("model_free", "hybrid", "model_based")}
    planning = [got[name]["planning_index"].mean().item() for name in got]
    model_free = [got[name]["model_free_index"].mean().item() for name in got]
    assert abs(planning[0]) < 1.5
    assert model_free[0] > 8
    assert planning[2] > 7
    assert abs(model_free[2]) < 1.5
    assert planning[0] + 2 < planning[1] < planning[2] - 2
    assert model_free[0] - 2 > model_free[1] > model_free[2] + 2


def test_only_later_lags_distinguish_habits_in_extended_states_from_a_planner(reference_agent):
    got = {
        name: lagged_regression(reference_agent(name)).mean("subject") for name in ("extended_state", "soft_observer")
    }
    one_lag = {name: result["planning_weight"].sel(lag=1) for name, result in got.items()}
    assert one_lag["extended_state"] > 5
    assert one_lag["soft_observer"] > 5
    later = {name: result["planning_index"] - one_lag[name] for name, result in got.items()}
    assert abs(later["extended_state"]) < 1.5
    assert later["soft_observer"] > 8
    assert all(abs(result["model_free_weight"].sum("lag")) < 1.5 for result in got.values())


def test_chance_has_no_weights(reference_agent):
    got = lagged_regression(reference_agent("random"))
    assert (abs(got["coefficient"]) < 4 * got["standard_error"]).all()
    error = np.sqrt((got["standard_error"] ** 2).sum(["trial_type", "lag"]))
    assert (abs(got["planning_index"]) < 4 * error).all()
    assert (abs(got["model_free_index"]) < 4 * error).all()


def test_weights_of_coin_tosses_differ_from_zero_as_often_as_their_errors_say():
    got = lagged_regression(random_trials(np.random.default_rng(1), 30, 4, 150), n_lags=3)
    z = abs(got["coefficient"] / got["standard_error"])
    assert binomtest(int((z > 1.96).sum()), int(z.count()), 0.05).pvalue > 0.01


def test_choices_without_error_have_penalised_weights_and_say_so(reference_agent):
    got = lagged_regression(reference_agent("latent_state"))
    assert got["penalised"].all()
    assert got["valid"].all()
    assert (got["reason"] == "").all()
    assert (got["planning_index"] > 30).all()  # more than any learner that errs
    assert (abs(got["model_free_index"]) < 5).all()
    stay = stay_regression(reference_agent("latent_state"))
    assert stay["penalised"]
    assert stay["coefficient"].sel(term="reward x transition") > 4
    assert stay[["standard_error", "p_value"]].to_array().isnull().all()
    assert "without clustered standard errors" in stay["reason"].item()


def planner(rng, weights, bias, n_sessions, n_trials):
    """Trials of an agent whose log odds of going left are a sum over the trials before; weights [type, lag]."""
    n_lags = weights.shape[1]
    made = {name: np.zeros((n_sessions, n_trials), int) for name in ("choice1", "common", "reward")}
    past = np.zeros((n_sessions, 4, n_lags))
    for t in range(n_trials):
        right = rng.random(n_sessions) > expit(bias + (weights * past).sum((1, 2)))
        common, reward = rng.random(n_sessions) < 0.7, rng.random(n_sessions) < 0.5
        past = np.roll(past, 1, axis=2)
        past[:, :, 0] = 0
        past[np.arange(n_sessions), 2 * ~common + ~reward, 0] = np.where(right, -1, 1)
        for name, value in (("choice1", right), ("common", common), ("reward", reward)):
            made[name][:, t] = value
    session, trial = np.indices((n_sessions, n_trials))
    return pd.DataFrame({name: v.ravel() for name, v in {"session": session, "trial": trial, **made}.items()})


@pytest.fixture(scope="module")
def planted():
    rng = np.random.default_rng(3)
    weights = rng.normal(0, 0.6, (2, 4, 3))
    bias = [0.5, -0.3]
    parts = [planner(rng, weights[i], bias[i], 60, 60).assign(subject=name) for i, name in enumerate(("Ada", "Bo"))]
    return weights, bias, pd.concat(parts, ignore_index=True)


def test_planted_weights_are_recovered(planted):
    weights, bias, mine = planted
    got = lagged_regression(mine, n_lags=3)
    assert got["subject"].values.tolist() == ["Ada", "Bo"]
    assert got["n_trials"].values.tolist() == [60 * 57] * 2
    assert (abs(got["coefficient"] - weights) < 4 * got["standard_error"]).all()
    assert (abs(got["bias"] - bias) < 0.2).all()
    common_rewarded, common_unrewarded, rare_rewarded, rare_unrewarded = got["coefficient"].values.sum(2).T
    planning = common_rewarded - rare_rewarded + rare_unrewarded - common_unrewarded
    np.testing.assert_allclose(got["planning_index"], planning)
    np.testing.assert_allclose(
        got["model_free_index"], common_rewarded + rare_rewarded - common_unrewarded - rare_unrewarded
    )


def test_one_fit_by_hand():
    mine = random_trials(np.random.default_rng(5), 1, 1, 200)
    choice1, common, reward = (mine[name].to_numpy() for name in ("choice1", "common", "reward"))
    rows = []
    for t in range(2, 200):
        row = [1.0]
        for was_common, rewarded in ((1, 1), (1, 0), (0, 1), (0, 0)):
            for lag in (1, 2):
                of_this_type = common[t - lag] == was_common and reward[t - lag] == rewarded
                row.append(of_this_type * (1 if choice1[t - lag] == 0 else -1))
        rows.append(row)
    expected = sm.GLM(choice1[2:] == 0, np.array(rows), family=sm.families.Binomial()).fit()
    got = lagged_regression(mine, n_lags=2).isel(subject=0)
    np.testing.assert_allclose(got["bias"], expected.params[0], atol=1e-6)
    np.testing.assert_allclose(got["coefficient"].values.ravel(), expected.params[1:], atol=1e-6)
    np.testing.assert_allclose(got["standard_error"].values.ravel(), expected.bse[1:], rtol=1e-4)


def test_left_out_are_forced_choices_as_targets_and_rows_with_unknown_pasts(planted):
    mine = planted[2][planted[2]["subject"] == "Ada"].astype({"choice1": float})
    forced = lagged_regression(mine.assign(forced=mine["trial"] == 40), n_lags=3)
    assert forced["n_trials"] == 60 * 56
    mine.loc[mine["trial"] == 40, "choice1"] = np.nan
    assert lagged_regression(mine, n_lags=3)["n_trials"] == 60 * 53


@pytest.mark.parametrize(("n_trials", "n_left"), [(20, 15), (5, 0)])
def test_too_few_trials_have_no_weights(n_trials, n_left):
    got = lagged_regression(random_trials(np.random.default_rng(0), 1, 1, n_trials))
    assert got["n_trials"] == n_left
    assert got["planning_index"].isnull().all()


def test_what_cannot_be_measured_is_refused():
    few = random_trials(np.random.default_rng(0), 1, 1, 20)
    with pytest.raises(BadInput, match="n_lags = 0: must be at least 1"):
        lagged_regression(few, n_lags=0)
    with pytest.raises(BadInput, match="no column 'common'"):
        lagged_regression(few.drop(columns="common"))


def test_a_subject_with_separated_choices_does_not_change_the_others_and_is_kept(planted):
    rng = np.random.default_rng(5)
    perfect = planner(rng, np.full((4, 3), 1.0) * [[60], [-60], [-60], [60]], 0, 10, 60).assign(subject="Cy")
    got = lagged_regression(pd.concat([planted[2], perfect], ignore_index=True), n_lags=3)
    xr.testing.assert_allclose(
        got.sel(subject=["Ada", "Bo"]).drop_vars("reason"), lagged_regression(planted[2], n_lags=3).drop_vars("reason")
    )
    assert got["penalised"].values.tolist() == [False, False, True]
    assert got["valid"].all()
    assert got["planning_index"].sel(subject="Cy") > got["planning_index"].sel(subject=["Ada", "Bo"]).max() + 5


def test_no_estimate_has_a_reason():
    got = lagged_regression(random_trials(np.random.default_rng(0), 1, 1, 20))
    assert not got["valid"].any()
    assert got["reason"].item() == "no more trials than coefficients"
