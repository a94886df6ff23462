import pytest
import torch
from scipy.stats import chisquare

from pfc_metarl.agents import agent_of
from pfc_metarl.models import TargetSearch
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import InformativeArm, check_task


@pytest.mark.parametrize("options", [{"n_trials": 3}, {"n_targets": 2, "show_trial": True}], ids=str)
def test_the_options_keep_the_contract(options):
    check_task(InformativeArm(**options))


def test_every_arm_is_the_target_equally_often():
    noise = torch.rand(1, 5000, 1, generator=torch.Generator().manual_seed(0))
    target = InformativeArm().begin(noise).target[0]
    assert chisquare(torch.bincount(target, minlength=10)).pvalue > 0.001


def test_payoffs_are_those_of_the_paper():
    task = InformativeArm()
    state = task.begin(torch.full((1, 1, 1), 0.65))  # the seventh arm
    expected = [1.0] * 6 + [5.0] + [1.0] * 3 + [0.7]
    rewards = [task.step(state, torch.tensor([[arm]]), torch.zeros(1, 1, 1))[1].item() for arm in range(11)]
    assert rewards == pytest.approx(expected)


def test_the_first_pull_of_an_arm_is_worth_what_the_paper_says():
    noise = torch.arange(0.05, 1, 0.1).reshape(1, 10, 1)
    means = InformativeArm().begin(noise).payoff.mean((0, 1))
    torch.testing.assert_close(means[:10], torch.full((10,), 1.4))
    assert means[10].item() == pytest.approx(0.55)


# 0.55 + 4 x 5; and, searching without the arm, the mean over when the target is found: science sheet 2.3
@pytest.mark.parametrize(("informed", "expected"), [(True, 20.55), (False, 11.0)])
def test_rewards_of_both_strategies(informed, expected):
    task = InformativeArm()
    made = record(task, agent_of(TargetSearch(informed=informed), task), n_episodes=2000, seed=0, networks=(0,))
    earned = made["reward"].sum("step").values
    assert abs(earned.mean() - expected) < 4 * earned.std() / 2000**0.5


def test_the_rewards_that_can_occur():
    assert InformativeArm(n_targets=3).reward_values == (0.1, 0.2, 0.3, 1.0, 5.0)


def test_a_single_target_is_refused():
    with pytest.raises(BadInput, match="n_targets"):
        InformativeArm(n_targets=1)
