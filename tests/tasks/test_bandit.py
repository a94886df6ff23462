import pytest
import torch
from scipy.stats import binomtest, kstest, pearsonr

from pfc_metarl.agents import Random
from pfc_metarl.settings import BadInput
from pfc_metarl.tasks import Bandit, check_task

DISTRIBUTIONS = [
    {"n_arms": 2},
    {"n_arms": 5},
    {"arms": "correlated"},
    {"arms": "correlated", "p_first": (0.25, 0.75)},
    {"arms": "correlated", "p_first": (0.1, 0.5, 0.9), "show_trial": True},
]


def drawn(task, n=4000):
    """Probabilities of reward of many worlds, [world, arm]."""
    noise = torch.rand(1, n, task.n_draws, generator=torch.Generator().manual_seed(0))
    return task.begin(noise).p_reward[0]


@pytest.mark.parametrize("options", DISTRIBUTIONS, ids=str)
def test_every_distribution_keeps_the_contract(options):
    check_task(Bandit(n_trials=6, **options))


@pytest.mark.parametrize("n_arms", [2, 4])
def test_independent_arms_are_uniform_and_uncorrelated(n_arms):
    p_reward = drawn(Bandit(n_arms=n_arms))
    assert p_reward.shape == (4000, n_arms)
    assert all(kstest(p, "uniform").pvalue > 0.001 for p in p_reward.unbind(-1))
    assert pearsonr(p_reward[:, 0], p_reward[:, 1]).pvalue > 0.001


def test_correlated_arms_are_uniform_and_sum_to_one():
    p_reward = drawn(Bandit(arms="correlated"))
    assert kstest(p_reward[:, 0], "uniform").pvalue > 0.001
    torch.testing.assert_close(p_reward.sum(-1), torch.ones(4000))


@pytest.mark.parametrize("values", [(0.1, 0.9), (0.25, 0.75), (0.2, 0.5, 0.8), (0.3,)])
def test_given_values_come_equally_often(values):
    p_reward = drawn(Bandit(arms="correlated", p_first=values))
    torch.testing.assert_close(p_reward.sum(-1), torch.ones(4000))
    for value in values:
        hits = (p_reward[:, 0] - value).abs() < 1e-6
        assert binomtest(int(hits.sum()), 4000, 1 / len(values)).pvalue > 0.001


def test_the_largest_draw_is_still_a_value():
    task = Bandit(arms="correlated", p_first=(0.25, 0.75))
    noise = torch.full((1, 1, task.n_draws), 1 - 2**-24)
    assert task.begin(noise).p_reward.tolist() == [[[0.75, 0.25]]]


def test_an_arm_pays_with_its_own_probability(live):
    trajectory = live(Bandit(arms="correlated", p_first=(0.2, 0.8)), Random(), n_episodes=200)
    state, action, reward = trajectory.state(), trajectory.action(), trajectory.reward()
    assert set(reward.unique().tolist()) == {0, 1}
    for value in (0.2, 0.8):
        for arm in (0, 1):
            here = (action == arm) & ((state["p_reward"][..., arm] - value).abs() < 1e-6)
            assert binomtest(int(reward[here].sum()), int(here.sum()), value).pvalue > 0.001


def test_reward_follows_the_action_at_once_and_the_world_stays():
    task = Bandit(n_trials=3)
    state = task.begin(torch.tensor([[[0.9, 0.2]]]))
    noise = torch.tensor([[[0.5, 0.0]]])
    paid = []
    for action in (0, 1, 0):
        state, reward = task.step(state, torch.tensor([[action]]), noise)
        paid.append(reward.item())
        assert state.p_reward.tolist() == torch.tensor([[[0.9, 0.2]]]).tolist()
    assert paid == [1, 0, 1]
    assert (state.trial, state.phase, task.n_steps) == (3, 0, 3)


def test_the_screen_shows_the_trial_on_request():
    state = Bandit().begin(torch.full((1, 1, 2), 0.5))._replace(trial=25)
    assert Bandit().observe(state).tolist() == [[[1.0]]]
    assert Bandit(show_trial=True).observe(state).tolist() == [[[1.0, 0.25]]]
    assert Bandit(show_trial=True).channel_names == ("screen", "trial_number")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"arms": "correlated", "n_arms": 3}, "n_arms = 3 must be 2"),
        ({"p_first": (0.25,)}, "needs arms"),
        ({"arms": "correlated", "p_first": (1.5,)}, "less than or equal to 1"),
        ({"n_arms": 1}, "n_arms"),
        ({"arms": "anticorrelated"}, "arms"),
    ],
)
def test_invalid_values_are_refused(options, said):
    with pytest.raises(BadInput, match=said):
        Bandit(**options)
