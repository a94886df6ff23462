import pytest
from scipy.stats import binom

from pfc_metarl.experiments.two_step_wang2016 import EXPERIMENT
from pfc_metarl.simulation.recording import record


def test_the_numbers_are_those_of_the_paper():
    task = EXPERIMENT.task
    assert (task.n_trials, task.p_common, task.p_reversal) == (10, 0.75, 0)
    assert (task.p_reward_good, task.p_reward_bad) == (0.9, 0.1)


def exact_reward_of_the_ideal_observer():
    """Mean over trials t of 0.3 + 0.4 P(right first choice).

    Whatever is chosen, a trial is evidence for the good state with probability 0.9: a reward there, or none in the
    other. So after t trials the choice is right if more than half of t outcomes were, and half the time if half were.
    """
    rewards = []
    for t in range(10):
        p_right = binom.sf(t / 2, t, 0.9) + (t % 2 == 0) * binom.pmf(t // 2, t, 0.9) / 2
        rewards.append(0.3 + 0.4 * p_right)  # 0.75 x 0.9 + 0.25 x 0.1 = 0.7 if it is right, and 0.3 if not
    return sum(rewards) / 10


def test_the_expected_reward_of_the_ideal_observer_is_exact():
    (row,) = [headline for headline in EXPERIMENT.headlines if headline.measure == "reward"]
    assert f"ideal observer {exact_reward_of_the_ideal_observer():.3f}," in row.expected


def test_the_ideal_observer_reaches_every_criterion_and_chance_none():
    agents = EXPERIMENT.probes["test"].reference_agents
    reached = {}
    for name in ("latent_state", "random"):
        test = record(EXPERIMENT.task, agents[name], n_episodes=1000, seed=0, networks=(0, 1))
        rows = EXPERIMENT.summary(EXPERIMENT.measures({"test": test}))
        reached[name] = [row["reached"] for row in rows]
        if name == "latent_state":
            assert rows[0]["mean"] == pytest.approx(exact_reward_of_the_ideal_observer(), abs=0.008)
    assert reached == {"latent_state": [2] * 5, "random": [0] * 5}
