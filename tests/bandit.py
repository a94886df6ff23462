"""A two-armed bandit as a lab writes it: imported by tests, or copied as text into a script of theirs."""

from typing import NamedTuple

import torch

from pfc_metarl import Task, settings


class State(NamedTuple):
    trial: int
    phase: int
    good_arm: torch.Tensor


@settings
class Bandit(Task):
    n_trials: int = 5
    patience: float | None = None

    action_names = ("left", "right")
    channel_names = ("screen",)
    phase_names = ("choice",)
    trial_columns = {"choice1": ("action", "choice"), "reward": ("reward", "choice")}

    @property
    def n_steps(self):
        return self.n_trials

    def begin(self, noise):
        return State(0, 0, (noise[..., 0] < 0.5).long())

    def observe(self, state):
        return torch.ones(*state.good_arm.shape, 1)

    def step(self, state, action, noise):
        return state._replace(trial=state.trial + 1), (action == state.good_arm).float()
