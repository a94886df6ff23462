import pytest
import torch
from scipy.stats import binomtest

from pfc_metarl.agents import Random
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import TwoStepReversing

SURE = {"p_common": 1.0, "p_reward_good": 1.0, "p_reward_bad": 0.0, "p_reversal": 0.0, "p_transition_reversal": 0.0}
FIRST, SECOND = slice(0, None, 2), slice(1, None, 2)


def walk(task, actions, begin=(0.25, 0.75, 0.5), noise=0.25):
    """States, observations and rewards of one world that begins with state 1 good and left leading to state 0."""
    state = task.begin(torch.tensor(begin).expand(1, 1, -1))
    visited = []
    for action in actions:
        shown = task.observe(state)[0, 0].tolist()
        after, reward = task.step(state, torch.tensor([[action]]), torch.full((1, 1, task.n_draws), noise))
        visited.append((state, shown, reward.item()))
        state = after
    return visited


def test_a_choice_leads_to_its_state_which_pays_after_the_second_action():
    visited = walk(TwoStepReversing(**SURE), [0, 0, 1, 1])
    assert [shown for _, shown, _ in visited] == [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert [reward for _, _, reward in visited] == [0, 0, 0, 1]
    assert visited[0][0].good_choice.item() == 1


def test_where_transitions_are_crossed_left_leads_to_state_1():
    visited = walk(TwoStepReversing(**SURE), [0, 0, 1, 1], begin=(0.25, 0.25, 0.5))
    assert [state.state2.item() for state, _, _ in visited] == [-1, 1, -1, 0]
    assert [state.common.item() for state, _, _ in visited] == [-1, 1, -1, 1]
    assert visited[0][0].good_choice.item() == 0


@pytest.mark.parametrize(
    ("reverses", "good_states", "transitions", "good_choices"),
    [
        ("p_reversal", [1, 0, 1], [0, 0, 0], [1, 0, 1]),
        ("p_transition_reversal", [1, 1, 1], [0, 1, 0], [1, 0, 1]),
    ],
)
def test_either_reversal_changes_the_good_choice_between_trials(reverses, good_states, transitions, good_choices):
    states = [state for state, _, _ in walk(TwoStepReversing(**{**SURE, reverses: 1.0}), [0] * 6)]
    for name, expected in (("good_state", good_states), ("transitions", transitions), ("good_choice", good_choices)):
        values = [getattr(state, name).item() for state in states]
        assert values[FIRST] == values[SECOND] == expected


def test_everything_happens_with_the_stated_probability(live):
    task = TwoStepReversing(
        p_common=0.7, p_reward_good=0.8, p_reward_bad=0.3, p_reversal=0.05, p_transition_reversal=0.1
    )
    trajectory = live(task, Random(), n_episodes=200)
    state, paid = trajectory.state(), trajectory.reward()[SECOND] > 0
    choice, reached, common = (state[name][SECOND] for name in ("choice1", "state2", "common"))
    at_good = reached == state["good_state"][SECOND]
    to_common = choice ^ state["transitions"][SECOND]
    assert torch.equal(common == 1, reached == to_common)
    assert torch.equal(state["good_choice"], state["good_state"] ^ state["transitions"])
    assert not trajectory.reward()[FIRST].any()
    swapped = {name: state[name][FIRST].diff(dim=0) != 0 for name in ("good_state", "transitions")}
    for hits, expected in (
        (common[choice == 0] == 1, 0.7),
        (common[choice == 1] == 1, 0.7),
        (paid[at_good], 0.8),
        (paid[~at_good], 0.3),
        (swapped["good_state"], 0.05),
        (swapped["transitions"], 0.1),
        (swapped["transitions"][swapped["good_state"]], 0.1),
        (swapped["transitions"][paid[:-1]], 0.1),
    ):
        assert binomtest(int(hits.sum()), hits.numel(), expected).pvalue > 0.001, (hits.float().mean(), expected)


def test_an_impossible_task_is_refused():
    with pytest.raises(BadInput, match=r"p_reward_bad = 0\.9 must not exceed p_reward_good = 0\.2"):
        TwoStepReversing(p_reward_good=0.2, p_reward_bad=0.9)
