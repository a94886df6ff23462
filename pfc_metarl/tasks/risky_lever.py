"""The risky lever: one pellet for certain, or four with a probability."""

import functools
from typing import Annotated, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.settings import settings
from pfc_metarl.tasks.base import Task, TrialColumn
from pfc_metarl.tasks.constants import NONE, Probability, constant, constants

Payoff = Annotated[float, Field(ge=0, allow_inf_nan=False)]

LEFT, RIGHT, CENTRE = 0, 1, 2
SAFE, RISKY = 0, 1


class RiskyLeverState(NamedTuple):
    """What holds when an action is chosen; tensors have shape [network, episode]."""

    trial: int
    phase: int
    forced: int
    """1 in trials that show one lever alone."""
    forced_arm: Tensor
    """The arm that is shown alone: 0 safe, 1 risky; -1 where both are."""
    n_forced_risky: Tensor
    """Trials so far, this one included, that showed the risky arm alone."""
    risky_side: Tensor
    """Where the risky lever is: 0 left, 1 right; it stays for the episode."""
    p_win: Tensor
    """Probability that the risky arm pays; it stays for the episode."""
    safe_reward: Tensor
    """What the safe arm pays; it stays for the episode."""
    last_arm: Tensor
    """Arm pulled in the trial before: 0 safe, 1 risky, -1 none."""
    last_payoff: Tensor
    """What that trial paid at the choice."""


@settings
class RiskyLever(Task):
    """Tests risky choice: a safe arm pays 1 for sure, a risky one 4 with an unknown probability.

    An episode opens with forced trials, which show one lever alone, each arm equally often and in random order; then
    both are shown. Which side is risky, how likely it pays, and what the safe one pays if there are several values, is
    drawn anew in every episode. A trial has two steps: a fixation cue that "centre" must answer, and the choice.

    Parameters
    ----------
    n_trials : int
        Trials of an episode.
    n_forced : int
        Forced pulls of each arm, at the beginning.
    p_risky : tuple of float
        Values from which the probability that the risky arm pays is drawn, each as likely as the others.
    safe_reward : tuple of float
        Values from which what the safe arm pays is drawn, likewise.
    risky_reward : float
        What the risky arm pays.
    invalid_reward : float
        Reward of an invalid response: not "centre" at fixation, or a lever that is not shown, or none, at the choice.

    Notes
    -----
    Simulation 6 of Wang et al. 2018, doi:10.1038/s41593-018-0147-8, after Stopper et al. 2014,
    doi:10.1016/j.neuron.2014.08.033. The rat's fixed sides and blocks become episodes.

    Examples
    --------
    >>> task = RiskyLever(p_risky=(0.5,))
    >>> state = task.begin(torch.tensor([[[0.9, 0.0, 0.2, 0.0]]]))
    >>> state.risky_side.item(), state.p_win.item(), state.safe_reward.item(), state.forced_arm.item()
    (1, 0.5, 1.0, 1)
    >>> task.observe(state).tolist()  # the fixation cue
    [[[1.0, 0.0, 0.0]]]
    """

    n_trials: int = Field(30, ge=1)
    n_forced: int = Field(5, ge=0)
    p_risky: tuple[Probability, ...] = Field((0.125, 0.5), min_length=1)
    safe_reward: tuple[Payoff, ...] = Field((1.0,), min_length=1)
    risky_reward: float = Field(4.0, ge=0, allow_inf_nan=False)
    invalid_reward: float = Field(-1.0, le=0, allow_inf_nan=False)

    @property
    def action_names(self) -> tuple[str, ...]:
        return ("left", "right", "centre")

    @property
    def phase_names(self) -> tuple[str, ...]:
        return ("fixation", "choice")

    @property
    def channel_names(self) -> tuple[str, ...]:
        return ("fixation", "left_lever", "right_lever")

    @property
    def n_steps(self) -> int:
        return 2 * self.n_trials

    @property
    def n_draws(self) -> int:
        return 4

    @property
    def trial_columns(self) -> dict[str, TrialColumn]:
        read_at_choice = ("reward", "risky_side", "forced", "p_win", "safe_reward")
        return {
            "response": TrialColumn("action", "choice"),
            **{name: TrialColumn(name, "choice") for name in read_at_choice},
        }

    @property
    def no_response_actions(self) -> tuple[str, ...]:
        return ("centre",)

    def begin(self, noise: Tensor) -> RiskyLeverState:
        side, p_win, forced, safe = noise.unbind(-1)
        state = RiskyLeverState(
            trial=NONE,
            phase=1,
            forced=0,
            forced_arm=torch.full(side.shape, NONE, device=noise.device),
            n_forced_risky=torch.zeros(side.shape, dtype=torch.long, device=noise.device),
            risky_side=(side >= 0.5).long(),
            p_win=_drawn(self.p_risky, p_win),
            safe_reward=_drawn(self.safe_reward, safe),
            last_arm=torch.full(side.shape, NONE, device=noise.device),
            last_payoff=torch.zeros(side.shape, device=noise.device),
        )
        return self._next_trial(state, forced)

    def observe(self, state: RiskyLeverState) -> Tensor:
        device, shape = state.risky_side.device, state.risky_side.shape
        if state.phase == 0:
            return constants((1.0, 0.0, 0.0), device).expand(*shape, -1)
        screen = torch.add(state.forced_arm + 1, state.risky_side, alpha=3)
        return _levers(device).index_select(0, screen.flatten()).view(*shape, -1)

    def step(self, state: RiskyLeverState, action: Tensor, noise: Tensor) -> tuple[RiskyLeverState, Tensor]:
        if state.phase == 0:
            return state._replace(phase=1), self.invalid_reward * (action != CENTRE)
        device = action.device
        none, pulled = constant(NONE, device), action != CENTRE
        arm = torch.where(pulled, (action == state.risky_side).long(), none)
        valid = pulled & ((state.forced_arm == none) | (arm == state.forced_arm))
        risky = constant(self.risky_reward, device) * (noise[..., 0] < state.p_win)
        paid = torch.where(arm == RISKY, risky, state.safe_reward)
        reward = torch.where(valid, paid, constant(self.invalid_reward, device))
        after = state._replace(last_arm=torch.where(valid, arm, none), last_payoff=reward)
        return self._next_trial(after, noise[..., 1]), reward

    def _next_trial(self, state: RiskyLeverState, noise: Tensor) -> RiskyLeverState:
        """Go on to the next trial; a forced one takes its arm as from an urn of those that are left."""
        trial = state.trial + 1
        left = 2 * self.n_forced - trial
        if left <= 0:
            return state._replace(trial=trial, phase=0, forced=0, forced_arm=torch.full_like(state.forced_arm, NONE))
        risky = (noise * left < self.n_forced - state.n_forced_risky).long()
        n_risky = state.n_forced_risky + risky
        return state._replace(trial=trial, phase=0, forced=1, forced_arm=risky, n_forced_risky=n_risky)


def _drawn(values: tuple[float, ...], noise: Tensor) -> Tensor:
    """Return one of the values, each as likely as the others."""
    return constants(values, noise.device)[(noise * len(values)).long().clamp(max=len(values) - 1)]


@functools.cache
def _levers(device: torch.device) -> Tensor:
    """Return the levers that are shown, by risky side and then both arms, safe or risky alone, [row, channel]."""
    safe, risky = torch.eye(3)[1:]
    rows = [[safe + risky, safe, risky], [safe + risky, risky, safe]]  # the risky lever is right, then left
    return torch.stack([row for side in reversed(rows) for row in side]).to(device)
