import numpy as np
import pytest

from pfc_metarl.fitting.sampler import draws_of

numpyro = pytest.importorskip("numpyro", reason="needs numpyro, of the extra 'nuts'")

PRECISION = np.array([[2.0, 0.6], [0.6, 0.5]])
CENTER = np.array([1.0, -2.0])


def normal(point):
    distance = point - CENTER
    return np.asarray(distance @ PRECISION @ distance / 2), PRECISION @ distance


def test_draws_have_mean_and_covariance_of_the_density_and_precision_is_set_back():
    import jax

    found = draws_of(normal, np.zeros((2, 2)), 1000, seed=0)
    assert found.values.shape == (2, 1000, 2)
    draws, covariance = found.values.reshape(-1, 2), np.linalg.inv(PRECISION)
    error = np.sqrt(np.diag(covariance) / found.n_effective)
    assert (np.abs(draws.mean(0) - CENTER) < 4 * error).all()
    np.testing.assert_allclose(np.cov(draws.T), covariance, rtol=0.25)
    assert (found.r_hat < 1.05).all()
    assert found.n_divergent == 0
    assert jax.numpy.zeros(1).dtype == np.float32


def test_the_same_seed_gives_the_same_draws():
    first, second, other = (draws_of(normal, np.zeros((2, 2)), 20, seed).values for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)
