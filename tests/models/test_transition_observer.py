import itertools

import pytest
import torch

from pfc_metarl.agents import agent_of
from pfc_metarl.models import LatentState, TransitionObserver
from pfc_metarl.tasks import TwoStepReversing


def filtered(trials, good, bad, p_reversal, p_transition_reversal, p_common):
    """The forward algorithm over all four hidden states, (good state, crossed), in plain Python."""
    hidden = list(itertools.product((0, 1), (0, 1)))
    belief, found = dict.fromkeys(hidden, 0.25), []
    for choice, state2, _, reward in trials:
        joint = {}
        for good_state, crossed in hidden:
            p_pay = good if state2 == good_state else bad
            p_reach = p_common if state2 == choice ^ crossed else 1 - p_common
            joint[good_state, crossed] = belief[good_state, crossed] * p_reach * (p_pay if reward else 1 - p_pay)
        after = dict.fromkeys(hidden, 0.0)
        for (g, c), (g2, c2) in itertools.product(hidden, hidden):
            moves = (p_reversal if g != g2 else 1 - p_reversal) * (
                p_transition_reversal if c != c2 else 1 - p_transition_reversal
            )
            after[g2, c2] += joint[g, c] / sum(joint.values()) * moves
        belief = after
        value = [0.0, 0.0]
        for (good_state, crossed), p in belief.items():
            for choice1 in (0, 1):
                common = good if choice1 ^ crossed == good_state else bad
                rare = bad if choice1 ^ crossed == good_state else good
                value[choice1] += p * (p_common * common + (1 - p_common) * rare)
        found.append(value)
    return torch.tensor(found)


def test_its_two_beliefs_are_the_forward_algorithm_over_four_states(teach):
    trials = torch.randint(2, (40, 4), generator=torch.Generator().manual_seed(0)).tolist()
    numbers = {"p_reversal": 0.1, "p_transition_reversal": 0.2, "p_common": 0.7}
    model = TransitionObserver(p_reward_good=0.8, p_reward_bad=0.3, **numbers)
    torch.testing.assert_close(
        teach(agent_of(model, TwoStepReversing), trials)[0], filtered(trials, 0.8, 0.3, **numbers)
    )


def test_it_earns_more_than_an_observer_that_takes_transitions_as_fixed(live):
    task, reward = TwoStepReversing(), {}
    for model in (TransitionObserver(), LatentState()):
        trajectory = live(task, agent_of(model, TwoStepReversing), n_episodes=500)
        reward[type(model)] = trajectory.reward().sum(0).mean().item() / task.n_trials
    assert reward[TransitionObserver] > 0.65
    assert reward[LatentState] == pytest.approx(0.5, abs=0.02)  # what it takes for granted holds half of the time


def test_its_beliefs_are_calibrated(live):
    model = TransitionObserver(inverse_temperature=1.0)
    trajectory = live(TwoStepReversing(), agent_of(model, TwoStepReversing), n_episodes=500)
    value, state = trajectory.readout()["action_value"][::2], trajectory.state()
    right_is_good = (value[..., 1] - value[..., 0]) / (0.6 * 0.8) / 2 + 0.5
    for low, high in ((0.05, 0.2), (0.3, 0.7), (0.8, 0.95)):
        here = (right_is_good > low) & (right_is_good < high)
        true = (state["good_choice"][::2][here] == 1).float().mean()
        assert abs(right_is_good[here].mean() - true) < 0.02
