"""The compiled equations against those of `cores`, and their functions against numpy in double precision."""

import numpy as np
import pytest
import torch

from pfc_metarl import compiler
from pfc_metarl.networks import compiled_cores
from pfc_metarl.networks.cores import CORES

UNITS = 37


def numbers(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.mark.parametrize("core", ["lstm", "gru", "rnn"])
def test_a_step_and_its_errors_are_those_of_the_equations(core):
    pre_activations = numbers(0, len(CORES[core].gates), UNITS)
    hidden, cell, d_hidden, d_cell = (numbers(seed, UNITS) for seed in range(1, 5))
    leaves = [torch.from_numpy(each).double().unsqueeze(-1).requires_grad_() for each in (hidden, cell)]
    given = torch.from_numpy(pre_activations).double().reshape(-1, 1).requires_grad_()
    expected = CORES[core].step(given, *leaves)
    errors = [torch.from_numpy(each).double().unsqueeze(-1) for each in (d_hidden, d_cell)]
    d_given, d_before, d_cell_before = torch.autograd.grad(expected, [given, *leaves], errors, materialize_grads=True)
    gates, d_gates = pre_activations.copy(), np.empty_like(pre_activations)
    next_hidden, next_cell, carried = np.empty_like(hidden), np.empty_like(cell), np.zeros_like(cell)
    if core == "lstm":
        compiled_cores.lstm_step(gates, hidden, cell, next_hidden, next_cell)
        carried = d_cell.copy()
        compiled_cores.lstm_errors(gates, cell, next_cell, d_hidden, carried, d_gates)
        np.testing.assert_allclose(next_cell, expected[1].detach().numpy()[:, 0], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(carried, d_cell_before.numpy()[:, 0], rtol=1e-5, atol=1e-6)
    elif core == "gru":
        compiled_cores.gru_step(gates, hidden, next_hidden)
        compiled_cores.gru_errors(gates, hidden, d_hidden, carried, d_gates)
        np.testing.assert_allclose(carried, d_before.numpy()[:, 0], rtol=1e-5, atol=1e-6)
    else:
        compiled_cores.rnn_step(gates, next_hidden)
        compiled_cores.rnn_errors(next_hidden, d_hidden, d_gates)
    np.testing.assert_allclose(next_hidden, expected[0].detach().numpy()[:, 0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(d_gates.reshape(-1), d_given.numpy()[:, 0], rtol=1e-5, atol=1e-6)


@compiler.compiled
def of_all(function_values, x, sigmoid):
    for k in range(x.size):
        function_values[k] = compiled_cores.sigmoid(x[k]) if sigmoid else compiled_cores.tanh(x[k])


def every_thousandth_float():
    """Finite numbers of single precision of either sign, dense at every magnitude."""
    positive = np.arange(0, 0x7F800000, 1009, dtype=np.uint32).view(np.float32)
    return np.concatenate([positive, -positive])


def test_tanh_is_exact_to_4e_7_over_all_single_precision():
    x = every_thousandth_float()
    found = np.empty_like(x)
    of_all(found, x, False)
    error = np.abs(found - np.tanh(x.astype(np.float64)))
    assert error.max() < 4e-7
    small = np.abs(x) < 1
    np.testing.assert_allclose(found[small], np.tanh(x[small].astype(np.float64)), rtol=4e-7, atol=1e-44)
    assert (np.sign(found) == np.sign(x)).all()


def test_sigmoid_is_exact_to_3e_7_over_all_single_precision():
    x = every_thousandth_float()
    found = np.empty_like(x)
    of_all(found, x, True)
    with np.errstate(over="ignore"):
        expected = 1 / (1 + np.exp(-x.astype(np.float64)))
    assert np.abs(found - expected).max() < 3e-7


@pytest.mark.parametrize("sigmoid", [True, False])
def test_what_is_no_number_stays_so_and_infinity_saturates(sigmoid):
    x = np.array([np.nan, np.inf, -np.inf], dtype=np.float32)
    found = np.empty_like(x)
    of_all(found, x, sigmoid)
    assert np.isnan(found[0])
    np.testing.assert_allclose(found[1:], [1, 0 if sigmoid else -1], atol=4e-7)
