import numpy as np
import pytest

from pfc_metarl.fitting.compiled_program import CODES, LANES, backward, forward

RNG = np.random.default_rng(0)
OPERANDS = RNG.uniform(0.5, 2, size=(3, LANES))
OPERANDS[0, :4], OPERANDS[1, 4] = (0.0, 1.0, -1.5, 0.2), OPERANDS[0, 4]

FUNCTIONS = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "max": np.maximum, "min": np.minimum,
    "eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "exp": np.exp, "log": np.log,
    "sqrt": np.sqrt, "abs": np.abs, "where": np.where,
}  # fmt: skip
N_OPERANDS = {"where": 3, "exp": 1, "log": 1, "sqrt": 1, "abs": 1}
DIFFERENTIABLE = [name for name in CODES if name not in ("eq", "ne", "lt", "le")]


def run(name, operands):
    x = np.concatenate([operands, np.zeros((1, LANES))])
    rows = np.array([[CODES[name], 3, 0, 1, 2]])
    forward(rows, x)
    return rows, x


@pytest.mark.parametrize("name", CODES)
def test_operations_are_those_of_numpy(name):
    operands = np.abs(OPERANDS) + 0.1 if name in ("log", "sqrt") else OPERANDS
    expected = FUNCTIONS[name](*operands[: N_OPERANDS.get(name, 2)])
    np.testing.assert_allclose(run(name, operands)[1][3], expected, rtol=1e-15)


@pytest.mark.parametrize("name", DIFFERENTIABLE)
def test_slopes_are_those_of_differences(name):
    operands = np.random.default_rng(1).uniform(0.5, 2, size=(3, LANES))
    rows, x = run(name, operands)
    slope = np.zeros((4, LANES))
    slope[3] = 1.0
    backward(rows, x, slope, np.ones(4, dtype=bool))
    for place in range(N_OPERANDS.get(name, 2)):
        step = 1e-6 * np.eye(3)[:, [place]]
        difference = (run(name, operands + step)[1][3] - run(name, operands - step)[1][3]) / 2e-6
        np.testing.assert_allclose(slope[place], difference, rtol=1e-6, atol=1e-9)


def test_equal_numbers_share_the_slope_of_the_larger():
    operands = np.ones((3, LANES))
    rows, x = run("max", operands)
    slope = np.zeros((4, LANES))
    slope[3] = 1.0
    backward(rows, x, slope, np.ones(4, dtype=bool))
    assert (slope[:2] == 0.5).all()


def test_a_result_without_influence_is_passed_over():
    rows, x = run("add", OPERANDS)
    slope = np.ones((4, LANES))
    backward(rows, x, slope, np.zeros(4, dtype=bool))
    assert (slope == 1).all()
