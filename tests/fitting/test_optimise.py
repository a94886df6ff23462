import numpy as np
import pytest
from scipy import optimize

from pfc_metarl.fitting.optimise import minimise


def rosenbrock(x, problems):
    value = np.array([optimize.rosen(row) for row in x])
    return value, np.array([optimize.rosen_der(row) for row in x])


@pytest.mark.parametrize("start", [[-1.2, 1.0], [1.9, -0.9], [0.0, 0.0]])
def test_a_curved_valley_is_followed_to_its_end(start):
    found = minimise(rosenbrock, np.array([start]), np.array([-2.0, -2.0]), np.array([2.0, 2.0]))
    np.testing.assert_allclose(found.values, [[1, 1]], atol=1e-4)
    assert found.converged.all()


def test_bounds_hold_as_in_scipy():
    low, high = np.array([-2.0, -2.0]), np.array([0.5, 2.0])
    found = minimise(rosenbrock, np.array([[-1.0, 1.0]]), low, high)
    bounds = list(zip(low, high, strict=True))
    expected = optimize.minimize(optimize.rosen, [-1.0, 1.0], jac=optimize.rosen_der, method="L-BFGS-B", bounds=bounds)
    np.testing.assert_allclose(found.values[0], expected.x, atol=1e-4)
    assert found.values[0, 0] == 0.5


def test_problems_are_solved_apart():
    centre = np.array([[0.2, 0.7], [0.9, 0.1], [1.5, 0.5]])

    def bowls(x, problems):
        away = x - centre[problems]
        return (away**2 * [1, 30]).sum(-1), 2 * away * [1, 30]

    found = minimise(bowls, np.full((3, 2), 0.5), np.zeros(2), np.ones(2))
    np.testing.assert_allclose(found.values, centre.clip(0, 1), atol=1e-6)
    np.testing.assert_allclose(found.misfit, [0, 0, 0.25], atol=1e-9)


def test_a_start_on_a_maximum_is_left_in_few_steps():
    """Where the misfit bends downward, steps grow."""
    evaluations = []

    def bump(x, problems):
        evaluations.append(len(x))
        return -np.exp(-((x[:, 0] - 0.9) ** 2) / 0.1), 20 * (x - 0.9) * np.exp(-((x - 0.9) ** 2) / 0.1)

    found = minimise(bump, np.array([[0.4]]), np.zeros(1), np.ones(1))
    assert found.values[0, 0] == pytest.approx(0.9, abs=1e-4)
    assert len(evaluations) < 60


def test_a_problem_without_a_slope_is_solved_where_it_starts():
    found = minimise(lambda x, _: (np.ones(len(x)), np.zeros_like(x)), np.array([[0.3]]), np.zeros(1), np.ones(1))
    assert found.values.tolist() == [[0.3]]
    assert found.converged.all()
