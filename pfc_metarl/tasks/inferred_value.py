"""The reversal task of inferred value: the outcome of one target indicates the value of the other."""

import functools
from typing import Literal, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.settings import settings
from pfc_metarl.tasks.base import Task, TrialColumn
from pfc_metarl.tasks.constants import constant

CENTRE = 2
"""The action that holds fixation; the actions before it are saccades to the targets of their number."""


class InferredValueState(NamedTuple):
    """What holds when an action is chosen; tensors have shape [network, episode]."""

    trial: int
    phase: int
    rewarded_side: Tensor
    """Side at which a saccade is rewarded: 0 left, 1 right. The latent state."""
    cue_side: Tensor
    """Side of this trial's target; it is shown from the phase "cue" on."""
    block: Tensor
    """Reversals so far in this episode."""
    trial_of_block: Tensor
    """Trials since the last reversal, or since the episode began; 0 in the trial of the reversal itself."""


@settings
class InferredValue(Task):
    """Tests inference: after a reversal the value of a target changes before it is seen again.

    A trial takes four steps. "fixation": a fixation point, to be answered by "centre". "cue": one of two targets, left
    or right with equal probability, appears beside it, and "centre" still holds fixation. "action": the fixation point
    is gone, and a saccade to the target is required; it is rewarded if this side is the rewarded one. "outcome": the
    screen is dark and any action is valid; the reward has arrived. There is one target only, so nothing is chosen: a
    reversal changes the value of the cue and nothing else. Reversals are not signalled.

    Parameters
    ----------
    n_trials : int
        Trials of an episode.
    schedule : {"hazard", "once"}
        Whether reversals come, after `min_block` trials of a block, with probability `p_reversal` at the start of each
        trial, or once an episode, at the start of any trial after the first `min_block`, each as likely as the others.
    min_block : int
        Trials of a block, at least.
    p_reversal : float
        Probability of a reversal; not used with the schedule "once".
    reward : float
        Reward of a saccade to the rewarded side.
    invalid_reward : float
        Reward of an invalid response. The trial goes on; but a target that the saccade missed pays nothing.

    Notes
    -----
    After Bromberg-Martin et al. 2010, doi:10.1152/jn.00158.2010, as simulated by Wang et al. 2018,
    doi:10.1038/s41593-018-0147-8, Fig. 4. Their schedule of reversals is not known; both of these are ours. The value
    of a cue enters at the step in which it is first seen, so the prediction error in response to the cue is that of the
    step before: ``rpe`` at "fixation". In the same way the response to the reward is ``rpe`` at "action".

    Examples
    --------
    >>> task = InferredValue(n_trials=2)
    >>> state = task.begin(torch.tensor([[[0.7, 0.2]]]))
    >>> state.rewarded_side.item(), state.cue_side.item()
    (1, 0)
    """

    n_trials: int = Field(30, ge=1, le=1_000_000)
    schedule: Literal["hazard", "once"] = "hazard"
    min_block: int = Field(4, ge=1)
    p_reversal: float = Field(0.15, ge=0, le=1)
    reward: float = Field(1.0, ge=0, allow_inf_nan=False)
    invalid_reward: float = Field(-1.0, le=0, allow_inf_nan=False)

    action_names = ("left", "right", "centre")
    channel_names = ("fixation_point", "left_target", "right_target")
    phase_names = ("fixation", "cue", "action", "outcome")
    n_draws = 2

    def __post_init__(self) -> None:
        if self.schedule == "once" and self.min_block >= self.n_trials:
            raise ValueError(f"min_block = {self.min_block} must lie below n_trials = {self.n_trials}")

    @property
    def n_steps(self) -> int:
        return self.n_trials * len(self.phase_names)

    @property
    def trial_columns(self) -> dict[str, TrialColumn]:
        read_at_action = ("cue_side", "rewarded_side", "block", "trial_of_block", "reward")
        return {
            **{name: TrialColumn(name, "action") for name in read_at_action},
            "saccade": TrialColumn("action", "action"),
        }

    @property
    def no_response_actions(self) -> tuple[str, ...]:
        return ("centre",)

    def begin(self, noise: Tensor) -> InferredValueState:
        rewarded_side, cue_side = (noise < 0.5).logical_not().long().unbind(-1)
        none = torch.zeros_like(cue_side)
        return InferredValueState(0, 0, rewarded_side, cue_side, block=none, trial_of_block=none)

    def observe(self, state: InferredValueState) -> Tensor:
        screens = _screens(state.cue_side.device)[state.phase]
        return screens.index_select(0, state.cue_side.flatten()).view(*state.cue_side.shape, -1)

    def step(self, state: InferredValueState, action: Tensor, noise: Tensor) -> tuple[InferredValueState, Tensor]:
        phase = self.phase_names[state.phase]
        if phase == "outcome":
            return self._next_trial(state, noise), constant(0.0, noise.device).expand(action.shape)
        on = state._replace(phase=state.phase + 1)
        if phase == "action":
            paid = self.reward * (state.cue_side == state.rewarded_side)
            return on, paid + (self.invalid_reward - paid) * (action != state.cue_side)
        return on, self.invalid_reward * (action != CENTRE)

    def _next_trial(self, state: InferredValueState, noise: Tensor) -> InferredValueState:
        reverses = (noise[..., 0] < self._p_reversal(state)).long()
        return InferredValueState(
            trial=state.trial + 1,
            phase=0,
            rewarded_side=state.rewarded_side ^ reverses,
            cue_side=(noise[..., 1] >= constant(0.5, noise.device)).long(),
            block=state.block + reverses,
            trial_of_block=(state.trial_of_block + 1) * (1 - reverses),
        )

    def _p_reversal(self, state: InferredValueState) -> Tensor:
        """Return the probability that the next trial begins with a reversal."""
        old_enough = state.trial_of_block + 1 >= self.min_block
        if self.schedule == "hazard":
            return self.p_reversal * old_enough
        trials_left = max(self.n_trials - state.trial - 1, 1)
        return (old_enough & (state.block == 0)) / trials_left


@functools.cache
def _screens(device: torch.device) -> Tensor:
    """Return what is shown, [phase, cue side, channel]."""
    point, targets, dark = torch.tensor([1.0, 0.0, 0.0]).expand(2, 3), torch.eye(3)[1:], torch.zeros(2, 3)
    return torch.stack([point, point + targets, targets, dark]).to(device)
