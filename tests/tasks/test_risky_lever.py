from itertools import combinations

import pytest
import torch
from scipy.stats import binomtest, chi2_contingency, chisquare
from scipy.stats.contingency import crosstab

from pfc_metarl.agents import Random
from pfc_metarl.data.trial_table import trials
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_RISKY_LEVER
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.rollout import rollout
from pfc_metarl.tasks import RiskyLever, check_task

LEFT, RIGHT, CENTRE = 0, 1, 2
SAFE, RISKY = 0, 1


@pytest.mark.parametrize(
    "options", [{"n_forced": 0}, {"n_forced": 2}, {"p_risky": (0.3,)}, {"safe_reward": (0.0, 2.0)}], ids=str
)
def test_every_variant_keeps_the_contract(options):
    check_task(RiskyLever(n_trials=6, **options))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"p_risky": (1.5,)}, "less than"),
        ({"p_risky": ()}, "at least 1"),
        ({"safe_reward": (-1.0,)}, "greater than"),
        ({"safe_reward": ()}, "at least 1"),
        ({"n_forced": -1}, "0"),
    ],
)
def test_invalid_values_are_refused(options, said):
    with pytest.raises(BadInput, match=said):
        RiskyLever(**options)


@pytest.fixture(scope="module")
def lived():
    """Fields of 2000 episodes of a random agent, [step, episode]."""
    from pfc_metarl.simulation import noise

    task = RiskyLever(n_trials=12, safe_reward=(1.0, 3.0))
    drawn = noise.draw(noise.generators(0, (0,), "tests"), task.n_steps, 2000, task.n_draws, 3)
    trajectory = rollout(task, Random(), drawn)
    fields = {**trajectory.state(), "action": trajectory.action(), "reward": trajectory.reward()}
    return {name: values[:, 0] for name, values in fields.items()} | {"shown": trajectory.observation()[:, 0]}


def test_each_arm_is_forced_equally_often_in_every_order(lived):
    forced, arm = lived["forced"][::2], lived["forced_arm"][::2]
    assert forced[:, 0].tolist() == [1] * 10 + [0] * 2
    assert ((arm[:10] == RISKY).sum(0) == 5).all()
    assert (arm[10:] == -1).all()
    for row in arm[:10]:
        assert binomtest(int((row == RISKY).sum()), 2000, 0.5).pvalue > 0.001
    first_two = (2 * arm[0] + arm[1]).bincount(minlength=4)
    assert chisquare(first_two, 2000 * torch.tensor([4, 5, 5, 4]) / 18).pvalue > 0.001, "drawn without replacement"


def test_sides_probabilities_and_safe_payoffs_are_drawn_independently_and_stay(lived):
    drawn = {"risky_side": (LEFT, RIGHT), "p_win": (0.125, 0.5), "safe_reward": (1.0, 3.0)}
    for name, ends in drawn.items():
        assert (lived[name] == lived[name][0]).all()
        first, second = (int((lived[name][0] == value).sum()) for value in ends)
        assert first + second == 2000
        assert binomtest(first, 2000, 0.5).pvalue > 0.001
    for name, other in combinations(drawn, 2):
        together = crosstab(lived[name][0].numpy(), lived[other][0].numpy()).count
        assert chi2_contingency(together).pvalue > 0.001, (name, other)


def test_the_screen_shows_the_cue_then_the_levers_that_can_be_pulled(lived):
    shown, side, arm = lived["shown"], lived["risky_side"], lived["forced_arm"]
    assert (shown[::2] == torch.tensor([1.0, 0.0, 0.0])).all()
    at_choice = shown[1::2]
    assert (at_choice[..., 0] == 0).all()
    assert (at_choice[10:, :, 1:] == 1).all()
    alone = torch.where(arm[1:20:2] == RISKY, side[:10], 1 - side[:10])
    assert (at_choice[:10, :, 1:] == torch.eye(2)[alone]).all()


def test_what_each_response_pays(lived):
    action, reward = lived["action"], lived["reward"]
    assert torch.equal(reward[::2], torch.where(action[::2] == CENTRE, 0.0, -1.0))
    arm = torch.where(action == CENTRE, -1, (action == lived["risky_side"]).long())
    allowed = (arm >= 0) & ((lived["forced_arm"] < 0) | (arm == lived["forced_arm"]))
    arm, paid, allowed = arm[1::2], reward[1::2], allowed[1::2]
    assert (paid[~allowed] == -1).all()
    safe = allowed & (arm == SAFE)
    assert torch.equal(paid[safe], lived["safe_reward"][1::2][safe])
    for p in (0.125, 0.5):
        outcome = paid[allowed & (arm == RISKY) & (lived["p_win"][1::2] == p)]
        assert set(outcome.tolist()) == {0, 4}
        assert binomtest(int((outcome == 4).sum()), len(outcome), p).pvalue > 0.001
    before = {name: lived[f"last_{name}"][2::2] for name in ("arm", "payoff")}
    assert torch.equal(before["arm"], torch.where(allowed, arm, -1)[:-1])
    assert torch.equal(before["payoff"], paid[:-1])
    assert (lived["last_arm"][:2] == -1).all()


def test_the_trial_table_says_what_a_measure_of_risk_needs():
    from pfc_metarl.simulation.recording import record

    table = trials(record(RiskyLever(), REFERENCE_AGENTS_RISKY_LEVER["lever_learner"], 3, seed=0))
    assert {"response", "risky_side", "forced", "p_win", "safe_reward", "reward"} <= set(table)
    assert table.groupby("session")["forced"].sum().tolist() == [10, 10, 10]
    assert len(table) == 90
