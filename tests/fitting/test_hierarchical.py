import numpy as np
import pandas as pd
import pytest
from scipy import integrate, optimize, stats

from pfc_metarl.fitting import hierarchical_fit, log_likelihood, map_fit, maximum_likelihood
from pfc_metarl.models import RescorlaWagner
from pfc_metarl.settings import BadInput

FREE = ["learning_rate", "inverse_temperature"]


def group(rates, temperatures, n_trials=120, seed=0):
    """Trials of Rescorla-Wagner learners between two options that pay with .8 and .2."""
    rng, rows = np.random.default_rng(seed), []
    for subject, (rate, beta) in enumerate(zip(rates, temperatures, strict=True)):
        value = 0.5
        for trial in range(n_trials):
            choice = int(rng.random() > 1 / (1 + np.exp(-beta * (2 * value - 1))))
            reward = int(rng.random() < (0.8 if choice == (trial // 30) % 2 else 0.2))
            rows.append((subject, 0, trial, choice, reward))
            value += rate * ((reward if choice == 0 else 1 - reward) - value)
    return pd.DataFrame(rows, columns=["subject", "session", "trial", "choice1", "reward"])


ONE = group([0.3], [4.0], n_trials=60)


def log_joint(beta, table=ONE):
    """Log-probability of the choices and of log β, which is normal around log 5."""
    likelihood = log_likelihood(RescorlaWagner(inverse_temperature=float(beta)), table).item()
    return likelihood + stats.norm.logpdf(np.log(beta), np.log(5.0), 1.0)


def test_the_mode_is_that_of_another_optimiser():
    found = map_fit(RescorlaWagner(), ONE, ["inverse_temperature"], prior={"inverse_temperature": (np.log(5.0), 1.0)})
    best = optimize.minimize_scalar(lambda z: -log_joint(np.exp(z)), bounds=(-4, 4), method="bounded")
    np.testing.assert_allclose(found["mode"].item(), best.x, atol=1e-4)
    np.testing.assert_allclose(found["estimate"].item(), np.exp(best.x), rtol=1e-4)


def test_the_evidence_is_close_to_the_integral():
    found = map_fit(RescorlaWagner(), ONE, ["inverse_temperature"], prior={"inverse_temperature": (np.log(5.0), 1.0)})
    peak = log_joint(found["estimate"].item())
    volume, _ = integrate.quad(lambda z: np.exp(log_joint(np.exp(z)) - peak), -3, 5, points=[found["mode"].item()])
    np.testing.assert_allclose(found["log_evidence"].item(), peak + np.log(volume), atol=0.15)


def test_a_narrow_prior_holds_and_a_wide_one_lets_go():
    narrow = map_fit(RescorlaWagner(), ONE, ["learning_rate"], prior={"learning_rate": (0.0, 0.01)})
    np.testing.assert_allclose(narrow["estimate"], 0.5, atol=0.01)
    wide = map_fit(RescorlaWagner(), ONE, ["learning_rate"], prior={"learning_rate": (0.0, 100.0)})
    free = maximum_likelihood(RescorlaWagner(), ONE, ["learning_rate"])
    np.testing.assert_allclose(wide["estimate"], free["estimate"], atol=1e-3)
    np.testing.assert_allclose(wide["standard_error"], free["standard_error"], rtol=0.02)


def test_a_subject_without_trials_has_the_prior_and_a_reason():
    table = pd.concat([ONE, ONE.assign(subject=1, forced=1)])
    found = map_fit(RescorlaWagner(), table, ["learning_rate"], prior={"learning_rate": (1.0, 0.5)}).sel(subject=1)
    np.testing.assert_allclose([found["mode"].item(), found["sd"].item()], [1.0, 0.5])
    assert found["n_trials"] == 0
    assert found["reason"] == "no trial has a free choice and a reward"


def test_a_group_shrinks_its_members_and_finds_their_distribution():
    rng = np.random.default_rng(1)
    rates = 1 / (1 + np.exp(-rng.normal(-0.5, 0.7, 24)))
    temperatures = np.exp(rng.normal(1.2, 0.3, 24))
    table = group(rates, temperatures)
    found, alone = hierarchical_fit(RescorlaWagner(), table, FREE), maximum_likelihood(RescorlaWagner(), table, FREE)
    assert found.attrs["group_converged"]
    np.testing.assert_allclose(found["prior_mean"], [-0.5, 1.2], atol=0.4)
    errors = [
        np.sqrt(((fit["estimate"].sel(parameter="learning_rate") - rates) ** 2).mean()).item() for fit in (found, alone)
    ]
    assert errors[0] < errors[1]
    assert found["ibic"] < -2 * found["log_likelihood"].sum() + 24 * 2 * np.log(24 * 120)


def test_a_hierarchical_fit_needs_two_subjects():
    with pytest.raises(BadInput, match="two subjects or more; use map_fit"):
        hierarchical_fit(RescorlaWagner(), ONE, FREE)


@pytest.mark.parametrize(
    ("prior", "message"),
    [({"lapse": (0, 1)}, "this parameter is not free"), ({"learning_rate": (0, 0)}, "standard deviation above 0")],
)
def test_a_wrong_prior_is_refused(prior, message):
    with pytest.raises(BadInput, match=message):
        map_fit(RescorlaWagner(), ONE, FREE, prior=prior)


def test_a_parameter_that_does_not_exist_is_refused():
    with pytest.raises(BadInput, match="RescorlaWagner has no such parameter"):
        map_fit(RescorlaWagner(), ONE, ["rate"])
