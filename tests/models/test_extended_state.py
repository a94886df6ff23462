import math

import pytest
import torch

from pfc_metarl.agents import agent_of
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP
from pfc_metarl.measures import lagged_regression
from pfc_metarl.models import ExtendedState
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep

TASK = TwoStep(n_trials=100)
PRACTISED = agent_of(ExtendedState(learning_rate=0.0), TwoStep)
# Bayes: P(good | paid) = 0.9, after a possible reversal 0.9 * 0.975 + 0.1 * 0.025 = 0.88; so the state that paid pays
# 0.1 + 0.8 * 0.88 = 0.804, the other 0.196, and the choices 0.8 and 0.2 of them
LIKELY, UNLIKELY = 0.8 * 0.804 + 0.2 * 0.196, 0.8 * 0.196 + 0.2 * 0.804
GAIN = 5 * (LIKELY - UNLIKELY)


@pytest.mark.parametrize(
    ("state2", "reward", "better"), [(0, 1.0, 0), (1, 1.0, 1), (0, 0.0, 1), (1, 0.0, 0)], ids=["0+", "1+", "0-", "1-"]
)
@pytest.mark.parametrize("choice1", [0, 1])
def test_only_the_end_of_the_last_trial_counts(teach, choice1, state2, reward, better):
    expected = torch.tensor([LIKELY, UNLIKELY]).roll(better)
    for before in ([], [(1, 1, 0, 1.0)], [(0, 1, 0, 0.0), (0, 0, 0, 1.0)]):
        values, logits = teach(PRACTISED, [*before, (choice1, state2, 0, reward)])
        torch.testing.assert_close(values[-1], expected)
        torch.testing.assert_close(logits[-1], 5 * expected)


def test_a_habit_is_learned_from_reward_alone_by_hand(teach):
    agent = agent_of(ExtendedState(learning_rate=0.5, trace=0.5, practised=False), TwoStep)
    # the first trial follows nothing: Q = 0.5 + 0.5 * (0 + 0.5 * 0.5), unseen from here on.
    # the second follows state 1 with reward; it takes choice 0, rare, to state 1, unpaid: Q = 0.5 - 0.5 * 0.5 * 0.5.
    # the third comes after state 1 without reward; when the cue "1 with reward" is back, that habit is read out
    trials = [(0, 1, 0, 1.0), (0, 1, 0, 0.0), (1, 1, 0, 1.0)]
    values, _ = teach(agent, trials)
    torch.testing.assert_close(values, torch.tensor([[0.5, 0.5], [0.5, 0.5], [0.375, 0.5]]))


def test_practice_converges_to_the_initial_values(live):
    task = TwoStep(n_trials=800)
    learner = agent_of(ExtendedState(practised=False, learning_rate=0.06, inverse_temperature=0.0), task)
    trajectory = live(task, learner, n_episodes=300)
    values, state = trajectory.readout()["action_value"], trajectory.state()
    state2, reward = state["state2"][1::2][-101:-1], trajectory.reward()[1::2][-101:-1]
    after_trial = values[::2][-100:]
    for at, paid, expected in ((0, 1, (LIKELY, UNLIKELY)), (1, 1, (UNLIKELY, LIKELY)), (0, 0, (UNLIKELY, LIKELY))):
        learned = after_trial[(state2 == at) & (reward == paid)].mean(0)
        torch.testing.assert_close(learned, torch.tensor(expected), atol=0.015, rtol=0)


def test_one_trial_back_it_is_a_planner(live, stays):
    stay = 1 / (1 + math.exp(-GAIN))
    got = stays(live(TASK, PRACTISED, n_episodes=1000))
    expected = {"RC": stay, "RU": 1 - stay, "NC": 1 - stay, "NU": stay}
    assert {name: got[name] for name in expected} == pytest.approx(expected, abs=0.02)


def test_beyond_one_trial_it_remembers_nothing():
    lags = lagged_regression(record(TASK, PRACTISED, n_episodes=150, seed=0))
    signs = torch.tensor([1.0, -1.0, -1.0, 1.0]).numpy()[:, None]
    error = 4 * lags["standard_error"]
    assert (abs(lags["coefficient"] - GAIN * signs).sel(lag=1) < error.sel(lag=1)).all()
    assert (abs(lags["coefficient"]) < error).sel(lag=slice(2, None)).all()


def test_habits_that_go_on_learning_stay_habits():
    lags = lagged_regression(
        record(TASK, REFERENCE_AGENTS_TWO_STEP["extended_state"], n_episodes=100, seed=0, networks=(0, 1))
    )
    weight = lags["planning_weight"].mean("subject")
    assert weight.sel(lag=1) > 6
    assert (abs(weight.sel(lag=slice(2, None))) < 0.1 * weight.sel(lag=1)).all()
