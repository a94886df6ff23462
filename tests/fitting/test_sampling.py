import importlib.util

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from pfc_metarl import fit
from pfc_metarl.agents import agent_of
from pfc_metarl.data.trial_table import trials
from pfc_metarl.fitting import hierarchical_fit, log_likelihood, nuts_fit
from pfc_metarl.fitting.prior_setting import setting_of
from pfc_metarl.fitting.sampling import Group, Potential, cautions
from pfc_metarl.models import Hybrid, RescorlaWagner
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep
from tests.fitting.test_hierarchical import FREE, group

TABLE = group([0.2, 0.3, 0.5], [4.0, 5.0, 3.0], n_trials=60)
MODEL = RescorlaWagner(learning_rate=0.4, inverse_temperature=3.0)
IS_INSTALLED = importlib.util.find_spec("numpyro") is not None


def potential(table=TABLE):
    return Potential(setting_of(MODEL, table, FREE, None, "choice1", (0.0, 1.0)))


def points():
    rng = np.random.default_rng(0)
    return rng.normal(0, 0.5, size=(2, 10)) + np.array([0, 1, *[0] * 8])


def log_joint(flat):
    """The same density by other means: the likelihood of the models' page, and the distributions of scipy."""
    mean, log_sd, standard = flat[:2], flat[2:4], flat[4:].reshape(3, 2)
    sd = np.exp(log_sd)
    z = mean + sd * standard
    rate, beta = 1 / (1 + np.exp(-z[:, 0])), np.exp(z[:, 1])
    likelihood = 0.0
    for subject in range(3):
        model = RescorlaWagner(learning_rate=rate[subject], inverse_temperature=beta[subject])
        likelihood += log_likelihood(model, TABLE[TABLE["subject"] == subject]).item()
    center, width = np.array([np.log(0.4 / 0.6), np.log(3.0)]), np.array([1.5, 1.0])
    priors = stats.norm.logpdf(mean, center, width).sum() + stats.norm.logpdf(standard).sum()
    return likelihood + priors + (stats.halfnorm.logpdf(sd, scale=width) + log_sd).sum()


def test_the_density_is_that_of_likelihood_and_priors_up_to_a_constant():
    found = [potential()(point)[0] for point in points()]
    expected = [-log_joint(point) for point in points()]
    np.testing.assert_allclose(np.diff(found), np.diff(expected), rtol=1e-6)
    assert abs(np.diff(expected)) > 1


def test_the_slope_is_the_difference_quotient_of_the_density():
    here, steps = points()[0], 1e-5 * np.eye(10)
    _, slope = potential()(here)
    quotient = [(potential()(here + step)[0] - potential()(here - step)[0]) / 2e-5 for step in steps]
    np.testing.assert_allclose(slope, quotient, rtol=1e-5, atol=1e-5)


HYBRID = Hybrid(second_stage_choice=True)
OF_HYBRID = (
    *("learning_rate", "second_stage_learning_rate", "trace", "model_based_weight", "perseveration"),
    *("inverse_temperature", "second_stage_inverse_temperature"),
)


def people(n_subjects, n_trials):
    """Return trials of people who choose as the hybrid does, on a task with a second choice."""
    task = TwoStep(n_trials=n_trials, p_common=0.7, second_stage_choice=True)
    agent = agent_of(HYBRID, TwoStep)
    return trials(record(task, agent, n_episodes=1, seed=0, networks=tuple(range(n_subjects))))


def test_the_slope_of_all_seven_parameters_of_the_hybrid_is_the_difference_quotient():
    density = Potential(setting_of(HYBRID, people(2, 30), OF_HYBRID, None, "choice1", (0.0, 1.0)))
    here = np.random.default_rng(0).normal(0, 0.3, 2 * 7 + 2 * 7)
    _, slope = density(here)
    steps = 1e-5 * np.eye(len(here))
    quotient = [(density(here + step)[0] - density(here - step)[0]) / 2e-5 for step in steps]
    np.testing.assert_allclose(slope, quotient, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
@pytest.mark.skipif(not IS_INSTALLED, reason="needs numpyro, of the extra 'nuts'")
@pytest.mark.filterwarnings("ignore::pfc_metarl.settings.Caution")
def test_the_hybrid_is_sampled_and_its_intervals_hold_most_of_what_was_planted():
    fit = nuts_fit(HYBRID, people(4, 40), OF_HYBRID, n_draws=30)
    assert fit["estimate"].sizes == {"subject": 4, "parameter": 7}
    planted = np.array([getattr(HYBRID, name) for name in OF_HYBRID])
    assert float(((fit["lower"] < planted) & (planted < fit["upper"])).mean()) > 0.7
    assert bool((fit["group_lower"] < fit["group_median"]).all() & (fit["group_median"] < fit["group_upper"]).all())
    assert fit["group_r_hat"].notnull().all()


@pytest.mark.parametrize(
    ("r_hat", "n_divergent", "words"),
    [
        ([1.0, 1.04], 0, []),
        ([1.06, 1.3], 0, ["group of rate (R-hat 1.06)", "group of trace (R-hat 1.30)"]),
        ([1.0, 1.0], 3, ["3 of 100 draws are divergent"]),
    ],
)
def test_cautions_are_about_divergent_draws_and_chains_that_differ(r_hat, n_divergent, words):
    attributes = {"n_divergent": n_divergent, "n_chains": 2, "n_draws": 50}
    fit = xr.Dataset({"group_r_hat": ("parameter", r_hat)}, {"parameter": ["rate", "trace"]}, attributes)
    found = cautions(fit)
    assert len(found) == len(words)
    assert all(word in sentence for word, sentence in zip(words, found, strict=True))


def test_a_subject_without_trials_has_the_group_as_its_density():
    table = TABLE.assign(forced=(TABLE["subject"] == 2).astype(int))
    here = points()[0]
    _, slope = potential(table)(here)
    np.testing.assert_allclose(Group.of(slope, 2).standard[2], Group.of(here, 2).standard[2])
    assert not np.allclose(Group.of(slope, 2).standard[1], Group.of(here, 2).standard[1])


def test_a_point_is_flat_and_back():
    here = points()
    one = Group.of(here[0], 2)
    np.testing.assert_array_equal(one.flat(), here[0])
    np.testing.assert_allclose(one.subjects[1], one.mean + np.exp(one.log_sd) * one.standard[1])
    assert Group.of(here, 2).subjects.shape == (2, 3, 2)


@pytest.mark.skipif(IS_INSTALLED, reason="numpyro is installed")
def test_without_numpyro_one_sentence_says_how_to_install_it(tmp_path, capsys):
    TABLE.to_csv(tmp_path / "mice.csv", index=False)
    assert fit.main([str(tmp_path / "mice.csv"), "--models", "rw", "--method", "nuts"]) == 2
    error = capsys.readouterr().err
    assert 'numpyro is not installed; pip install "pfc_metarl[nuts]"' in error
    assert error.count("\n") == 1


@pytest.mark.skipif(not IS_INSTALLED, reason="needs numpyro, of the extra 'nuts'")
@pytest.mark.parametrize(
    ("table", "options", "sentence"),
    [
        (TABLE, {"n_draws": 3}, "n_draws = 3, n_chains = 2: give four draws"),
        (TABLE, {"n_chains": 1}, "n_draws = 500, n_chains = 1"),
        (TABLE[TABLE["subject"] == 0], {}, "two subjects or more"),
    ],
)
def test_wrong_numbers_are_refused(table, options, sentence):
    with pytest.raises(BadInput, match=sentence):
        nuts_fit(MODEL, table, FREE, **options)


@pytest.mark.skipif(not IS_INSTALLED, reason="needs numpyro, of the extra 'nuts'")
def test_the_posterior_agrees_with_that_of_expectation_maximisation():
    rng = np.random.default_rng(1)
    rates, temperatures = 1 / (1 + np.exp(-rng.normal(-0.8, 0.7, 6))), np.exp(rng.normal(1.4, 0.4, 6))
    table = group(rates, temperatures, n_trials=150)
    sampled = nuts_fit(MODEL, table, FREE, n_draws=200)
    expected = hierarchical_fit(MODEL, table, FREE)
    distance = abs(sampled["estimate"] - expected["estimate"]) / sampled["standard_error"]
    assert float(distance.max()) < 0.5
    assert float(abs(np.log(sampled["standard_error"] / expected["standard_error"])).mean()) < 0.3
    assert bool((sampled["lower"] < sampled["estimate"]).all() & (sampled["estimate"] < sampled["upper"]).all())
    np.testing.assert_allclose(sampled["log_likelihood"], expected["log_likelihood"], atol=1.0)
    assert sampled.attrs["n_divergent"] < 10
    assert bool(sampled["valid"].all())
