import functools

import pytest

from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep


@pytest.fixture(scope="session")
def reference_agent():
    """Two individuals of a reference agent in the two-step task of Wang et al. 2018, by name."""
    task = TwoStep(n_trials=100, p_common=0.8, p_reward_good=0.9, p_reward_bad=0.1, p_reversal=0.025)

    @functools.cache
    def recorded(name):
        return record(task, REFERENCE_AGENTS_TWO_STEP[name], n_episodes=100, seed=0, networks=(0, 1))

    return recorded
