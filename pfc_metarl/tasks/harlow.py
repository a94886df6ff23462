"""Harlow's task: two new objects, one of them rewarded, for six trials; then two others.

The procedure (fixation, free gaze, choice, interval) is defined here; how the world is shown, and what an object is,
is left to the tasks that complete it, such as `pfc_metarl.tasks.HarlowObjects`.
"""

from abc import abstractmethod
from typing import NamedTuple

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.settings import settings
from pfc_metarl.tasks.base import Task, TrialColumn
from pfc_metarl.tasks.constants import NONE, constants

FIXATION, CHOICE, INTERVAL, OVER = range(4)


class HarlowState(NamedTuple):
    """What holds when an action is chosen; tensors have shape [network, episode] unless stated otherwise."""

    trial: Tensor
    phase: Tensor
    clock: Tensor
    """Steps for which the cross has been fixated, or which the interval has lasted."""
    gaze: Tensor
    """Position looked at; 0 is the cross, negative ones are left of it."""
    stimuli: Tensor
    """The two objects of this problem, shape [network, episode, object, ...]."""
    good_object: Tensor
    """The object that is rewarded in this problem: 0 or 1."""
    left_objects: Tensor
    """The object on the left in each trial, shape [network, episode, trial]."""
    left_object: Tensor
    """The object on the left in this trial."""
    choice1: Tensor
    """The object chosen in this trial: 0 or 1; -1 before."""
    side: Tensor
    """Where it stood: 0 left, 1 right; -1 before the choice."""
    correct: Tensor
    """1 after a choice of the rewarded object, 0 after the other; -1 before."""
    first_correct: Tensor
    """The same of the first trial of this problem, kept to its end; -1 before its choice."""
    outcome: Tensor
    """What the choice of this trial brought: 1 or -1; 0 before."""


@settings
class Harlow(Task):
    """Tests learning to learn: which of two new objects is rewarded must be known after a single trial.

    The gaze moves on a ring of positions; it is first anywhere that saccades from the cross can lead. A trial begins
    with a cross, to be fixated. Then the two objects of the problem appear left and right of it, on sides drawn anew in
    each trial, and the one that is looked at first is chosen. The objects are still seen in the step after that, then
    nothing, until the next trial begins. An episode is one problem; when its trials are over, nothing happens any more.

    Parameters
    ----------
    n_trials : int
        Trials of an episode, at most.
    max_steps : int
        Steps of an episode; trials that are not done by then are lost.
    n_positions : int
        Positions on the ring.
    eccentricity : int
        Distance of an object from the cross, in positions.
    saccade : int
        Positions by which the actions "left" and "right" turn the gaze.
    tolerance : int
        Distance in positions at which something still counts as looked at.
    fixation_steps : int
        Successive steps for which the cross must be looked at.
    interval_steps : int
        Steps between a choice and the next trial; in the first of them the objects can still be seen.
    fixation_reward : float
        Reward for having fixated the cross.
    balanced : bool
        Whether each object is on the left in half of the trials of an episode; otherwise sides are drawn by a coin.

    Notes
    -----
    Rewarded and other object bring +1 and −1. Sources: Harlow 1949, doi:10.1037/h0062474; Wang et al. 2016,
    arXiv:1611.05763, section 3.2.2; Wang et al. 2018, doi:10.1038/s41593-018-0147-8, Simulation 5.
    """

    n_trials: int = Field(6, ge=1, le=1000)
    max_steps: int = Field(100, ge=1, le=1_000_000)
    n_positions: int = Field(17, ge=3, le=100_000)
    eccentricity: int = Field(3, ge=1)
    saccade: int = Field(1, ge=1)
    tolerance: int = Field(0, ge=0)
    fixation_steps: int = Field(1, ge=1)
    interval_steps: int = Field(2, ge=1)
    fixation_reward: float = Field(0.2, ge=0, le=1)
    balanced: bool = False

    action_names = ("left", "right", "stay")
    phase_names = ("fixation", "choice", "interval", "over")

    def __post_init__(self) -> None:
        if self.tolerance >= self.eccentricity:
            raise ValueError(f"tolerance = {self.tolerance} must be smaller than eccentricity = {self.eccentricity}")
        if 2 * (self.eccentricity + self.tolerance) >= self.n_positions:
            raise ValueError(
                f"eccentricity = {self.eccentricity} with tolerance = {self.tolerance}: the objects meet at the back "
                f"of a ring of n_positions = {self.n_positions}; make it larger"
            )

    @property
    @abstractmethod
    def n_stimulus_draws(self) -> int:
        """Random numbers that the two objects of a problem take."""

    @abstractmethod
    def stimuli(self, noise: Tensor) -> Tensor:
        """Draw the two objects of a problem, shape [network, episode, object, ...].

        Parameters
        ----------
        noise : Tensor, shape [network, episode, n_stimulus_draws]
        """

    @property
    def n_steps(self) -> int:
        return self.max_steps

    @property
    def n_draws(self) -> int:
        return 2 + self.n_trials + self.n_stimulus_draws

    @property
    def field_dims(self) -> dict[str, tuple[str, ...]]:
        return {"left_objects": ("presentation",)}

    @property
    def trial_columns(self) -> dict[str, TrialColumn]:
        return {
            "choice1": TrialColumn("choice1", "interval", codes=("object_0", "object_1"), response=True),
            "reward": TrialColumn("outcome", "interval"),
            "correct": TrialColumn("correct", "interval", codes=("wrong", "right")),
            "side": TrialColumn("side", "interval", codes=("left", "right")),
        }

    def begin(self, noise: Tensor) -> HarlowState:
        coins = noise[..., 2 : 2 + self.n_trials]
        left_objects = coins.argsort(-1).argsort(-1) % 2 if self.balanced else (coins < 0.5).long()
        good_object = (noise[..., 0] < 0.5).long()
        zero, none = torch.zeros_like(good_object), torch.full_like(good_object, NONE)
        return HarlowState(
            trial=zero,
            phase=zero,
            clock=zero,
            gaze=self._on_ring((noise[..., 1] * self.n_positions).long() * self.saccade),
            stimuli=self.stimuli(noise[..., 2 + self.n_trials :]),
            good_object=good_object,
            left_objects=left_objects,
            left_object=left_objects[..., 0],
            choice1=none,
            side=none,
            correct=none,
            first_correct=none,
            outcome=torch.zeros_like(noise[..., 0]),
        )

    def step(self, state: HarlowState, action: Tensor, noise: Tensor) -> tuple[HarlowState, Tensor]:
        turn = constants((-self.saccade, self.saccade, 0), action.device, torch.int64)[action]
        state = state._replace(gaze=self._on_ring(state.gaze + turn))
        fixating, choosing, waiting = (state.phase == phase for phase in (FIXATION, CHOICE, INTERVAL))
        clock = (state.clock + 1).masked_fill_(~(waiting | (fixating & self._looked_at(state.gaze, 0))), 0)
        fixated = fixating & (clock >= self.fixation_steps)
        passed = waiting & (clock >= self.interval_steps)
        right = self._looked_at(state.gaze, self.eccentricity)
        chosen = choosing & (right | self._looked_at(state.gaze, -self.eccentricity))
        state = self._next_trial(self._choice(state, chosen, right), passed)
        state = state._replace(
            clock=clock.masked_fill_(fixated | passed, 0),
            phase=state.phase.masked_fill(fixated, CHOICE).masked_fill_(chosen, INTERVAL),
        )
        return state, self.fixation_reward * fixated + state.outcome * chosen

    def _choice(self, state: HarlowState, chosen: Tensor, right: Tensor) -> HarlowState:
        side = right.long()
        choice1 = state.left_object ^ side
        correct = (choice1 == state.good_object).long()
        outcome = 2.0 * correct - 1
        now = {"side": side, "choice1": choice1, "correct": correct, "outcome": outcome}
        fields = {name: torch.where(chosen, value, getattr(state, name)) for name, value in now.items()}
        first = torch.where(chosen & (state.trial == 0), correct, state.first_correct)
        return state._replace(**fields, first_correct=first)

    def _next_trial(self, state: HarlowState, passed: Tensor) -> HarlowState:
        over = passed & (state.trial == self.n_trials - 1)
        begins = passed & ~over
        trial = state.trial + begins
        return state._replace(
            trial=trial,
            phase=state.phase.masked_fill(begins, FIXATION).masked_fill_(over, OVER),
            left_object=state.left_objects.gather(-1, trial.unsqueeze(-1)).squeeze(-1),
            outcome=state.outcome.masked_fill(begins, 0),
            **{name: getattr(state, name).masked_fill(begins, NONE) for name in ("side", "choice1", "correct")},
        )

    def _looked_at(self, gaze: Tensor, position: int) -> Tensor:
        return (gaze - position).abs() <= self.tolerance

    def _on_ring(self, position: Tensor) -> Tensor:
        """Count positions from the cross, to both sides."""
        behind = self.n_positions // 2
        return (position + behind) % self.n_positions - behind
