import numpy as np
import pandas as pd
from scipy import stats

from pfc_metarl.fitting.estimation import Problems
from pfc_metarl.fitting.laplace import Densities, Prior, finished, posterior
from pfc_metarl.fitting.layout import checked, laid_out
from pfc_metarl.fitting.transforms import Scale
from pfc_metarl.models import MixtureOfAgents

N_LEFT, N = 70, 100
TABLE = pd.DataFrame(
    {
        "subject": 0,
        "session": 0,
        "trial": range(N),
        "choice1": [0] * N_LEFT + [1] * (N - N_LEFT),
        "state2": 0,
        "reward": 0,
    }
)
MODEL = MixtureOfAgents(model_based_weight=0.0, model_free_weight=0.0, perseveration=0.0)


def of_bias(prior):
    """A bias alone: choices are Bernoulli, logit p = bias."""
    laid = laid_out(checked(TABLE), MODEL)
    problems = Problems(MODEL, laid, laid.target[None], ("bias",))
    scale = Scale(np.array([-np.inf]), np.array([np.inf]))
    return posterior(Densities(problems, scale, prior), np.zeros((1, 1, 1)))


def test_curvature_and_evidence_are_those_of_a_bernoulli_likelihood():
    found = of_bias(Prior(np.zeros(1), np.full(1, 2.0)))
    p = 1 / (1 + np.exp(-found.mode[0, 0]))
    np.testing.assert_allclose(N_LEFT - N * p - found.mode[0, 0] / 4, 0, atol=1e-3)  # the slope at the mode
    precision = N * p * (1 - p) + 1 / 4
    np.testing.assert_allclose(found.covariance, [[[1 / precision]]], rtol=1e-4)
    likelihood = N_LEFT * np.log(p) + (N - N_LEFT) * np.log(1 - p)
    np.testing.assert_allclose(found.log_likelihood, [likelihood], rtol=1e-6)
    laplace = likelihood + stats.norm.logpdf(found.mode[0, 0], 0, 2) + np.log(2 * np.pi / precision) / 2
    np.testing.assert_allclose(found.log_evidence, [laplace], rtol=1e-5)


def test_a_known_curvature_leads_to_the_same_mode():
    prior = Prior(np.zeros(1), np.full(1, 2.0))
    first = of_bias(prior)
    laid = laid_out(checked(TABLE), MODEL)
    problems = Problems(MODEL, laid, laid.target[None], ("bias",))
    scale = Scale(np.array([-np.inf]), np.array([np.inf]))
    again = posterior(Densities(problems, scale, prior), first.mode[None] + 0.3, np.linalg.inv(first.covariance))
    np.testing.assert_allclose(again.mode, first.mode, atol=1e-3)


def test_a_search_that_did_not_end_goes_on_from_where_it_stopped_and_nothing_else_changes():
    other = TABLE.assign(subject=1, choice1=1 - TABLE["choice1"])
    laid = laid_out(checked(pd.concat([TABLE, other], ignore_index=True)), MODEL)
    problems = Problems(MODEL, laid, laid.target[None], ("bias",))
    scale, prior = Scale(np.array([-np.inf]), np.array([np.inf])), Prior(np.zeros(1), np.full(1, 2.0))
    densities = Densities(problems, scale, prior)
    whole = posterior(densities, np.zeros((1, 2, 1)))
    np.testing.assert_allclose(whole.mode[0], -whole.mode[1], atol=1e-3)
    stopped = whole._replace(mode=np.array([[0.7], [0.2]]), converged=np.array([True, False]))
    found = finished(stopped, densities)
    assert found.converged.all()
    np.testing.assert_allclose(found.mode[1], whole.mode[1], atol=1e-3)
    np.testing.assert_allclose(found.log_evidence[1], whole.log_evidence[1], rtol=1e-6)
    assert found.mode[0] == 0.7
    assert finished(whole, densities) is whole


class Kinked:
    """Choices whose −log-likelihood is ``height`` times the distance from 0.3."""

    n_trials = np.array([50])

    def __init__(self, height):
        self.height = height

    def misfit(self, values, which):
        distance = values[:, 0] - 0.3
        return self.height * np.abs(distance) / 50, self.height * np.sign(distance)[:, None] / 50


def test_a_density_that_is_largest_at_a_kink_has_its_mode_and_width_there():
    scale, prior = Scale(np.array([-np.inf]), np.array([np.inf])), Prior(np.zeros(1), np.ones(1))
    densities = Densities(Kinked(2.0), scale, prior)
    stopped = posterior(densities, np.full((1, 1, 1), 0.3))
    stopped = stopped._replace(mode=np.array([[0.3]]), converged=np.array([False]))
    found = finished(stopped, densities)
    assert found.converged.all()
    np.testing.assert_allclose(found.mode, [[0.3]], atol=1e-6)
    np.testing.assert_allclose(found.covariance, [[[1 / (1 + 2 * 2.0 / 0.5)]]])  # slope from −2 to 2 over half a unit
    evidence = -(0.3**2) / 2 + np.log(found.covariance[0, 0, 0]) / 2
    np.testing.assert_allclose(found.log_evidence, [evidence], atol=1e-5)


def test_a_search_that_stopped_on_a_slope_is_not_taken_for_a_mode():
    scale, prior = Scale(np.array([-np.inf]), np.array([np.inf])), Prior(np.zeros(1), np.ones(1))
    assert not Densities(Kinked(2.0), scale, prior).is_least(np.array([[0.4]]), np.array([0])).any()
