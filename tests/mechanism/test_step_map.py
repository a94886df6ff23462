import numpy as np
import pytest
import torch

from pfc_metarl.mechanism.step_map import StepMap, TrialMap, trial_map
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.network import Network
from pfc_metarl.networks.tape import Part
from pfc_metarl.settings import BadInput
from tests.networks.test_cores import N_INPUTS, UNITS, WIDTHS, random_weights, textbook_step


def random_step(core, seed=5):
    weights = {name: tensor[:1].double() for name, tensor in random_weights(core).items()}
    x = torch.randn(1, 1, N_INPUTS, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    inputs = dict(zip(WIDTHS, x[0, 0].split(list(WIDTHS.values())), strict=True))
    return StepMap(Part(core, UNITS, WIDTHS, {"logits": 2, "value": 1}), weights, inputs), weights, x


@pytest.mark.parametrize("core", CORES)
def test_a_step_and_its_jacobian_are_those_of_the_textbook(core):
    step, weights, x = random_step(core)
    state = torch.randn(step.size, generator=torch.Generator().manual_seed(6), dtype=torch.float64)

    def textbook(s):
        h, c = s[:UNITS].reshape(1, 1, -1), s[-UNITS:].reshape(1, 1, -1)
        return torch.cat([each.flatten() for each in textbook_step(core, x, h, c, weights["core"])])[: step.size]

    np.testing.assert_allclose(step(state.numpy()), textbook(state), atol=1e-12)
    expected = torch.autograd.functional.jacobian(textbook, state)
    np.testing.assert_allclose(step.jacobian(state.numpy()), expected, atol=1e-12)
    np.testing.assert_allclose(step.jacobian(state.numpy()), expected, atol=1e-12)
    assert step.size == UNITS * (2 if core == "lstm" else 1)


def test_a_trial_is_its_steps_one_after_the_other_and_its_jacobian_follows_the_chain_rule():
    first, second = random_step("gru", 1)[0], random_step("gru", 2)[0]
    trial = TrialMap([first, second])
    state = np.random.default_rng(0).normal(size=trial.size)
    np.testing.assert_allclose(trial(state), second(first(state)))
    shifts = 1e-6 * np.eye(trial.size)
    differences = [(trial(state + shift) - trial(state - shift)) / 2e-6 for shift in shifts]
    np.testing.assert_allclose(trial.jacobian(state), np.transpose(differences), atol=1e-6)
    assert trial.heads(state)["logits"].tolist() == first.heads(state)["logits"].tolist()


def test_a_trial_without_steps_is_refused():
    with pytest.raises(BadInput, match="inputs: is empty"):
        trial_map(Network(core="rnn", units=1), {}, [])
