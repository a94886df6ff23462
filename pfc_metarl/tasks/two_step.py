"""The two-step task: credit for a reward goes to the state it came from."""

import functools
from typing import NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.settings import settings
from pfc_metarl.tasks.base import Task, TrialColumn
from pfc_metarl.tasks.constants import NONE, constant


class TwoStepState(NamedTuple):
    """What holds when an action is chosen; tensors have shape [network, episode]."""

    trial: int
    phase: int
    good_state: Tensor
    """Second-stage state with the higher probability of reward."""
    p_reward: Tensor
    """Probability of reward, shape [network, episode, second_stage_state, second_stage_option]."""
    choice1: Tensor
    """First-stage choice of this trial; -1 before it is made."""
    state2: Tensor
    """Second-stage state reached; -1 before."""
    common: Tensor
    """1 after a common transition, 0 after a rare one, -1 before."""


@settings
class TwoStep(Task):
    """Tests model-based control: credit for a reward belongs to the state it came from, not to the choice made.

    A first-stage choice leads to its own second-stage state with probability `p_common`, else to the other. The
    second-stage state pays 1 with its own probability. As published in 2018 the two probabilities swap without
    notice, and the second stage has no choice. Options give the variants of 2016 (no swaps) and of Daw et al.
    (a second-stage choice, drifting probabilities).

    Parameters
    ----------
    n_trials : int
        Trials of an episode.
    p_common : float
        Probability of the common transition.
    p_reward_good : float
        Probability of reward in the good state. Not used where rewards drift.
    p_reward_bad : float
        Probability of reward in the other state. Not used where rewards drift.
    p_reversal : float
        Probability, per trial, that the two states swap. Not used where rewards drift.
    second_stage_choice : bool
        Whether the second stage has a choice between two options, each with its own probability of reward.
    drift_sd : float
        Standard deviation, per trial, of a Gaussian walk of each probability of reward; 0 means swaps instead.
    drift_low : float
        Lower bound, at which the walk is reflected.
    drift_high : float
        Upper bound, at which the walk is reflected.
    fixation : bool
        Whether a trial opens with a fixation cue that a third action, "centre", must answer.
    invalid_reward : float
        Reward of an invalid response (with `fixation` only). An invalid first-stage response loses the trial.

    Notes
    -----
    Rewards are paid after the second-stage action. Sources: Wang et al. 2018, doi:10.1038/s41593-018-0147-8;
    Wang et al. 2016, arXiv:1611.05763; Daw et al. 2011, doi:10.1016/j.neuron.2011.02.027.

    Examples
    --------
    >>> task = TwoStep(n_trials=2)
    >>> state = task.begin(torch.full((1, 3, task.n_draws), 0.1))
    >>> task.observe(state).shape
    torch.Size([1, 3, 3])
    """

    n_trials: int = Field(100, ge=1, le=1_000_000)
    p_common: float = Field(0.8, ge=0, le=1)
    p_reward_good: float = Field(0.9, ge=0, le=1)
    p_reward_bad: float = Field(0.1, ge=0, le=1)
    p_reversal: float = Field(0.025, ge=0, le=1)
    second_stage_choice: bool = False
    drift_sd: float = Field(0.0, ge=0, le=0.5)
    drift_low: float = Field(0.25, ge=0, le=1)
    drift_high: float = Field(0.75, ge=0, le=1)
    fixation: bool = False
    invalid_reward: float = Field(-1.0, le=0)

    def __post_init__(self) -> None:
        if self.drift_low >= self.drift_high:
            raise ValueError(f"drift_low = {self.drift_low} must lie below drift_high = {self.drift_high}")
        if self.p_reward_bad > self.p_reward_good:
            raise ValueError(f"p_reward_bad = {self.p_reward_bad} must not exceed p_reward_good = {self.p_reward_good}")

    @property
    def action_names(self) -> tuple[str, ...]:
        return ("left", "right", "centre") if self.fixation else ("left", "right")

    @property
    def phase_names(self) -> tuple[str, ...]:
        return ("fixation", "first_stage", "second_stage") if self.fixation else ("first_stage", "second_stage")

    @property
    def channel_names(self) -> tuple[str, ...]:
        return (*self.phase_names[:-1], "second_stage_0", "second_stage_1")

    @property
    def n_steps(self) -> int:
        return self.n_trials * len(self.phase_names)

    @property
    def n_options(self) -> int:
        """Options of a second-stage state."""
        return 2 if self.second_stage_choice else 1

    @property
    def n_draws(self) -> int:
        return 1 + 2 * self.n_options

    @property
    def field_dims(self) -> dict[str, tuple[str, ...]]:
        return {"p_reward": ("second_stage_state", "second_stage_option")}

    @property
    def trial_columns(self) -> dict[str, TrialColumn]:
        states, stage = ("state_0", "state_1"), "second_stage"
        second_choice = {"choice2": TrialColumn("action", stage)} if self.second_stage_choice else {}
        return {
            "choice1": TrialColumn("choice1", stage, codes=("left", "right"), response=True),
            "state2": TrialColumn("state2", stage, codes=states),
            **second_choice,
            "common": TrialColumn("common", stage, codes=("rare", "common")),
            "reward": TrialColumn("reward", stage if self.fixation else None),
            "good_state": TrialColumn("good_state", stage, codes=states),
        }

    @property
    def no_response_actions(self) -> tuple[str, ...]:
        return ("centre",) if self.fixation else ()

    def begin(self, noise: Tensor) -> TwoStepState:
        if self.drift_sd:
            p_reward = self.drift_low + (self.drift_high - self.drift_low) * noise[..., 1:].unflatten(-1, (2, -1))
            good_state = p_reward.amax(-1).argmax(-1)
        else:
            good_state = (noise[..., 0] < 0.5).long()
            p_reward = self._p_reward_of_options(good_state)
        none = _filled(NONE, good_state.shape, good_state.device)
        return TwoStepState(0, 0, good_state, p_reward, choice1=none, state2=none, common=none)

    def observe(self, state: TwoStepState) -> Tensor:
        *before, of_states = _screens(len(self.phase_names) - 1, state.state2.device)
        if state.phase < len(before):
            return before[state.phase].expand(*state.state2.shape, -1)
        return of_states[state.state2]  # the last, where no state was reached, is empty

    def step(self, state: TwoStepState, action: Tensor, noise: Tensor) -> tuple[TwoStepState, Tensor]:
        phase = self.phase_names[state.phase]
        if phase == "fixation":
            return state._replace(phase=state.phase + 1), self.invalid_reward * (action != 2)
        if phase == "first_stage":
            return self._transition(state, action, noise)
        return self._next_trial(state, noise), self._outcome(state, action, noise)

    def _transition(self, state: TwoStepState, action: Tensor, noise: Tensor) -> tuple[TwoStepState, Tensor]:
        common = (noise[..., 0] < constant(self.p_common, noise.device)).long()
        state2 = (action == common).long()
        reward = _filled(0.0, action.shape, noise.device)
        if self.fixation:
            lost = action == 2
            action, state2, common = (field.masked_fill(lost, NONE) for field in (action, state2, common))
            reward = reward.masked_fill(lost, self.invalid_reward)
        return state._replace(phase=state.phase + 1, choice1=action, state2=state2, common=common), reward

    def _outcome(self, state: TwoStepState, action: Tensor, noise: Tensor) -> Tensor:
        if self.second_stage_choice:
            valid = state.state2 >= 0
            option = action.clamp(max=1)
            reached = state.state2.clamp(min=0) * 2 + option
            paid = noise[..., 0] < state.p_reward.flatten(-2).gather(-1, reached.unsqueeze(-1)).squeeze(-1)
            return torch.where(valid & (action == 2), self.invalid_reward, (paid & valid & (action < 2)).float())
        if self.drift_sd:
            reached = state.state2.clamp(min=0).unsqueeze(-1)
            p_reward = state.p_reward.squeeze(-1).gather(-1, reached).squeeze(-1)
        else:
            p_good, p_bad = (constant(p, noise.device) for p in (self.p_reward_good, self.p_reward_bad))
            p_reward = torch.where(state.state2 == state.good_state, p_good, p_bad)
        paid = (noise[..., 0] < p_reward).float()
        return paid.masked_fill(state.state2 < 0, 0) if self.fixation else paid

    def _next_trial(self, state: TwoStepState, noise: Tensor) -> TwoStepState:
        if self.drift_sd:
            walk = self.drift_sd * torch.special.ndtri(noise[..., 1:].clamp(1e-6, 1 - 1e-6)).unflatten(-1, (2, -1))
            p_reward = self._reflected(state.p_reward + walk)
            good_state = p_reward.amax(-1).argmax(-1)
        else:
            good_state = state.good_state ^ (noise[..., 1] < constant(self.p_reversal, noise.device)).long()
            p_reward = self._p_reward_of_options(good_state)
        none = _filled(NONE, good_state.shape, good_state.device)
        return TwoStepState(state.trial + 1, 0, good_state, p_reward, choice1=none, state2=none, common=none)

    def _p_reward_of_options(self, good_state: Tensor) -> Tensor:
        return _p_reward(self.p_reward_good, self.p_reward_bad, self.n_options, good_state.device)[good_state]

    def _reflected(self, p_reward: Tensor) -> Tensor:
        width = self.drift_high - self.drift_low
        distance = (p_reward - self.drift_low).remainder(2 * width)
        return self.drift_low + torch.where(distance > width, 2 * width - distance, distance)


@functools.cache
def _screens(n_before: int, device: torch.device) -> tuple[Tensor, ...]:
    """Return what each phase before the second stage shows, [channel]; last, its two states and none, [3, channel]."""
    screens = torch.eye(n_before + 3, n_before + 2, device=device)
    return *screens[:n_before], screens[n_before:]


@functools.cache
def _p_reward(if_good: float, if_bad: float, n_options: int, device: torch.device) -> Tensor:
    """Return the probabilities of reward by good state, [good_state, second_stage_state, second_stage_option]."""
    return torch.tensor([[if_good, if_bad], [if_bad, if_good]], device=device).unsqueeze(-1).repeat(1, 1, n_options)


@functools.cache
def _filled(value: float, shape: torch.Size, device: torch.device) -> Tensor:
    return torch.full(shape, value, device=device)
