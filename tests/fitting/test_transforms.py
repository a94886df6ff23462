import numpy as np
import pytest
from scipy.special import logit

from pfc_metarl.fitting.transforms import FARTHEST, Scale

SCALE = Scale(np.array([0.0, -1.0, 0.0, -np.inf]), np.array([1.0, 3.0, np.inf, np.inf]))
X = np.array([[0.2, 0.5, 7.0, -2.0], [0.9, 2.5, 0.1, 3.0]])


def test_a_scale_is_logit_between_bounds_and_logarithm_above_one():
    expected = np.stack([logit(X[:, 0]), logit((X[:, 1] + 1) / 4), np.log(X[:, 2]), X[:, 3]], axis=-1)
    np.testing.assert_allclose(SCALE.unbounded(X), expected)
    np.testing.assert_allclose(SCALE.natural(expected), X)


def test_the_slope_is_that_of_finite_differences():
    z = SCALE.unbounded(X)
    difference = (SCALE.natural(z + 1e-6) - SCALE.natural(z - 1e-6)) / 2e-6
    np.testing.assert_allclose(SCALE.slope(z), difference, rtol=1e-6)


@pytest.mark.parametrize("x", [[0.0, -1.0, 0.0, -100.0], [1.0, 3.0, 1e9, 100.0]])
def test_bounds_are_far_but_finite(x):
    z = SCALE.unbounded(np.array(x))
    assert (np.abs(z) == FARTHEST).all()
    assert np.isfinite(SCALE.natural(z)).all()
