import math

import pytest
import torch
from scipy.stats import binomtest, kstest

from pfc_metarl.agents import Random
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import Volatility, check_task

SCHEDULES = ["random", "stable_first", "volatile_first"]
TEST = {"p_good_volatile": (0.8,)}
PLAIN = torch.full((1, 1, 4), 0.5)


@pytest.fixture
def worlds(live):
    """Trajectory of chance in one network's worlds, and its state fields [trial, episode, ...]."""

    def lived(n_episodes=400, **options):
        trajectory = live(Volatility(**options), Random(), n_episodes=n_episodes)
        return trajectory, {name: field[:, 0] for name, field in trajectory.state().items()}

    return lived


def rounded(p_reward):
    return {round(p, 4) for p in p_reward.unique().tolist()}


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("options", [{"n_trials": 7}, {"n_trials": 60}, {"p_good_volatile": (0.8,)}], ids=str)
def test_every_schedule_keeps_the_contract(schedule, options):
    check_task(Volatility(schedule=schedule, **options))


def test_exactly_one_arm_pays_and_the_noise_says_which():
    task = Volatility()
    state = task.begin(PLAIN.expand(1, 3, 4))._replace(p_reward=torch.tensor([[[0.75, 0.25]] * 3]))
    noise = PLAIN.repeat(1, 3, 1)
    noise[0, :, 0] = torch.tensor([0.0, 0.7, 0.8])
    left, right = (task.step(state, torch.full((1, 3), action), noise)[1] for action in (0, 1))
    assert left.tolist() == [[1, 1, 0]]
    assert right.tolist() == [[0, 0, 1]]


def test_an_arm_pays_with_its_own_probability(worlds):
    trajectory, state = worlds()
    action, reward = trajectory.action()[:, 0], trajectory.reward()[:, 0]
    for value in rounded(state["p_reward"]):
        for arm in (0, 1):
            here = (action == arm) & ((state["p_reward"][..., arm] - value).abs() < 1e-4)
            assert binomtest(int(reward[here].sum()), int(here.sum()), value).pvalue > 0.001


def test_probabilities_in_training_are_those_of_the_source(worlds):
    _, state = worlds()  # science sheet 3.2
    stable, volatile = (state["p_reward"][state["volatile"] == kind] for kind in (0, 1))
    assert rounded(stable) == {0.25, 0.75}
    assert rounded(volatile) == {0.0, 0.2, 0.8, 1.0}
    torch.testing.assert_close(state["p_reward"].sum(-1), torch.ones(200, 400))
    first = state["p_reward"][0, :, 0]
    assert binomtest(int((first > 0.5).sum()), 400, 0.5).pvalue > 0.001
    assert binomtest(int(state["volatile"][0].sum()), 400, 0.5).pvalue > 0.001


def test_arms_reverse_only_when_volatile_and_with_the_given_probability(worlds):
    _, state = worlds(p_good_volatile=(0.9,))
    left, volatile = state["p_reward"][..., 0], state["volatile"]
    stayed = volatile[1:] == volatile[:-1]
    moved = left[1:] != left[:-1]
    assert not moved[stayed & (volatile[1:] == 0)].any()
    here = stayed & (volatile[1:] == 1)
    assert binomtest(int(moved[here].sum()), int(here.sum()), 0.2).pvalue > 0.001
    torch.testing.assert_close(left[1:][here & moved], 1 - left[:-1][here & moved])


def test_worlds_reverse_with_the_given_probability(worlds):
    _, state = worlds(n_episodes=1000)
    log_p = state["p_switch"].log()
    assert kstest(log_p[0], "uniform", args=(-4.5, 1.0)).pvalue > 0.001
    assert (state["p_switch"] == state["p_switch"][0]).all()
    turned = state["volatile"][1:] != state["volatile"][:-1]
    expected = math.exp(-3.5) - math.exp(-4.5)  # the mean of e^kappa over a range of length 1
    assert binomtest(int(turned.sum()), turned.numel(), expected).pvalue > 0.001
    rare, often = (turned[:, (log_p[0] > -4) == half].float().mean() for half in (False, True))
    assert often > 1.2 * rare


@pytest.mark.parametrize("order", ["stable_first", "volatile_first"])
def test_at_test_one_half_is_stable_and_the_other_reverses_every_25_trials(worlds, order):
    _, state = worlds(schedule=order, **TEST)
    halves = {"stable_first": (0, 1), "volatile_first": (1, 0)}[order]
    assert [state["volatile"][part].unique().tolist() for part in (slice(100), slice(100, None))] == [
        [v] for v in halves
    ]
    left = state["p_reward"][..., 0]
    stable, volatile = (left[:100], left[100:])[:: 1 if order == "stable_first" else -1]
    assert rounded(stable) == {0.25, 0.75}
    assert (stable == stable[0]).all()
    assert rounded(volatile) == {0.2, 0.8}
    for block in range(4):
        expected = volatile[0] if block % 2 == 0 else 1 - volatile[0]
        torch.testing.assert_close(volatile[25 * block : 25 * block + 25], expected.expand(25, -1))
    sides = (stable[0] > 0.5) == (volatile[0] > 0.5)
    assert binomtest(int(sides.sum()), 400, 0.5).pvalue > 0.001  # either half begins with its own draw


def test_reversals_follow_the_schedule():
    task = Volatility(n_trials=12, schedule="volatile_first", trials_between_reversals=2, **TEST)
    state, left = task.begin(PLAIN), []
    for _ in range(12):
        left.append(round(state.p_reward[0, 0, 0].item(), 2))
        state, _ = task.step(state, torch.zeros(1, 1, dtype=torch.long), PLAIN)
    assert left == [0.2, 0.2, 0.8, 0.8, 0.2, 0.2] + [0.25] * 6
    assert (state.trial, state.phase, task.n_steps) == (12, 0, 12)


def test_the_largest_draw_is_still_a_value():
    state = Volatility(schedule="volatile_first").begin(torch.full((1, 1, 4), 1 - 2**-24))
    assert state.p_reward.tolist() == [[[0.0, 1.0]]]


def test_the_screen_is_constant():
    task = Volatility()
    state = task.begin(PLAIN)
    assert (
        task.observe(state).tolist() == task.observe(state._replace(volatile=1 - state.volatile)).tolist() == [[[1.0]]]
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"schedule": "both"}, "schedule"),
        ({"p_good_stable": 0.25}, "p_good_stable"),
        ({"p_good_volatile": ()}, "p_good_volatile"),
        ({"p_good_volatile": (0.8, 1.2)}, "p_good_volatile"),
        ({"log_p_switch": (-3.5, -4.5)}, "log_p_switch"),
        ({"log_p_switch": (-1.0, 1.0)}, "log_p_switch"),
        ({"trials_between_reversals": 0}, "trials_between_reversals"),
    ],
)
def test_invalid_values_are_refused(options, said):
    with pytest.raises(BadInput, match=said):
        Volatility(**options)
