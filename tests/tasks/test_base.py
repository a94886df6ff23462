from typing import NamedTuple

import pytest
import torch

from pfc_metarl.agents import Random
from pfc_metarl.settings import settings
from pfc_metarl.simulation.recording import record
from pfc_metarl.tasks import Task, check_task


class CoinState(NamedTuple):
    trial: int
    phase: int
    heads: torch.Tensor


@settings
class Coin(Task):
    """The minimal task of a lab that fulfils the contract: which side comes next?"""

    n_trials: int = 6

    @property
    def action_names(self):
        return ("heads", "tails")

    @property
    def channel_names(self):
        return ("cue",)

    @property
    def phase_names(self):
        return ("guess",)

    @property
    def n_steps(self):
        return self.n_trials

    def begin(self, noise):
        return CoinState(0, 0, noise[..., 0] < 0.5)

    def observe(self, state):
        return torch.ones(*state.heads.shape, 1)

    def step(self, state, action, noise):
        return CoinState(state.trial + 1, 0, noise[..., 0] < 0.5), ((action == 0) == state.heads).float()


def test_what_a_task_need_not_say():
    assert Coin().n_draws == 1
    assert Coin().field_dims == {}
    assert Coin().trial_columns == {}


def test_a_custom_task_is_checked_run_and_recorded(live):
    check_task(Coin())
    assert live(Coin(), Random()).reward().shape == (6, 1, 8)
    recording = record(Coin(), Random(), n_episodes=4, seed=0)
    assert dict(recording.sizes) == {"network": 1, "episode": 4, "step": 6, "channel": 1, "option": 2}
    assert recording["option"].values.tolist() == ["heads", "tails"]
    assert recording["heads"].dtype == "int8"
    expected = (recording["action"] == 0) == (recording["heads"] == 1)
    assert (recording["reward"] == expected).all()


def test_a_task_that_leaves_out_a_function_is_refused():
    class Half(Task):
        pass

    with pytest.raises(TypeError, match="abstract"):
        Half()
