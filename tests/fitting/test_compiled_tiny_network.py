import numpy as np
import pytest
import torch

from pfc_metarl.fitting.tiny_network import Shape, log_probabilities

SIZES = [(1, 4, 2), (2, 6, 3), (4, 8, 2)]


def plain(weights, shown, shape):
    """The same equations by operations of torch, which derives them itself; one network, one session."""
    of_input, recurrent, read_out, bias = weights.split(shape.sizes)
    of_input, recurrent = of_input.view(-1, 3, shape.n_units), recurrent.view(shape.n_units, 3, shape.n_units)
    hidden, found = torch.zeros(shape.n_units, dtype=torch.float64), []
    for trial in [*shown, None]:
        logits = hidden @ read_out.view(shape.n_units, -1) + bias
        found.append(torch.cat([logits.new_zeros(1), logits]).log_softmax(-1))
        if trial is not None and trial.any():
            received, own = torch.einsum("k,kgu->gu", trial, of_input), torch.einsum("i,igu->gu", hidden, recurrent)
            update, reset = torch.sigmoid(received[0] + own[0]), torch.sigmoid(received[1] + own[1])
            hidden = (1 - update) * hidden + update * torch.tanh(received[2] + reset * own[2])
    return torch.stack(found)


def planted(sizes, n_subjects=2, n_networks=3, n_sessions=2, n_trials=6):
    """Weights, and trials with an input, with two (a reward of 0.3), and with none."""
    shape, rng = Shape(*sizes), np.random.default_rng(1)
    weights = torch.from_numpy(rng.normal(size=(n_subjects, n_networks, sum(shape.sizes))))
    kind = rng.integers(0, shape.n_kinds, (n_subjects, n_sessions, n_trials))
    shown = 0.7 * np.eye(shape.n_kinds)[kind] + 0.3 * np.eye(shape.n_kinds)[(kind + 1) % shape.n_kinds]
    shown[:, 0, 2], shown[:, 1, -2:] = 0, 0
    shown[:, :, 1] = np.eye(shape.n_kinds)[kind[:, :, 1]]
    return shape, weights, torch.from_numpy(shown)


@pytest.mark.parametrize("sizes", SIZES)
def test_log_probabilities_and_derivatives_are_those_of_torch(sizes):
    shape, weights, shown = planted(sizes)
    weights.requires_grad_(True)
    found = log_probabilities(weights, shown, shape)
    slope = torch.from_numpy(np.random.default_rng(2).normal(size=found.shape))
    found.backward(slope)
    for s, n in np.ndindex(*weights.shape[:2]):
        own = weights[s, n].detach().clone().requires_grad_(True)
        expected = torch.stack([plain(own, session, shape) for session in shown[s]])
        expected.backward(slope[s, n])
        np.testing.assert_allclose(found[s, n].detach(), expected.detach(), rtol=1e-12)
        np.testing.assert_allclose(weights.grad[s, n], own.grad, rtol=1e-10, atol=1e-13)


def test_large_logits_do_not_overflow():
    shape, weights, shown = planted((2, 6, 3))
    found = log_probabilities(1000 * weights, shown, shape)
    assert torch.isfinite(found).all()
    np.testing.assert_allclose(found.exp().sum(-1), 1)
