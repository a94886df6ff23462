"""The two-step task in which rewards and transitions both reverse: no fixed rule from outcome to choice is right."""

from typing import NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.settings import settings
from pfc_metarl.tasks.base import Task, TrialColumn
from pfc_metarl.tasks.constants import NONE


class TwoStepReversingState(NamedTuple):
    """What holds when an action is chosen; tensors have shape [network, episode]."""

    trial: int
    phase: int
    good_state: Tensor
    """Second-stage state with the higher probability of reward."""
    transitions: Tensor
    """0 where left commonly leads to state 0, 1 where it commonly leads to state 1."""
    good_choice: Tensor
    """First-stage choice that commonly leads to the good state."""
    choice1: Tensor
    """First-stage choice of this trial; -1 before it is made."""
    state2: Tensor
    """Second-stage state reached; -1 before."""
    common: Tensor
    """1 after a transition that is common at present, 0 after a rare one, -1 before."""


@settings
class TwoStepReversing(Task):
    """Tests planning with transitions that must be learned: rewards and transitions reverse, independently.

    A trial is that of `TwoStep`: a first-stage choice leads to its common second-stage state with probability
    `p_common`, and the state pays 1 with its own probability. Without notice the two states swap what they pay, and at
    other times the two choices swap where they lead. In `TwoStep`, where transitions never reverse, "after a reward in
    state 0 go left" is a rule without a plan that is always right; here it is wrong in half of the trials.

    Parameters
    ----------
    n_trials : int
        Trials of an episode.
    p_common : float
        Probability of the common transition.
    p_reward_good : float
        Probability of reward in the good state.
    p_reward_bad : float
        Probability of reward in the other state.
    p_reversal : float
        Probability, per trial, that the two states swap.
    p_transition_reversal : float
        Probability, per trial, that the two choices swap the states that they commonly lead to.

    Notes
    -----
    Akam, Costa & Dayan 2015, doi:10.1371/journal.pcbi.1004648, show that in a two-step task with fixed transitions
    rules and the inference of a hidden state mimic planning, and reverse the transitions in blocks for that reason.
    Here blocks end at random, as those of `TwoStep` do.

    Examples
    --------
    >>> task = TwoStepReversing(n_trials=2)
    >>> task.observe(task.begin(torch.full((1, 3, task.n_draws), 0.1))).shape
    torch.Size([1, 3, 3])
    """

    n_trials: int = Field(100, ge=1, le=1_000_000)
    p_common: float = Field(0.8, ge=0, le=1)
    p_reward_good: float = Field(0.9, ge=0, le=1)
    p_reward_bad: float = Field(0.1, ge=0, le=1)
    p_reversal: float = Field(0.025, ge=0, le=1)
    p_transition_reversal: float = Field(0.025, ge=0, le=1)

    action_names = ("left", "right")
    phase_names = ("first_stage", "second_stage")
    channel_names = ("first_stage", "second_stage_0", "second_stage_1")
    n_draws = 3

    def __post_init__(self) -> None:
        if self.p_reward_bad > self.p_reward_good:
            raise ValueError(f"p_reward_bad = {self.p_reward_bad} must not exceed p_reward_good = {self.p_reward_good}")

    @property
    def n_steps(self) -> int:
        return 2 * self.n_trials

    @property
    def trial_columns(self) -> dict[str, TrialColumn]:
        states, choices, stage = ("state_0", "state_1"), ("left", "right"), "second_stage"
        return {
            "choice1": TrialColumn("choice1", stage, codes=choices, response=True),
            "state2": TrialColumn("state2", stage, codes=states),
            "common": TrialColumn("common", stage, codes=("rare", "common")),
            "reward": TrialColumn("reward"),
            "good_state": TrialColumn("good_choice", stage, codes=choices),
            "transitions": TrialColumn("transitions", stage, codes=("straight", "crossed")),
        }

    def begin(self, noise: Tensor) -> TwoStepReversingState:
        good_state, transitions, _ = (noise < 0.5).long().unbind(-1)
        return _before_choice(0, good_state, transitions)

    def observe(self, state: TwoStepReversingState) -> Tensor:
        channel = state.state2 + 1  # the first where no state was reached yet
        return (torch.arange(3, device=channel.device) == channel.unsqueeze(-1)).float()

    def step(self, state: TwoStepReversingState, action: Tensor, noise: Tensor) -> tuple[TwoStepReversingState, Tensor]:
        if self.phase_names[state.phase] == "first_stage":
            common = (noise[..., 0] < self.p_common).long()
            state2 = action ^ state.transitions ^ (1 - common)
            after = state._replace(phase=1, choice1=action, state2=state2, common=common)
            return after, torch.zeros_like(noise[..., 0])
        p_reward = torch.where(state.state2 == state.good_state, self.p_reward_good, self.p_reward_bad)
        paid = (noise[..., 0] < p_reward).float()
        good_state = state.good_state ^ (noise[..., 1] < self.p_reversal).long()
        transitions = state.transitions ^ (noise[..., 2] < self.p_transition_reversal).long()
        return _before_choice(state.trial + 1, good_state, transitions), paid


def _before_choice(trial: int, good_state: Tensor, transitions: Tensor) -> TwoStepReversingState:
    none = torch.full_like(good_state, NONE)
    return TwoStepReversingState(
        trial, 0, good_state, transitions, good_state ^ transitions, choice1=none, state2=none, common=none
    )
