from typing import NamedTuple

import numpy as np
import torch

from pfc_metarl.agents import AgentDefaults
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import TwoStep


class Confidence(NamedTuple):
    logits: torch.Tensor
    value: torch.Tensor


class Alternator(AgentDefaults):
    """All that the contract asks of a laboratory's own agent."""

    readouts = {"logits": ("option",), "value": ()}
    discount = 0.5
    values_reach_next_trial = True

    def begin(self, shape):
        return torch.zeros(shape, dtype=torch.long)

    def act(self, percept, memory, noise):
        return memory % 2, Confidence(torch.zeros_like(noise), memory.float()), memory + 1


def test_a_custom_agent_is_run_and_recorded(live):
    trajectory = live(TwoStep(n_trials=3), Alternator())
    assert trajectory.action()[:, 0, 0].tolist() == [0, 1, 0, 1, 0, 1]
    recording = record(TwoStep(n_trials=3), Alternator(), n_episodes=2, seed=0)
    assert recording["value"].isel(network=0, episode=1).values.tolist() == [0, 1, 2, 3, 4, 5]
    assert (recording["policy"] == 0.5).all()
    # reward + 0.5 * (t + 1) - t, and nothing after the last step
    ahead = np.array([0.5, 0.0, -0.5, -1.0, -1.5, -5.0])
    np.testing.assert_allclose(recording["rpe"], recording["reward"] + ahead, atol=1e-6)
