import pytest
import torch
from scipy.stats import binomtest, chisquare

from pfc_metarl import dopamine
from pfc_metarl.agents import agent_of
from pfc_metarl.models import ReversalObserver
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import InferredValue, check_task

LEFT, RIGHT, CENTRE = 0, 1, 2
FIXATION, CUE, ACTION, OUTCOME = range(4)


def act(task, actions, noise):
    """States, observations and rewards of one world; noise is a pair (reversal, cue) for begin and each step."""
    state = task.begin(torch.tensor([[noise[0]]]))
    visited = []
    for action, draws in zip(actions, noise[1:], strict=True):
        observation = task.observe(state)[0, 0].tolist()
        before = state
        state, reward = task.step(state, torch.tensor([[action]]), torch.tensor([[draws]]))
        visited.append((before, observation, reward.item()))
    return visited


@pytest.mark.parametrize("schedule", ["hazard", "once"])
@pytest.mark.parametrize("changes", [{}, {"min_block": 1, "p_reversal": 1.0}, {"reward": 2.0, "invalid_reward": 0.0}])
def test_every_schedule_keeps_the_contract(schedule, changes):
    check_task(InferredValue(n_trials=6, schedule=schedule, **changes))


def test_two_trials_by_hand():
    # the left side is rewarded (0.1) and the left target comes (0.2); then a reversal (0.0), and the left target again
    noise = [(0.1, 0.2), *[(0.9, 0.9)] * 3, (0.0, 0.3), *[(0.9, 0.9)] * 4]
    actions = [CENTRE, CENTRE, LEFT, RIGHT, CENTRE, CENTRE, LEFT, CENTRE]
    visited = act(InferredValue(n_trials=2, min_block=1, p_reversal=0.5), actions, noise)
    point, both, target, dark = [1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 0, 0]
    assert [observation for _, observation, _ in visited] == [point, both, target, dark] * 2
    assert [reward for *_, reward in visited] == [0, 0, 1, 0, 0, 0, 0, 0], (
        "the same target, unrewarded after the reversal"
    )
    assert [(state.trial, state.phase) for state, *_ in visited] == [(t, p) for t in (0, 1) for p in range(4)]
    assert [state.rewarded_side.item() for state, *_ in visited] == [LEFT] * 4 + [RIGHT] * 4
    assert [state.block.item() for state, *_ in visited] == [0] * 4 + [1] * 4
    assert [state.trial_of_block.item() for state, *_ in visited] == [0] * 8


@pytest.mark.parametrize(
    ("actions", "paid"),
    [
        ([CENTRE, CENTRE, RIGHT, LEFT], [0, 0, 1, 0]),
        ([LEFT, CENTRE, RIGHT, CENTRE], [-1, 0, 1, 0]),
        ([CENTRE, RIGHT, RIGHT, CENTRE], [0, -1, 1, 0]),
        ([CENTRE, CENTRE, LEFT, CENTRE], [0, 0, -1, 0]),
        ([CENTRE, CENTRE, CENTRE, CENTRE], [0, 0, -1, 0]),
    ],
)
def test_an_invalid_response_costs_and_the_trial_continues(actions, paid):
    noise = [(0.6, 0.7)] * 5  # the right side is rewarded, and the right target comes
    visited = act(InferredValue(n_trials=1), actions, noise)
    assert [reward for *_, reward in visited] == paid
    assert [state.phase for state, *_ in visited] == [FIXATION, CUE, ACTION, OUTCOME]


def lived(task, n=4000):
    """Trial by trial [trial, world]: state fields at fixation, without correct actions."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.rand(task.n_steps + 1, 1, n, task.n_draws, generator=generator)
    state, visited = task.begin(noise[0]), []
    for draws in noise[1:]:
        if state.phase == FIXATION:
            visited.append(state)
        state, _ = task.step(state, torch.zeros(1, n, dtype=torch.long), draws)
    names = ("rewarded_side", "cue_side", "block", "trial_of_block")
    return {name: torch.stack([getattr(state, name)[0] for state in visited]) for name in names}


def test_cues_and_first_sides_are_balanced_and_independent_of_the_rewarded_side():
    visited = lived(InferredValue(n_trials=10), n=1000)
    assert binomtest(int(visited["rewarded_side"][0].sum()), 1000).pvalue > 0.001
    assert binomtest(int(visited["cue_side"].sum()), 10_000).pvalue > 0.001
    assert binomtest(int((visited["cue_side"] == visited["rewarded_side"]).sum()), 10_000).pvalue > 0.001


def test_with_a_hazard_blocks_have_their_minimum_and_then_end_at_its_rate():
    visited = lived(InferredValue(n_trials=20, min_block=3, p_reversal=0.25))
    reversed_now = visited["block"][1:] > visited["block"][:-1]
    assert torch.equal(reversed_now, visited["rewarded_side"][1:] != visited["rewarded_side"][:-1])
    age = visited["trial_of_block"][:-1] + 1
    assert not reversed_now[age < 3].any()
    for length in (3, 4, 6):
        here = reversed_now[age == length]
        assert binomtest(int(here.sum()), len(here), 0.25).pvalue > 0.001
    assert (visited["trial_of_block"][1:][reversed_now] == 0).all()
    assert torch.equal(visited["trial_of_block"][1:][~reversed_now], age[~reversed_now])


def test_a_single_event_occurs_once_in_a_uniformly_drawn_trial():
    visited = lived(InferredValue(n_trials=8, schedule="once", min_block=3))
    assert (visited["block"][-1] == 1).all()
    first = (visited["block"] > 0).long().argmax(0)
    counts = torch.bincount(first, minlength=8)
    assert counts[:3].sum() == 0
    assert chisquare(counts[3:].numpy()).pvalue > 0.001


def test_the_response_to_the_cue_is_the_error_of_the_step_before(live):
    """γ V(cue) − V(fixation) = γ² (p − ½), and the surprise at the outcome is r − p, by hand for γ = 0.9."""
    task = InferredValue(n_trials=3, min_block=2, p_reversal=1.0)  # a reversal every two trials
    agent = agent_of(ReversalObserver(min_block=2, p_reversal=1.0), InferredValue)
    trajectory = live(task, agent, n_episodes=20)
    value, reward, state = trajectory.readout()["value"], trajectory.reward(), trajectory.state()
    rpe = dopamine.prediction_error(reward[:-1], value[:-1], value[1:], 0.9)
    worth = torch.where(state["cue_side"] == state["rewarded_side"], 0.5, -0.5)
    for start in (4, 8):  # from the first outcome on the observer is certain
        torch.testing.assert_close(rpe[start + FIXATION], 0.81 * worth[start])
        torch.testing.assert_close(rpe[start + ACTION], torch.zeros_like(worth[start]))
    torch.testing.assert_close(rpe[FIXATION], torch.zeros_like(worth[0]))
    torch.testing.assert_close(rpe[ACTION], worth[0])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"schedule": "once", "n_trials": 4}, "min_block = 4 must lie below n_trials = 4"),
        ({"schedule": "twice"}, "schedule"),
        ({"min_block": 0}, "min_block"),
        ({"p_reversal": 1.5}, "less than or equal to 1"),
        ({"invalid_reward": 1.0}, "invalid_reward"),
    ],
)
def test_invalid_values_are_refused(options, said):
    with pytest.raises(BadInput, match=said):
        InferredValue(**options)
