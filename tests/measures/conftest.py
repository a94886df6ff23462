import functools

import pytest

from pfc_metarl.agents import ANIMALS, LatentState
from pfc_metarl.recording import record
from pfc_metarl.tasks import TwoStep

# Science sheet 3.4: its "Bayes" learner has a softmax of gain 5 on the difference in belief, which is
# (2 p_common - 1)(p_reward_good - p_reward_bad) times smaller in value.
OBSERVER = LatentState(inverse_temperature=5 / (0.6 * 0.8))


@pytest.fixture(scope="session")
def animal():
    """Two individuals of a reference animal in the two-step task of Wang et al. 2018, by the animal's name."""
    agents = {**ANIMALS, "soft_observer": OBSERVER}
    task = TwoStep(n_trials=100, p_common=0.8, p_reward_good=0.9, p_reward_bad=0.1, p_reversal=0.025)

    @functools.cache
    def recorded(name):
        return record(task, agents[name], n_episodes=100, seed=0, networks=(0, 1))

    return recorded
