import dataclasses

import pytest
import torch

from pfc_metarl.agents import Percept, agent_of
from pfc_metarl.models import RescorlaWagner
from pfc_metarl.tasks import RiskyLever

CUE, BOTH = [1.0, 0.0, 0.0], [0.0, 1.0, 1.0]
MODEL = RescorlaWagner(unchosen="kept", learning_rate=0.5, inverse_temperature=2.0, initial_value=1.0)
LEARNER = agent_of(MODEL, RiskyLever)


def shown(observation, action=-1, reward=0.0, stimulation=None):
    stimulated = None if stimulation is None else torch.tensor([[stimulation]])
    return Percept(torch.tensor([[observation]]), torch.tensor([[action]]), torch.tensor([[reward]]), stimulated)


def pull(memory, levers=BOTH, wish=1):
    """Let the learner choose with noise that makes it take a lever, if it is shown."""
    noise = torch.zeros(1, 1, 3)
    noise[..., wish] = 50
    action, readout, memory = LEARNER.act(shown(levers, action=2), memory, noise)
    return action.item(), readout, memory


def outcome(memory, action, reward, stimulation=None):
    _, readout, memory = LEARNER.act(shown(CUE, action, reward, stimulation), memory, torch.zeros(1, 1, 3))
    return readout, memory


@pytest.mark.parametrize(("stimulation", "expected"), [(None, 3.0), (-4.0, -1.0), (1.0, 4.0)])
def test_it_learns_from_its_prediction_error(stimulation, expected):
    action, _, memory = pull(LEARNER.begin((1, 1)))
    readout, memory = outcome(memory, action, 4.0, stimulation)
    assert readout.rpe_input.item() == expected  # 4 - 1, and what is added
    assert memory.state.value[0, 0].tolist() == [1.0, 1.0 + 0.5 * expected]
    again, after = outcome(memory, 2, 0.0)
    assert again.rpe_input.item() == 0
    assert torch.equal(after.state.value, memory.state.value), "no lever was pulled, nothing is learned"


def test_it_answers_the_cue_and_pulls_only_levers_that_are_shown():
    memory = LEARNER.begin((1, 1))
    noise = 10 * torch.rand(1, 1, 3, generator=torch.Generator().manual_seed(0))
    assert LEARNER.act(shown(CUE), memory, noise)[0].item() == 2
    assert pull(memory, [0.0, 1.0, 0.0], wish=1)[0] == 0
    assert pull(memory, [0.0, 0.0, 1.0], wish=2)[0] == 1


def test_its_choices_are_a_softmax_of_its_values():
    memory = pull(LEARNER.begin((1, 1)))[2]
    memory = memory._replace(trial=memory.trial._replace(pulled=torch.tensor([[-1]])))
    memory = memory._replace(state=memory.state._replace(value=torch.tensor([[[1.0, 2.0]]])))
    _, readout, _ = pull(memory)
    p_left, p_right, p_centre = readout.logits.softmax(-1)[0, 0].tolist()
    assert p_centre == 0
    assert p_right / p_left == pytest.approx(torch.tensor(2.0).exp().item())


def test_it_prefers_the_better_arm(live):
    for p, better in ((0.125, False), (0.5, True)):
        learner = agent_of(dataclasses.replace(MODEL, learning_rate=0.2, inverse_temperature=5.0), RiskyLever)
        trajectory = live(RiskyLever(p_risky=(p,)), learner, n_episodes=300)
        state, action, reward = trajectory.state(), trajectory.action(), trajectory.reward()
        free = (state["phase"] == 1) & (state["forced"] == 0)
        assert ((action == state["risky_side"])[free].float().mean() > 0.5) == better
        assert reward.min() >= 0, "it never responds wrongly"
