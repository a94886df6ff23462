"""Episodes in one call: the same bytes as step by step, for every kind of core, critic and input."""

import pytest
import torch

from pfc_metarl import dopamine
from pfc_metarl.learning.a2c import A2C
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.network import Network
from pfc_metarl.simulation.programs import translated
from pfc_metarl.simulation.translated import Translated
from pfc_metarl.tasks import HarlowObjects, RiskyLever, TwoStep

TASK = TwoStep(n_trials=10)
NETWORKS = {
    **{core: Network(core=core, units=7) for core in CORES},
    "no reward": Network(units=7, inputs=("observation", "previous_action")),
    "no observation": Network(units=7, inputs=("previous_action", "previous_reward")),
    "critic": Network(units=7, critic="separate"),
    "rewarded critic": Network(core="gru", units=7, critic="separate", inputs=("observation", "previous_reward")),
}


def training(task, network, n=3):
    made = A2C(episodes=5, discount=0.75).begin(task, network, seed=0, networks=range(n))
    for tensor in made.weights.values():
        tensor += 0.3 * torch.randn(tensor.shape, generator=torch.Generator().manual_seed(1))
    return made


def both(made):
    """Actions, rewards, outputs of the heads and gradients of the same episode, step by step and in one call."""
    noise, found = made.draw(), []
    for act in (
        lambda noise: made.acting.live(made.agent, noise),
        lambda noise: Translated(made.task, translated(made.task)).act(made.agent, noise),
    ):
        action, reward = act(noise)
        heads = made.agent.activity.heads.clone()
        found.append((action, reward, heads, made.gradients(action, reward)[0]))
    return found


@pytest.mark.parametrize("name", NETWORKS)
def test_an_episode_is_the_same_to_the_bit(name):
    step_by_step, at_once = both(training(TASK, NETWORKS[name]))
    for expected, found in zip(step_by_step[:3], at_once[:3], strict=True):
        assert torch.equal(found, expected)
    assert len(step_by_step[0].unique()) == 2
    for weights, gradient in step_by_step[3].items():
        assert torch.equal(at_once[3][weights], gradient), weights


@pytest.mark.parametrize("task", [HarlowObjects(max_steps=30), RiskyLever(n_trials=8)], ids=["harlow", "lever"])
def test_so_it_is_with_many_channels_and_a_task_that_ends_early(task):
    step_by_step, at_once = both(training(task, Network(units=5, critic="separate"), n=2))
    for expected, found in zip(step_by_step[:3], at_once[:3], strict=True):
        assert torch.equal(found, expected)


def test_the_actor_is_given_the_prediction_error_of_the_step_before():
    made = training(TASK, NETWORKS["critic"])
    _, reward = Translated(TASK, translated(TASK)).act(made.agent, made.draw())
    activity = made.agent.activity
    value = activity.heads[..., -1]
    given = activity.tapes[""].buffers.percepts[:, :, activity.tapes[""].buffers.rows["rpe"]].squeeze(2).transpose(0, 1)
    expected = dopamine.prediction_error(reward[:-1], value[:-1], value[1:], 0.75)
    assert torch.equal(given[0], torch.zeros_like(given[0]))
    assert torch.allclose(given[1 : len(value)], expected, atol=1e-6)
