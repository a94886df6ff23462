import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy import stats
from scipy.special import expit

from pfc_metarl.measures import stay_regression
from pfc_metarl.settings import BadInput
from tests.handmade import random_trials

PLANTED = {"intercept": 0.4, "reward": 0.9, "transition": -0.5, "reward x transition": 1.3, "correct": 0.7}


@pytest.fixture(scope="module")
def planted():
    """Eight agents that stay with known log odds; regressors are coded ±½, their product as well."""
    rng = np.random.default_rng(1)
    sessions = []
    for session in range(40):
        rows, stay, previous = [], 0, 0
        for trial in range(100):
            choice1 = previous if stay else 1 - previous
            common, reward, good = rng.random(3) < (0.7, 0.5, 0.5)
            a, b, c = reward - 0.5, common - 0.5, (choice1 == good) - 0.5
            terms = {"intercept": 1, "reward": a, "transition": b, "reward x transition": 2 * a * b, "correct": c}
            stay = rng.random() < expit(sum(PLANTED[name] * value for name, value in terms.items()))
            previous = choice1
            rows.append((session % 8, session, trial, choice1, int(common), int(reward), int(good)))
        sessions += rows
    return pd.DataFrame(sessions, columns=["subject", "session", "trial", "choice1", "common", "reward", "good_state"])


def formula(table):
    """The same regression in the words of statsmodels' formulas, with a frame made row by row."""
    rows = []
    for _, session in table.groupby(["subject", "session"]):
        for before, now in zip(session.iloc[:-1].itertuples(), session.iloc[1:].itertuples(), strict=True):
            stay, correct = int(now.choice1 == before.choice1), int(before.choice1 == before.good_state)
            rows.append((now.subject, stay, before.reward - 0.5, before.common - 0.5, correct - 0.5))
    frame = pd.DataFrame(rows, columns=["subject", "stay", "reward", "common", "correct"])
    return smf.logit("stay ~ reward + common + I(2 * reward * common) + correct", frame), frame


def test_planted_coefficients_are_recovered(planted):
    got = stay_regression(planted)
    assert got["term"].values.tolist() == list(PLANTED)
    assert got.attrs == {"n_clusters": 8, "n_trials": 40 * 99, "n_left_out": 40}
    assert (abs(got["coefficient"] - list(PLANTED.values())) < 4 * got["standard_error"]).all()
    assert (got["p_value"] < 0.01).all()


def test_errors_and_p_values_are_those_of_a_formula(planted):
    got = stay_regression(planted)
    model, frame = formula(planted)
    fit, subject = model.fit(disp=False), frame["subject"].to_numpy()
    without = [sm.Logit(model.endog[subject != s], model.exog[subject != s]).fit(disp=False) for s in range(8)]
    error = np.sqrt(7 / 8 * sum((one.params - fit.params.to_numpy()) ** 2 for one in without))
    np.testing.assert_allclose(got["coefficient"], fit.params, atol=1e-6)
    np.testing.assert_allclose(got["standard_error"], error, rtol=0.01)
    t = (got["coefficient"] / got["standard_error"]).to_numpy()
    np.testing.assert_allclose(got["p_value"], 2 * stats.t.sf(abs(t), df=8 - 1), rtol=1e-9)


def test_one_subject_is_clustered_by_session_and_one_session_not_at_all(planted):
    alone = planted[planted["subject"] == 3]
    got = stay_regression(alone)
    assert got.attrs["n_clusters"] == 5
    single = alone[alone["session"] == 3]
    got = stay_regression(single)
    assert got.attrs["n_clusters"] == 1
    fit = formula(single)[0].fit(disp=False)
    np.testing.assert_allclose(got["standard_error"], fit.bse, rtol=1e-4)
    np.testing.assert_allclose(got["p_value"], fit.pvalues, rtol=1e-3)


def test_correct_is_a_regressor_only_where_the_good_state_is_known(planted):
    assert "correct" not in stay_regression(planted.drop(columns="good_state"))["term"]


def test_collinear_terms_have_no_estimate(planted):
    assert stay_regression(planted.assign(common=1))["coefficient"].isnull().all()
    for seed in range(20):
        mine = random_trials(np.random.default_rng(seed), 1, 1, 50)
        mine["reward"] *= mine["common"]  # never a reward after a rare transition
        assert stay_regression(mine)["coefficient"].isnull().all()


def test_four_trials_are_too_few_for_four_terms():
    rows = [(0, 0, 0, 0, 1, 1), (0, 0, 1, 1, 1, 1), (0, 1, 0, 1, 1, 0), (0, 1, 1, 0, 1, 0)]
    rows += [(1, 0, 0, 0, 1, 1), (1, 0, 1, 0, 1, 1), (1, 1, 0, 1, 0, 0), (1, 1, 1, 0, 0, 1)]
    table = pd.DataFrame(rows, columns=["subject", "session", "trial", "choice1", "common", "reward"])
    assert stay_regression(table)["coefficient"].isnull().all()  # found by the torture


@pytest.mark.parametrize("n_subjects", [2, 8])
def test_chance_is_significant_as_often_as_p_says(n_subjects):
    rng = np.random.default_rng(0)
    tables = [random_trials(rng, n_subjects, 24 // n_subjects, 50) for _ in range(120)]
    p = np.array([stay_regression(table)["p_value"].values for table in tables])
    assert 0.02 < (p < 0.05).mean() < 0.08
    assert 0.43 < (p < 0.5).mean() < 0.57


def test_there_is_no_bare_nan(planted):
    got = stay_regression(planted.assign(common=1))
    assert not got["valid"]
    assert got["reason"].item() == "regressors that are linearly dependent"
    with pytest.raises(BadInput, match="reward: all values, 1 to 9, lie above 0"):
        stay_regression(planted.assign(reward=8 * planted["reward"] + 1))
    points = stay_regression(planted.assign(reward=8 * planted["reward"] + 1), rewarded_above=5)
    assert points.equals(stay_regression(planted))
