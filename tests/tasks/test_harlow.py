"""The procedure, walked through by hand: fixation, choice, interval, next trial, end."""

import pytest
import torch
from scipy.stats import binomtest

from pfc_metarl.agents import Random
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import HarlowObjects

LEFT, RIGHT, STAY = range(3)
PHASES = HarlowObjects.phase_names


def walked(task, actions, gaze=0, good_object=0, left_objects=0):
    """States and rewards of one world in which the gaze begins at a known position."""
    state = task.begin(torch.full((1, 1, task.n_draws), 0.3))
    schedule = torch.full_like(state.left_objects, left_objects)
    known = {"gaze": gaze, "good_object": good_object, "left_object": left_objects}
    fields = {name: torch.full_like(getattr(state, name), value) for name, value in known.items()}
    state = state._replace(**fields, left_objects=schedule)
    states, rewards = [state], []
    for action in actions:
        state, reward = task.step(state, torch.tensor([[action]]), torch.rand(1, 1, task.n_draws))
        states.append(state)
        rewards.append(round(reward.item(), 3))
    return states, rewards


def field(states, name):
    return [getattr(state, name).item() for state in states]


def test_a_trial_is_cross_then_object_then_interval():
    task = HarlowObjects(eccentricity=2, interval_steps=2)
    states, rewards = walked(task, [RIGHT, LEFT, LEFT, STAY, STAY, RIGHT], gaze=-1)
    assert [PHASES[phase] for phase in field(states, "phase")] == [
        *("fixation", "choice", "choice", "interval", "interval", "fixation", "fixation")
    ]
    assert field(states, "gaze") == [-1, 0, -1, -2, -2, -2, -1]
    assert rewards == [0.2, 0, 1, 0, 0, 0]
    assert field(states, "trial") == [0, 0, 0, 0, 0, 1, 1]


@pytest.mark.parametrize("left_object", [0, 1])
@pytest.mark.parametrize("good_object", [0, 1])
@pytest.mark.parametrize("side", [LEFT, RIGHT])
def test_the_object_looked_at_is_chosen_and_paid_on_either_side(left_object, good_object, side):
    states, rewards = walked(HarlowObjects(), [STAY, side, side, side, STAY], 0, good_object, left_object)
    chosen = left_object if side == LEFT else 1 - left_object
    right = chosen == good_object
    assert rewards == [0.2, 0, 0, 1 if right else -1, 0]
    for moment in states[-2:]:
        assert (moment.choice1.item(), moment.side.item()) == (chosen, side)
        assert (moment.correct.item(), moment.outcome.item()) == (int(right), 1 if right else -1)
    assert field(states[:-2], "choice1") == [-1] * 4
    assert field(states[:-2], "outcome") == [0] * 4


def test_what_was_chosen_is_forgotten_at_the_next_trial_but_not_whether_the_first_choice_was_right():
    first = [STAY, LEFT, LEFT, LEFT, STAY, RIGHT]
    second = [RIGHT, RIGHT, RIGHT, RIGHT, RIGHT]
    states, rewards = walked(HarlowObjects(), first + second, good_object=1)
    assert rewards == [0.2, 0, 0, -1, 0, 0, 0, 0.2, 0, 0, 1]
    assert field(states, "correct") == [-1, -1, -1, -1, 0, 0, -1, -1, -1, -1, -1, 1]
    assert field(states, "first_correct") == [-1] * 4 + [0] * 8


def test_the_cross_must_be_held():
    held, rewards = walked(HarlowObjects(fixation_steps=2), [STAY, RIGHT, LEFT, STAY])
    assert field(held, "clock") == [0, 1, 0, 1, 0]
    assert rewards == [0, 0, 0, 0.2]


def test_the_ring_is_closed_and_saccades_have_their_size():
    states, _ = walked(HarlowObjects(n_positions=10, saccade=4), [RIGHT, RIGHT, RIGHT, LEFT, STAY], gaze=3)
    assert field(states, "gaze") == [3, -3, 1, -5, 1, 1]


def test_nearly_is_enough_where_it_is_tolerated():
    states, rewards = walked(HarlowObjects(tolerance=1), [RIGHT, RIGHT, RIGHT], gaze=-2)
    assert rewards == [0.2, 0, 0]
    _, rewards = walked(HarlowObjects(tolerance=1), [STAY, RIGHT], gaze=1)
    assert rewards == [0.2, -1]
    assert PHASES[states[-1].phase.item()] == "choice"


def test_when_the_trials_are_over_nothing_happens_any_more():
    states, rewards = walked(HarlowObjects(n_trials=1, interval_steps=1), [STAY, LEFT, LEFT, LEFT, *[RIGHT] * 12])
    assert rewards == [0.2, 0, 0, 1, *[0] * 12]
    assert field(states, "phase")[4:] == [2] + [3] * 12
    assert set(field(states, "trial")) == {0}


def test_without_counterbalancing_sides_are_coins_and_with_it_three_and_three():
    noise = torch.rand(1, 2000, HarlowObjects().n_draws, generator=torch.Generator().manual_seed(0))
    free, balanced = (HarlowObjects(balanced=b).begin(noise) for b in (False, True))
    assert set(balanced.left_objects.sum(-1).flatten().tolist()) == {3}
    assert len(balanced.left_objects[0].unique(dim=0)) == 20  # 6 over 3
    assert set(free.left_objects.sum(-1).flatten().tolist()) == set(range(7))
    for draws in (*free.left_objects[0].T, *balanced.left_objects[0].T, free.good_object[0]):
        assert binomtest(int(draws.sum()), 2000, 0.5).pvalue > 0.001


def test_the_side_shown_is_that_of_the_schedule(live):
    state = live(HarlowObjects(n_positions=9), Random(), n_episodes=20).state()
    expected = state["left_objects"].gather(-1, state["trial"].unsqueeze(-1)).squeeze(-1)
    assert torch.equal(state["left_object"], expected)
    assert state["trial"].max() > 2


def test_the_gaze_begins_anywhere_that_saccades_lead_to():
    task = HarlowObjects(n_positions=18, saccade=3)
    noise = torch.rand(1, 500, task.n_draws, generator=torch.Generator().manual_seed(0))
    assert sorted(task.begin(noise).gaze.unique().tolist()) == [-9, -6, -3, 0, 3, 6]
    noise[..., 1] = 1 - 2**-24
    assert -9 <= task.begin(noise).gaze.min() <= task.begin(noise).gaze.max() < 9


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"n_positions": 6}, "eccentricity = 3 with tolerance = 0"),
        ({"tolerance": 3}, "tolerance = 3 must be smaller than eccentricity = 3"),
        ({"n_trials": 0}, "n_trials"),
        ({"interval_steps": 0}, "interval_steps"),
    ],
)
def test_invalid_values_are_refused(options, said):
    with pytest.raises(BadInput, match=said):
        HarlowObjects(**options)
