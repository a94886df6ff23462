import numpy as np
import pandas as pd
import pytest

from pfc_metarl.data.trial_table import trials
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_BANDIT, REFERENCE_AGENTS_OF
from pfc_metarl.measures import across_subjects, cumulative_regret
from pfc_metarl.settings import BadInput
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Bandit, InformativeArm


def session(choice1, p_reward, subject=0, session=0):
    arms = {f"p_reward_{arm}": p for arm, p in enumerate(p_reward)}
    keys = {"subject": subject, "session": session, "trial": range(len(choice1))}
    return pd.DataFrame({**keys, "choice1": choice1, "reward": 0, **arms})


def test_regret_by_hand():
    table = pd.concat([session([0, 1, 0], (0.2, 0.7)), session([0, 0, 1], (0.9, 0.5), session=1)])
    got = cumulative_regret(table.reset_index(drop=True))
    np.testing.assert_allclose(got["cumulative_regret"], [[0.25, 0.25, 0.7]])
    np.testing.assert_allclose(got["p_suboptimal"], [[0.5, 0.0, 1.0]])
    np.testing.assert_allclose(got["regret"], [0.7])
    assert got["n_sessions"].values.tolist() == [2]


def test_subjects_are_kept_apart_and_equal_arms_cost_nothing():
    table = pd.concat([session([1, 1], (0.3, 0.8)), session([1, 2], (0.5, 0.5, 0.1), subject=4)])
    with_three = table.fillna({"p_reward_2": 0.0}).reset_index(drop=True)
    got = cumulative_regret(with_three)
    assert got["subject"].values.tolist() == [0, 4]
    np.testing.assert_allclose(got["cumulative_regret"], [[0, 0], [0, 0.4]])
    np.testing.assert_allclose(got["p_suboptimal"], [[0, 0], [0, 1]])


def test_trials_without_a_choice_are_left_out():
    table = session([0, 1], (0.2, 0.7)).astype({"choice1": "Int64"})
    other = session([0, 1], (0.4, 0.6), session=1).astype({"choice1": "Int64"})
    other.loc[0, "choice1"] = pd.NA
    got = cumulative_regret(pd.concat([table, other], ignore_index=True))
    np.testing.assert_allclose(got["cumulative_regret"], [[0.5, 0.5]])


# Chance loses half of the difference at every trial: 100/2 * 1/3 on D_i, 100/2 * 0.8 on D_e; the optimum: sheet 2.1
@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("random", {}, 100 / 6),
        ("random", {"arms": "correlated", "p_first": (0.1, 0.9)}, 40.0),
        ("bayes_optimal", {}, 1.75),
        ("thompson", {}, 2.79),
    ],
)
def test_regret_of_reference_agents_is_known(name, options, expected):
    only = ("p_reward",)
    made = record(
        Bandit(**options), REFERENCE_AGENTS_BANDIT[name], n_episodes=200, seed=0, networks=tuple(range(4)), only=only
    )
    statistics = across_subjects(cumulative_regret(made))["regret"]
    mean, sem = statistics.sel(statistic="mean").item(), statistics.sel(statistic="sem").item()
    assert abs(mean - expected) < 3.5 * max(sem, 0.02 * expected, 0.1)
    by_hand = made["p_reward"].max("option") - np.take_along_axis(
        made["p_reward"].values, made["action"].values[..., None].astype(int), -1
    ).squeeze(-1)
    np.testing.assert_allclose(cumulative_regret(made)["regret"], by_hand.sum("step").mean("episode"), rtol=1e-5)


def test_recordings_and_their_tables_give_the_same():
    made = record(
        Bandit(n_trials=5, n_arms=3), REFERENCE_AGENTS_BANDIT["random"], n_episodes=4, seed=0, networks=(2, 7)
    )
    table = trials(made)
    assert {"p_reward_arm_0", "p_reward_arm_1", "p_reward_arm_2"} <= set(table)
    assert cumulative_regret(made).identical(cumulative_regret(table))


def test_a_table_without_the_probabilities_of_arms_is_refused():
    with pytest.raises(BadInput, match="no columns p_reward_<arm> or payoff_<arm>"):
        cumulative_regret(session([0, 1], (0.5,)))
    with pytest.raises(BadInput, match="choice1 = 2 in the trial table: must be the number of an arm, 0 to 1"):
        cumulative_regret(session([0, 2], (0.5, 0.1)))


def test_a_subject_with_fewer_trials_has_its_own_regret():
    parts = [session([1] * n, (0.8, 0.2), subject=name) for name, n in (("A", 10), ("B", 8))]
    got = cumulative_regret(pd.concat(parts, ignore_index=True))
    assert got["regret"].sel(subject="A") == pytest.approx(6.0)
    assert got["regret"].sel(subject="B") == pytest.approx(4.8)
    np.testing.assert_array_equal(np.isfinite(got["cumulative_regret"]).sum("trial"), [10, 8])
    assert got["n_trials"].values.tolist() == [10, 8]


def test_a_missing_trial_adds_nothing():
    made = session([1, 1, 1, 1], (0.8, 0.2))
    got = cumulative_regret(pd.concat([made[made["trial"] != 2], session([1] * 4, (0.8, 0.2), subject=1)]))
    np.testing.assert_allclose(got["cumulative_regret"], [[0.6, 1.2, 1.2, 1.8], [0.6, 1.2, 1.8, 2.4]])


def test_probabilities_are_probabilities():
    with pytest.raises(BadInput, match="p_reward_0 = 80 in the trial table: must be a probability, 0 to 1"):
        cumulative_regret(session([0, 1], (80, 0.2)))


def payoffs(made):
    return made.rename(columns={name: name.replace("p_reward", "payoff") for name in made})


def test_payoffs_may_have_any_size_and_sign():
    made = payoffs(session([0, 1, 2], (-2.0, 5.0, 1.5)))
    np.testing.assert_allclose(cumulative_regret(made)["cumulative_regret"], [[7, 7, 10.5]])


def test_subjects_with_other_numbers_of_trials_have_their_own_regret_in_payoffs_too():
    parts = [payoffs(session([0] * n, (1.0, 4.0), subject=name)) for name, n in (("A", 3), ("B", 1))]
    got = cumulative_regret(pd.concat(parts, ignore_index=True))
    assert got["regret"].values.tolist() == [9, 3]
    np.testing.assert_array_equal(got["cumulative_regret"], [[3, 6, 9], [3, np.nan, np.nan]])


def test_only_one_kind_of_columns_is_taken_and_payoffs_are_finite():
    made = session([0, 1], (0.2, 0.7))
    with pytest.raises(BadInput, match="p_reward_0 and payoff_0; leave one of the two kinds out"):
        cumulative_regret(made.assign(payoff_0=1.0, payoff_1=2.0))
    with pytest.raises(BadInput, match="payoff_1: this column of the trial table must hold finite numbers"):
        cumulative_regret(payoffs(session([0, 1], (0.2, np.inf))))


def test_the_search_without_the_informative_arm_loses_what_is_known():
    """It earns 11.0 of the 25 that five pulls of the target pay (science sheet, 2.3); the target is the best arm."""
    task = InformativeArm()
    made = record(task, REFERENCE_AGENTS_OF[InformativeArm]["search"], n_episodes=400, seed=0, networks=(0, 1, 2, 3))
    got = cumulative_regret(made)["regret"]
    earned = made["reward"].sum("step").mean("episode").values
    np.testing.assert_allclose(got, 25 - earned, rtol=1e-5)
    assert got.mean() == pytest.approx(14.0, abs=0.3)
