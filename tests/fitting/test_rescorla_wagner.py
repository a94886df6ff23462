import time

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from pfc_metarl.fitting import rescorla_wagner_fit
from pfc_metarl.settings import BadInput


def learner(rng, alpha, beta, n_sessions=100, n_trials=100, lapse=0.0, unchosen="mirrored", subject=0):
    """Choices of an independent implementation of the learner; `alpha` holds one number, or one for each trial."""
    alphas, every = np.broadcast_to(alpha, n_trials), np.arange(n_sessions)
    value, p_left = np.full((2, n_sessions), 0.5), rng.choice([0.2, 0.8], n_sessions)
    columns = []
    for trial in range(n_trials):
        p_left = 1 - p_left if trial and trial % 25 == 0 else p_left
        p_choose_left = (1 - lapse) / (1 + np.exp(-beta * (value[0] - value[1]))) + lapse / 2
        choice = (rng.random(n_sessions) >= p_choose_left).astype(int)
        reward = ((rng.random(n_sessions) < p_left) == (choice == 0)).astype(float)
        value[choice, every] += alphas[trial] * (reward - value[choice, every])
        if unchosen == "mirrored":
            value[1 - choice, every] += alphas[trial] * (1 - reward - value[1 - choice, every])
        columns.append((every, np.full(n_sessions, trial), choice, reward))
    names = ["session", "trial", "choice1", "reward"]
    table = pd.DataFrame(
        {name: np.concatenate(parts) for name, parts in zip(names, zip(*columns, strict=True), strict=True)}
    )
    return table.sort_values(["session", "trial"], ignore_index=True).assign(subject=subject)


@pytest.fixture(scope="module")
def rng():
    return np.random.default_rng(0)


@pytest.mark.parametrize("unchosen", ["mirrored", "kept"])
def test_planted_parameters_are_recovered_within_their_standard_errors(rng, unchosen):
    planted = {0: (0.05, 6.0), 1: (0.2, 4.0), 2: (0.5, 3.0), 3: (0.85, 2.0)}
    table = pd.concat(learner(rng, *p, unchosen=unchosen, subject=s) for s, p in planted.items())
    got = rescorla_wagner_fit(table, unchosen=unchosen)
    assert got["estimate"].dims == ("subject", "parameter")
    assert got["parameter"].values.tolist() == ["learning_rate", "inverse_temperature"]
    z = (got["estimate"] - np.array(list(planted.values()))) / got["standard_error"]
    assert (np.abs(z) < 3.5).all()
    assert (got["standard_error"].sel(parameter="learning_rate") < 0.05).all()
    assert got["converged"].all()
    assert (got["n_trials"] == 10_000).all()


def test_standard_errors_are_the_spread_of_estimates(rng):
    table = pd.concat(learner(rng, 0.3, 4.0, n_sessions=20, n_trials=40, subject=s) for s in range(30))
    got = rescorla_wagner_fit(table)
    spread = got["estimate"].std("subject", ddof=1)
    assert ((spread / got["standard_error"].mean("subject")) ** 2 * 29 < stats.chi2(29).ppf(0.999)).all()
    assert ((spread / got["standard_error"].mean("subject")) ** 2 * 29 > stats.chi2(29).ppf(0.001)).all()


def test_a_free_lapse_is_recovered(rng):
    table = learner(rng, 0.4, 8.0, lapse=0.2)
    free = rescorla_wagner_fit(table, fixed={})
    np.testing.assert_allclose(
        free["estimate"].sel(subject=0, parameter=["learning_rate", "lapse"]), [0.4, 0.2], atol=0.05
    )
    assert free["bic"].item() < rescorla_wagner_fit(table)["bic"].item()
    none = learner(rng, 0.4, 4.0)
    assert rescorla_wagner_fit(none, fixed={})["bic"].item() > rescorla_wagner_fit(none)["bic"].item()


def test_a_learning_rate_that_changes_within_the_session_is_found_in_its_half(rng):
    table = learner(rng, np.repeat([0.1, 0.6], 50), 5.0, n_sessions=200)
    table["late"] = (table["trial"] >= 50).astype(int)
    rate = rescorla_wagner_fit(table, condition="late")["estimate"].sel(parameter="learning_rate", subject=0)
    assert rate.dims == ("late",)
    assert rate.sel(late=0).item() == pytest.approx(0.1, abs=0.02)
    assert rate.sel(late=1).item() == pytest.approx(0.6, abs=0.05)
    windows = rescorla_wagner_fit(table, window=(25, 25))["estimate"].sel(parameter="learning_rate", subject=0)
    assert windows["first_trial"].values.tolist() == [0, 25, 50, 75]
    assert (windows[:2] < 0.2).all()
    assert (windows[2:] > 0.4).all()


def test_a_learning_rate_that_does_not_change_is_the_same_in_both_halves(rng):
    tables = [learner(rng, 0.3, 4.0, n_sessions=40, n_trials=50, subject=s) for s in range(12)]
    tables = [table.assign(late=table["trial"] // 25) for table in tables]
    rate = rescorla_wagner_fit(pd.concat(tables), condition="late")["estimate"].sel(parameter="learning_rate")
    assert stats.ttest_rel(rate.sel(late=0), rate.sel(late=1)).pvalue > 0.01


def test_values_are_updated_through_a_session_and_reset_at_the_next():
    # rewards of option 0 on trials 0-1 leave V(0) = 1 - a^2/2 (a = 1 - learning rate); trial 2 alone counts
    session = pd.DataFrame({"trial": [0, 1, 2], "choice1": [0, 0, 0], "reward": [1.0, 1.0, 0.0], "counts": [0, 0, 1]})
    table = pd.concat([session.assign(session=0), session.assign(session=1, choice1=[0, 0, 1])]).assign(subject=0)
    got = rescorla_wagner_fit(table, condition="counts", fixed={"learning_rate": 0.5, "lapse": 0.1})
    logit = got["estimate"].sel(counts=1).item() * 0.75
    p = 0.9 / (1 + np.exp(-logit)) + 0.05
    assert got["log_likelihood"].sel(counts=1).item() == pytest.approx(np.log(p) + np.log(1 - p))
    assert p == pytest.approx(0.5, abs=1e-3)  # one choice each way: the likelihood is best at a half
    assert got["bic"].sel(counts=1).item() == pytest.approx(np.log(2) + 4 * np.log(2), abs=1e-4)


def test_the_likelihood_is_that_of_a_plain_loop(rng):
    table = learner(rng, 0.3, 3.0, n_sessions=4, n_trials=30)

    def misfit(x):
        total = 0.0
        for _, rows in table.groupby("session"):
            value = 0.5
            for choice, reward in zip(rows["choice1"], rows["reward"], strict=True):
                total += np.log1p(np.exp(-x[1] * (1 - 2 * choice) * (2 * value - 1)))
                value += x[0] * ((reward if choice == 0 else 1 - reward) - value)
        return total

    expected = optimize.minimize(misfit, [0.3, 3.0], method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
    got = rescorla_wagner_fit(table)
    np.testing.assert_allclose(got["estimate"].sel(subject=0), expected.x, rtol=1e-3)
    assert got["log_likelihood"].item() == pytest.approx(-expected.fun, rel=1e-7)


def test_trials_without_a_choice_teach_nothing_and_do_not_count(rng):
    table = learner(rng, 0.3, 3.0, n_sessions=20, n_trials=50)
    empty = table[table["trial"] == 10].assign(trial=9.5, choice1=np.nan)
    with_gaps = pd.concat([table, empty]).sort_values(["session", "trial"])
    one, other = rescorla_wagner_fit(table), rescorla_wagner_fit(with_gaps)
    np.testing.assert_allclose(other["estimate"], one["estimate"], rtol=1e-6)
    assert other["n_trials"].item() == one["n_trials"].item() == 1000


def test_a_condition_without_trials_is_nan(rng):
    table = pd.concat(learner(rng, 0.3, 3.0, n_sessions=4, subject=s).assign(late=s) for s in (0, 1))
    got = rescorla_wagner_fit(table, condition="late")
    assert np.isnan(got["estimate"].sel(subject=0, late=1)).all()
    assert got["estimate"].sel(subject=0, late=0).notnull().all()
    assert (got["n_trials"].values == [[400, 0], [0, 400]]).all()


def test_an_estimate_at_its_bound_has_no_standard_error():
    columns = {"choice1": [0, 1, 1, 0, 1, 1, 0, 0], "reward": [0, 1, 0, 1, 1, 0, 1, 0]}  # stays with what just won
    got = rescorla_wagner_fit(pd.DataFrame({"subject": 0, "session": 0, "trial": range(8), **columns}))
    assert got["estimate"].sel(parameter="learning_rate").item() == 1
    assert np.isnan(got["standard_error"].sel(parameter="learning_rate"))
    assert got["standard_error"].sel(parameter="inverse_temperature") > 0


def test_many_sessions_take_no_longer_than_seconds(rng):
    n = 2 * 200 * 200
    keys = np.indices((2, 200, 200)).reshape(3, n)
    table = pd.DataFrame(dict(zip(("subject", "session", "trial"), keys, strict=True)))
    table = table.assign(choice1=rng.integers(2, size=n), reward=rng.integers(2, size=n))
    start = time.process_time()
    rescorla_wagner_fit(table)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"condition": "volatile"}, "no column 'volatile'"),
        ({"condition": "trial", "window": (5, 5)}, "window = .*not together"),
        ({"window": (0, 1)}, "window = .*above 0"),
        ({"window": (500, 1)}, "no session has as many"),
        ({"unchosen": "forgotten"}, "unchosen = 'forgotten': must be one of mirrored, kept"),
        ({"fixed": {"decay": 0}}, "fixed = 'decay': there is no such parameter"),
        ({"fixed": {"lapse": 2}}, "fixed lapse = 2: must lie between 0 and 1"),
        ({"fixed": {"lapse": 0, "learning_rate": 0.5, "inverse_temperature": 3}}, "fixed holds all parameters"),
    ],
)
def test_invalid_values_are_refused(rng, options, said):
    with pytest.raises(BadInput, match=said):
        rescorla_wagner_fit(learner(rng, 0.3, 3.0, n_sessions=1, n_trials=10), **options)


def test_a_table_without_choices_is_refused(rng):
    with pytest.raises(BadInput, match="no column 'choice1'"):
        rescorla_wagner_fit(learner(rng, 0.3, 3.0, n_sessions=1).drop(columns="choice1"))


@pytest.mark.parametrize("n_options", [3, 4])
def test_planted_parameters_are_recovered_with_more_options(n_options):
    rng = np.random.default_rng(0)
    rows = []
    for session in range(8):
        value = np.full(n_options, 0.5)
        for trial in range(100):
            p = np.exp(4 * value) / np.exp(4 * value).sum()
            choice = rng.choice(n_options, p=p)
            reward = int(rng.random() < (0.8 if choice == (trial // 25) % n_options else 0.2))
            value[choice] += 0.4 * (reward - value[choice])
            rows.append((0, session, trial, choice, reward))
    made = pd.DataFrame(rows, columns=["subject", "session", "trial", "choice1", "reward"])
    fit = rescorla_wagner_fit(made, unchosen="kept").sel(subject=0)
    assert (abs(fit["estimate"] - [0.4, 4.0]) < 4 * fit["standard_error"]).all()
    assert fit["valid"]
    with pytest.raises(
        BadInput, match=r"chooses between two options, not among \d where .* more options take unchosen = \"kept\""
    ):
        rescorla_wagner_fit(made)
