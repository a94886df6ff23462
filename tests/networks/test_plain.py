"""The derivatives of the plain engine against finite differences in double precision."""

import pytest
import torch

from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.tape import Tape
from tests.networks.test_cores import N_ACTIONS, N_NETWORKS, WIDTHS, random_weights
from tests.networks.test_tape import PART

N_STEPS, STEP = 4, 1e-6


def scalar(core, weights, d_heads):
    """An episode with given weights: its tape, and a number that is linear in the outputs of the heads."""
    tape = Tape(PART._replace(core=core), weights, N_STEPS, 1, traced="observation")
    generator = torch.Generator().manual_seed(0)
    tape.rewind()
    for t in range(N_STEPS):
        observation = torch.randn(N_NETWORKS, 1, WIDTHS["observation"], generator=generator, dtype=torch.float64)
        tape.step(t, observation, torch.tensor([[t % N_ACTIONS], [-1]]), observation[..., 0])
    return tape, float((tape.heads * d_heads).sum())


@pytest.mark.parametrize("core", CORES)
def test_the_gradient_equals_finite_differences(core):
    weights = {name: tensor.double() for name, tensor in random_weights(core).items()}
    generator = torch.Generator().manual_seed(1)
    d_heads = torch.randn(N_STEPS, N_NETWORKS, 1, N_ACTIONS + 1, generator=generator, dtype=torch.float64)
    tape, _ = scalar(core, weights, d_heads)
    gradient = tape.backward(d_heads)
    for name, tensor in weights.items():
        direction = torch.randn(tensor.shape, generator=generator, dtype=torch.float64)
        if name == "core":
            direction *= tensor != 0  # weights that the core has
        ends = [scalar(core, {**weights, name: tensor + sign * STEP * direction}, d_heads)[1] for sign in (1, -1)]
        slope = (ends[0] - ends[1]) / (2 * STEP)
        assert float((gradient[name] * direction).sum()) == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_the_derivative_by_the_input_is_that_of_its_rows():
    weights = {name: tensor.double() for name, tensor in random_weights("feedforward").items()}
    d_heads = torch.ones(N_STEPS, N_NETWORKS, 1, N_ACTIONS + 1, dtype=torch.float64)
    tape, _ = scalar("feedforward", weights, d_heads)
    tape.backward(d_heads)
    hidden = tape.buffers.hidden[:, 1:]
    d_units = (1 - hidden.square()) * weights["heads"][:, :-1].sum(-1)[:, None, :, None]
    expected = d_units.mT @ weights["core"][:, : WIDTHS["observation"]].mT.unsqueeze(1)
    torch.testing.assert_close(tape.d_input, expected)
