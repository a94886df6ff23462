import pytest
import torch

from pfc_metarl.agents import Percept, agent_of
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_INFERRED_VALUE
from pfc_metarl.models import RescorlaWagner, ReversalObserver
from pfc_metarl.tasks import InferredValue

LEFT, RIGHT, CENTRE = 0, 1, 2
POINT = [1.0, 0.0, 0.0]
LEARNER = agent_of(RescorlaWagner(unchosen="kept", learning_rate=0.8), InferredValue)
OBSERVER = agent_of(ReversalObserver(min_block=1, p_reversal=0.0), InferredValue)
AGENTS = ("reversal_observer", "cue_learner")


def taught(agent, trials, shown=LEFT):
    """Show an agent trials (target, saccade, reward); its values in the next one, at each of four steps."""
    memory, before, seen = agent.begin((1, 1)), (-1, 0.0), []
    for target, saccade, reward in [*trials, (shown, shown, 0.0)]:
        side = [1.0 - target, float(target)]
        steps = [(POINT, CENTRE, 0.0), ([1.0, *side], CENTRE, 0.0), ([0.0, *side], saccade, reward)]
        seen = []
        for observation, action, paid in [*steps, ([0.0] * 3, CENTRE, 0.0)]:
            percept = Percept(torch.tensor([[observation]]), torch.tensor([[before[0]]]), torch.tensor([[before[1]]]))
            chosen, readout, memory = agent.act(percept, memory, torch.zeros(1, 1, 3))
            seen.append((chosen.item(), readout.value.item()))
            before = action, paid
    chosen, values = zip(*seen, strict=True)
    return list(chosen), pytest.approx(list(values))


@pytest.mark.parametrize("name", AGENTS)
@pytest.mark.parametrize("shown", [LEFT, RIGHT])
def test_an_agent_without_experience_expects_half_a_reward_and_answers_correctly(name, shown):
    chosen, values = taught(REFERENCE_AGENTS_INFERRED_VALUE[name], [], shown)
    assert chosen[:3] == [CENTRE, CENTRE, shown]
    assert values == [0.81 / 2, 0.9 / 2, 1 / 2, 0]  # γ² p, γ p, p, nothing


@pytest.mark.parametrize(("target", "reward"), [(LEFT, 1.0), (RIGHT, 0.0)])
def test_the_observer_learns_of_both_targets_from_either(target, reward):
    agent = agent_of(ReversalObserver(min_block=1, p_reversal=0.1), InferredValue)
    lived = [(target, target, reward)]  # either says that the left side is rewarded; it still is with 0.9
    assert taught(agent, lived, shown=LEFT)[1] == [0.81 / 2, 0.9 * 0.9, 0.9, 0]
    assert taught(agent, lived, shown=RIGHT)[1] == [0.81 / 2, 0.9 * 0.1, 0.1, 0]


def test_the_observer_knows_when_reversals_can_come():
    agent = agent_of(ReversalObserver(min_block=3, p_reversal=0.2), InferredValue)
    left, right = (LEFT, LEFT, 1.0), (RIGHT, RIGHT, 1.0)
    for lived, certain in [([left], 1), ([left] * 2, 1), ([left] * 3, 0.8), ([left] * 9, 0.8)]:
        assert taught(agent, lived, shown=LEFT)[1] == [0.405, 0.9 * certain, certain, 0]
    for lived, certain in [([right], 1), ([right] * 2, 1), ([right] * 3, 0.8)]:
        assert taught(agent, [left] * 5 + lived, shown=LEFT)[1] == [0.405, 0.9 * (1 - certain), 1 - certain, 0]


def test_the_learner_learns_of_the_target_it_saw_and_of_no_other():
    agent = LEARNER
    lived = [(LEFT, LEFT, 1.0)]
    assert taught(agent, lived, shown=LEFT)[1] == [0.405, 0.9 * 0.9, 0.9, 0]  # 0.5 + 0.8 (1 − 0.5)
    assert taught(agent, lived, shown=RIGHT)[1] == [0.405, 0.9 * 0.5, 0.5, 0]
    after = [*lived, (LEFT, LEFT, 0.0)]  # 0.9 + 0.8 (0 − 0.9)
    assert taught(agent, after, shown=LEFT)[1] == [0.405, 0.9 * 0.18, 0.18, 0]


@pytest.mark.parametrize(
    "agent", [LEARNER, agent_of(ReversalObserver(min_block=1, p_reversal=0.0), InferredValue)], ids=AGENTS[::-1]
)
@pytest.mark.parametrize("saccade", [RIGHT, CENTRE])
def test_nothing_is_learned_from_a_saccade_that_missed(agent, saccade):
    assert taught(agent, [(LEFT, saccade, -1.0)])[1] == [0.405, 0.45, 0.5, 0]


@pytest.mark.parametrize("name", AGENTS)
def test_agents_are_rewarded_in_half_of_the_trials_and_never_wrong(name, live):
    task = InferredValue()
    reward = live(task, REFERENCE_AGENTS_INFERRED_VALUE[name], n_episodes=50).reward()
    assert set(reward.unique().tolist()) == {0, 1}
    assert reward.sum(0).mean().item() / task.n_trials == pytest.approx(0.5, abs=0.06)  # 4 standard errors


def test_the_observer_knows_the_task():
    model = REFERENCE_AGENTS_INFERRED_VALUE["reversal_observer"].model
    for name in ("min_block", "p_reversal"):
        assert getattr(model, name) == getattr(InferredValue(), name)
