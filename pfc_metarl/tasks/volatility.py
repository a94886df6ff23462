"""The volatility task: one of two arms pays, and how often they reverse must be inferred."""

import functools
from typing import Annotated, Literal, NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.settings import settings
from pfc_metarl.tasks.base import Task, TrialColumn
from pfc_metarl.tasks.constants import constant, constants

GoodArm = Annotated[float, Field(ge=0.5, le=1)]
"""Probability of reward of the better arm."""


class VolatilityState(NamedTuple):
    """What holds when an action is chosen; tensors have shape [network, episode]."""

    trial: int
    phase: int
    p_reward: Tensor
    """Probability of reward of each arm, shape [network, episode, option]; they sum to 1."""
    volatile: Tensor
    """1 while the arms reverse now and then, 0 while they stay."""
    p_switch: Tensor
    """Probability, per trial, that stable becomes volatile or the reverse; 0 where that is scheduled."""


@settings
class Volatility(Task):
    """Tests whether the learning rate adapts to the world: low if it is stable, high if it is volatile.

    On each trial exactly one of two arms pays, so the outcome of either arm informs about both. Stable worlds keep the
    better arm, volatile ones reverse it. A trial is one step.

    Parameters
    ----------
    n_trials : int
        Trials of an episode.
    schedule : {"random", "stable_first", "volatile_first"}
        Whether worlds become stable and volatile at random, as in training, or one half of the episode is stable and
        the other volatile, as at test.
    p_good_stable : float
        Probability of reward of the better arm while the world is stable.
    p_good_volatile : tuple of float
        Values from which that probability is drawn, each as likely, whenever the world becomes volatile.
    p_reversal : float
        Probability, per trial, that the arms reverse while the world is volatile. Only for the random schedule.
    log_p_switch : pair of float
        Bounds between which κ is drawn for each episode; e^κ is the probability, per trial, that a stable world becomes
        volatile or the reverse. Only for the random schedule.
    trials_between_reversals : int
        Trials after which the arms reverse in the volatile half. Not for the random schedule.

    Notes
    -----
    Which arm is better is drawn anew when the world turns stable or volatile. Sources: Wang et al. 2018,
    doi:10.1038/s41593-018-0147-8, Fig. 3; Behrens et al. 2007, doi:10.1038/nn1954.

    Examples
    --------
    >>> task = Volatility(schedule="volatile_first", p_good_volatile=(0.8,))
    >>> state = task.begin(torch.full((1, 1, task.n_draws), 0.9))
    >>> [round(p, 3) for p in state.p_reward[0, 0].tolist()], state.volatile.tolist()
    ([0.2, 0.8], [[1]])
    """

    n_trials: int = Field(200, ge=1, le=1_000_000)
    schedule: Literal["random", "stable_first", "volatile_first"] = "random"
    p_good_stable: GoodArm = 0.75
    p_good_volatile: Annotated[tuple[GoodArm, ...], Field(min_length=1)] = (0.8, 1.0)
    p_reversal: float = Field(0.2, ge=0, le=1)
    log_p_switch: tuple[float, float] = (-4.5, -3.5)
    trials_between_reversals: int = Field(25, ge=1)

    def __post_init__(self) -> None:
        low, high = self.log_p_switch
        if not -100 <= low <= high <= 0:
            raise ValueError(f"log_p_switch = {self.log_p_switch} must be two logarithms of probabilities in order")

    @property
    def action_names(self) -> tuple[str, ...]:
        return ("left", "right")

    @property
    def phase_names(self) -> tuple[str, ...]:
        return ("choice",)

    @property
    def channel_names(self) -> tuple[str, ...]:
        return ("screen",)

    @property
    def n_steps(self) -> int:
        return self.n_trials

    @property
    def n_draws(self) -> int:
        return 4

    @property
    def field_dims(self) -> dict[str, tuple[str, ...]]:
        return {"p_reward": ("option",)}

    @property
    def trial_columns(self) -> dict[str, TrialColumn]:
        return {
            "choice1": TrialColumn("action", "choice"),
            "reward": TrialColumn("reward"),
            "volatile": TrialColumn("volatile", "choice"),
            "p_reward": TrialColumn("p_reward", "choice"),
        }

    @property
    def half(self) -> int:
        """Trial with which the second half of an episode begins."""
        return (self.n_trials + 1) // 2

    def begin(self, noise: Tensor) -> VolatilityState:
        side, level, kind, log_p = noise.unbind(-1)
        if self.schedule == "random":
            low, high = self.log_p_switch
            volatile, p_switch = (kind < 0.5).long(), (low + (high - low) * log_p).exp()
        else:
            volatile, p_switch = (kind < (self.schedule == "volatile_first")).long(), torch.zeros_like(kind)
        return VolatilityState(0, 0, self._drawn(volatile, side, level), volatile, p_switch)

    def observe(self, state: VolatilityState) -> Tensor:
        return constants((1.0,), state.volatile.device).expand(*state.volatile.shape, -1)

    def step(self, state: VolatilityState, action: Tensor, noise: Tensor) -> tuple[VolatilityState, Tensor]:
        outcome, *others = noise.unbind(-1)
        left_pays = outcome < state.p_reward[..., 0]
        reward = (left_pays ^ action).float()
        p_reward, volatile = (self._at_random if self.schedule == "random" else self._by_clock)(state, *others)
        return VolatilityState(state.trial + 1, 0, p_reward, volatile, state.p_switch), reward

    def _at_random(self, state: VolatilityState, kind: Tensor, side: Tensor, level: Tensor) -> tuple[Tensor, Tensor]:
        turned = kind < state.p_switch
        volatile = state.volatile ^ turned
        reversed_ = side < constants((0.0, self.p_reversal), side.device).take(volatile)
        stayed = torch.where(reversed_.unsqueeze(-1), state.p_reward.flip(-1), state.p_reward)
        return torch.where(turned.unsqueeze(-1), self._drawn(volatile, side, level), stayed), volatile

    def _by_clock(self, state: VolatilityState, kind: Tensor, side: Tensor, level: Tensor) -> tuple[Tensor, Tensor]:
        trial = state.trial + 1
        if trial == self.half:
            volatile = 1 - state.volatile
            return self._drawn(volatile, side, level), volatile
        in_volatile_half = (trial < self.half) == (self.schedule == "volatile_first")
        since = trial if trial < self.half else trial - self.half
        if in_volatile_half and since % self.trials_between_reversals == 0:
            return state.p_reward.flip(-1), state.volatile
        return state.p_reward, state.volatile

    def _drawn(self, volatile: Tensor, side: Tensor, level: Tensor) -> Tensor:
        """Draw the probabilities of reward of arms that have just become stable or volatile."""
        device, n = side.device, len(self.p_good_volatile)
        kind = torch.add((level * constant(float(n), device)).long(), volatile, alpha=n + 1)
        row = torch.add(kind, side < constant(0.5, device), alpha=2 * (n + 1))
        pairs = _p_reward(self.p_good_stable, self.p_good_volatile, device)
        return pairs.index_select(0, row.flatten()).view(*side.shape, 2)


@functools.lru_cache(maxsize=64)
def _p_reward(stable: float, volatile: tuple[float, ...], device: torch.device) -> Tensor:
    """Return the probabilities of reward of the arms, by whether left is better, volatile, and level, [row, option].

    The last level stands twice, because noise times the number of levels may be rounded up.
    """
    p_good = torch.tensor([stable] * (len(volatile) + 1) + [*volatile, volatile[-1]])
    p_left = torch.cat([1 - p_good, p_good])
    return torch.stack([p_left, 1 - p_left], -1).to(device)
