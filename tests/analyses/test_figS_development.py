import numpy as np
import pytest

from analyses import figS_development
from pfc_metarl.experiments import two_step
from pfc_metarl.experiments.reference_agents import REFERENCE_AGENTS_TWO_STEP
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep


def test_every_way_of_blocking_is_an_experiment():
    assert {name.removeprefix("runs/") for name in figS_development.RUN} <= set(two_step.VARIANTS)


def test_dopamine_is_taken_where_the_event_follows():
    task = TwoStep(n_trials=20)
    made = record(task, REFERENCE_AGENTS_TWO_STEP["random"], n_episodes=10, seed=0, networks=(0, 1))
    reached, reward = made["state2"], made["reward"]
    next_reached = reached.shift(step=-1, fill_value=-1)  # what the step after shows
    value = np.where(made["phase"] == 0, 10.0 + (next_reached == made["good_state"]), 20.0 + reward)
    found = figS_development.dopamine(made.assign(rpe=(made["reward"].dims, value)))["rpe"]
    expected = {"good state": 11.0, "other state": 10.0, "reward": 21.0, "no reward": 20.0}
    for event, mean in expected.items():
        assert found.sel(event=event).values == pytest.approx([mean] * 2)
