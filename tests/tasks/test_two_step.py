import pytest
import torch
from scipy.stats import binomtest, kstest

from pfc_metarl.agents import Random
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import TwoStep

SURE = {"p_common": 1.0, "p_reward_good": 1.0, "p_reward_bad": 0.0, "p_reversal": 0.0}
FIRST, SECOND = slice(0, None, 2), slice(1, None, 2)


def walk(task, actions, noise=0.25):
    """States, observations and rewards of one world whose every draw is `noise`, or a list with one per step."""
    draws = noise if isinstance(noise, list) else [noise] * (len(actions) + 1)
    state = task.begin(torch.full((1, 1, task.n_draws), draws[0]))
    visited = []
    for action, draw in zip(actions, draws[1:], strict=True):
        shown = task.observe(state)[0, 0].tolist()
        after, reward = task.step(state, torch.tensor([[action]]), torch.full((1, 1, task.n_draws), draw))
        visited.append((state, shown, reward.item()))
        state = after
    return visited


def rate(hits, expected):
    """Assert that the fraction of yes is as expected, by a binomial test."""
    assert binomtest(int(hits.sum()), hits.numel(), expected).pvalue > 0.001, hits.float().mean()


def test_a_trial_is_two_steps_and_pays_after_the_second():
    good = int(walk(TwoStep(**SURE), [0])[0][0].good_state)
    visited = walk(TwoStep(**SURE), [good, 0, 1 - good, 0, good, 1])
    assert [(state.trial, state.phase) for state, _, _ in visited] == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]
    assert [reward for _, _, reward in visited] == [0, 1, 0, 0, 0, 1]


def test_the_screen_shows_the_stage_and_the_state_reached():
    shown = [shown for _, shown, _ in walk(TwoStep(**SURE), [0, 0, 1, 0])]
    assert TwoStep().channel_names == ("first_stage", "second_stage_0", "second_stage_1")
    assert shown == [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]]


def test_the_log_says_what_was_chosen_and_reached_and_nothing_before_it_was():
    first, second = (state for state, _, _ in walk(TwoStep(**SURE), [1, 0]))
    assert (first.choice1.item(), first.state2.item(), first.common.item()) == (-1, -1, -1)
    assert (second.choice1.item(), second.state2.item(), second.common.item()) == (1, 1, 1)


@pytest.mark.parametrize(("p_common", "reached"), [(1.0, [0, 1]), (0.0, [1, 0])])
def test_a_rare_transition_leads_to_the_other_state(p_common, reached):
    for choice in (0, 1):
        state = walk(TwoStep(**{**SURE, "p_common": p_common}), [choice, 0])[1][0]
        assert state.state2.item() == reached[choice]
        assert state.common.item() == p_common


@pytest.mark.parametrize(("p_reversal", "swaps"), [(0.0, [0, 0, 0]), (1.0, [0, 1, 0])])
def test_a_reversal_is_between_trials(p_reversal, swaps):
    states = [state for state, _, _ in walk(TwoStep(**{**SURE, "p_reversal": p_reversal}), [0] * 6)]
    good = torch.stack([state.good_state for state in states]).flatten()
    assert torch.equal(good[FIRST], good[SECOND])
    assert (good[FIRST] ^ good[0]).tolist() == swaps


def test_everything_happens_with_the_stated_probability(live):
    task = TwoStep(n_trials=100, p_common=0.7, p_reward_good=0.8, p_reward_bad=0.3, p_reversal=0.05)
    trajectory = live(task, Random(), n_episodes=200)
    state, paid = trajectory.state(), trajectory.reward()[SECOND] > 0
    common, at_good = state["common"][SECOND] == 1, state["state2"][SECOND] == state["good_state"][SECOND]
    swapped = state["good_state"][FIRST].diff(dim=0) != 0
    assert torch.equal(common, state["state2"][SECOND] == state["choice1"][SECOND])
    assert not trajectory.reward()[FIRST].any()
    for choice in (0, 1):
        rate(common[state["choice1"][SECOND] == choice], 0.7)
    for was_common in (True, False):
        rate(paid[at_good & (common == was_common)], 0.8)
        rate(paid[~at_good & (common == was_common)], 0.3)
    for was_paid in (True, False):
        rate(swapped[paid[:-1] == was_paid], 0.05)
    rate(task.begin(torch.rand(1, 10000, 3, generator=torch.Generator().manual_seed(0))).good_state, 0.5)


@pytest.mark.parametrize("drift_sd", [0.0, 0.05])
@pytest.mark.parametrize("second_stage_choice", [False, True])
def test_the_logged_probability_is_the_one_that_pays(live, second_stage_choice, drift_sd):
    task = TwoStep(n_trials=100, second_stage_choice=second_stage_choice, drift_sd=drift_sd)
    trajectory = live(task, Random(), n_episodes=300)
    state, paid = trajectory.state(), trajectory.reward()[SECOND] > 0
    p_reward = state["p_reward"][SECOND]
    option = trajectory.action()[SECOND] * second_stage_choice
    column = state["state2"][SECOND] * p_reward.shape[-1] + option
    p_paid = p_reward.flatten(-2).gather(-1, column[..., None])[..., 0]
    for low, high in ((0.0, 0.4), (0.4, 0.6), (0.6, 1.0)):
        here = (p_paid > low) & (p_paid <= high)
        if here.any():
            expected = p_paid[here]
            surplus = (paid[here].float() - expected).sum() / (expected * (1 - expected)).sum().sqrt()
            assert abs(surplus) < 4
    best = p_reward.amax(-1).argmax(-1)
    assert torch.equal(best, state["good_state"][SECOND])


def test_the_walk_of_daw_has_the_stated_spread_and_stays_inside(live):
    trajectory = live(TwoStep(n_trials=300, second_stage_choice=True, drift_sd=0.025), Random(), n_episodes=100)
    p_reward = trajectory.state()["p_reward"][FIRST, 0].flatten(-2)
    assert p_reward.min() >= 0.25
    assert p_reward.max() <= 0.75
    free = ((p_reward[:-1] > 0.4) & (p_reward[:-1] < 0.6)).all(-1)  # six standard deviations from the bounds
    change, paid = p_reward.diff(dim=0)[free], trajectory.reward()[SECOND, 0][:-1][free]
    sd, n = 0.025, len(change)
    assert abs(change.mean(0)).max() < 4 * sd / n**0.5
    assert abs(change.std(0) - sd).max() < 4 * sd / (2 * n) ** 0.5
    alone = torch.corrcoef(torch.cat([change, paid[:, None]], -1).T) - torch.eye(5)
    assert abs(alone).max() < 4 / n**0.5, "of each other and of the outcome"
    for trial in (0, -1):
        assert kstest(p_reward[trial].flatten().numpy(), "uniform", (0.25, 0.5)).pvalue > 0.001


@pytest.mark.parametrize(("start", "draw", "after"), [(0.98, 0.97725, 0.71), (0.02, 0.02275, 0.29)])
def test_the_walk_is_reflected_at_its_bounds(start, draw, after):
    # 0.25 + 0.5 * 0.98 = 0.74, two standard deviations further is 0.79, reflected at 0.75 it is 0.71
    task = TwoStep(second_stage_choice=True, drift_sd=0.025)
    states = [state for state, _, _ in walk(task, [0] * 3, [start, 0.5, draw, 0.5])]
    assert states[0].p_reward.flatten().tolist() == pytest.approx([0.25 + 0.5 * start] * 4)
    assert torch.equal(states[1].p_reward, states[0].p_reward)
    assert states[2].p_reward.flatten().tolist() == pytest.approx([after] * 4, abs=1e-4)


def test_fixation_opens_the_trial_and_only_centre_answers_it():
    visited = walk(TwoStep(**SURE, fixation=True), [2, 1, 0, 1, 1, 0])
    assert TwoStep(fixation=True).action_names[2] == "centre"
    assert [shown for _, shown, _ in visited[:3]] == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1]]
    assert [reward for _, _, reward in visited][::3] == [0, -1]
    assert [state.phase for state, _, _ in visited] == [0, 1, 2, 0, 1, 2]
    assert [state.choice1.item() for state, _, _ in visited] == [-1, -1, 1, -1, -1, 1], (
        "a missed fixation does not lose the trial"
    )


@pytest.mark.parametrize("second_stage_choice", [False, True])
def test_an_invalid_choice_loses_the_trial(second_stage_choice):
    sure = {**SURE, "p_reward_bad": 1.0}
    task = TwoStep(**sure, fixation=True, second_stage_choice=second_stage_choice, invalid_reward=-0.5)
    visited = walk(task, [2, 2, 0, 2, 0, 1, 2, 2, 2])
    assert [reward for _, _, reward in visited] == [0, -0.5, 0, 0, 0, 1, 0, -0.5, 0]
    lost, shown, _ = visited[2]
    assert (lost.choice1.item(), lost.state2.item(), lost.common.item()) == (-1, -1, -1)
    assert shown == [0, 0, 0, 0]


def test_centre_is_invalid_at_the_second_stage_where_there_is_a_choice():
    task = TwoStep(**{**SURE, "p_reward_bad": 1.0}, fixation=True, second_stage_choice=True)
    assert [reward for _, _, reward in walk(task, [2, 0, 2, 2, 0, 1])] == [0, 0, -1, 0, 0, 1]


@pytest.mark.parametrize(
    "wrong",
    [{"p_common": 1.1}, {"n_trials": 0}, {"drift_low": 0.75}, {"p_reward_good": 0.05}, {"invalid_reward": 1.0}],
)
def test_a_wrong_task_is_refused(wrong):
    with pytest.raises(BadInput, match=r"^TwoStep"):
        TwoStep(**wrong)
