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
from pfc_metarl.tasks.constants import NONE
from pfc_metarl.tasks.harlow_tables import clocks, on_ring, procedure, results, ring, shown_in_phase


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

    def shown(self, state: HarlowState) -> Tensor:
        """Return what is shown: `NOTHING`, `CROSS` or `OBJECTS`, shape [network, episode]."""
        return shown_in_phase(state.gaze.device).take(
            torch.add(state.phase, state.clock == 0, alpha=len(self.phase_names))
        )

    def step(self, state: HarlowState, action: Tensor, noise: Tensor) -> tuple[HarlowState, Tensor]:
        device = action.device
        turns, looks = ring(self.n_positions, self.saccade, self.eccentricity, self.tolerance, device)
        counts, ends = clocks(self.fixation_steps, self.interval_steps, device)
        gaze = turns.take(torch.add(action, state.gaze, alpha=3))
        situation = torch.add(looks.take(gaze), state.phase, alpha=4)
        clock = (state.clock + 1) * counts.take(situation)
        over = clock >= ends.take(situation)
        event = torch.add(situation, over, alpha=16).add_(state.trial == self.n_trials - 1, alpha=32)
        then = procedure(self.fixation_reward, device)
        trial = state.trial + then.begins.take(event)
        side = torch.where(then.sets_side.take(event), then.side.take(event), state.side)
        left_object = state.left_objects.gather(-1, trial.unsqueeze(-1)).squeeze(-1)
        choice1, correct, outcome = self._result(side, left_object, state.good_object)
        after = HarlowState(
            trial=trial,
            phase=then.phase.take(event),
            clock=clock.masked_fill_(over, 0),
            gaze=gaze,
            stimuli=state.stimuli,
            good_object=state.good_object,
            left_objects=state.left_objects,
            left_object=left_object,
            choice1=choice1,
            side=side,
            correct=correct,
            first_correct=torch.where(trial == 0, correct, state.first_correct),
            outcome=outcome,
        )
        return after, then.reward.take(event) + outcome * then.pays.take(event)

    def _result(self, side: Tensor, left_object: Tensor, good_object: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the object chosen, whether it is the rewarded one, and what it brings; -1, -1, 0 before the choice."""
        which = torch.add(good_object, left_object, alpha=2).add_(side, alpha=4)
        choice1, correct, outcome = results(side.device)
        return choice1.take(which), correct.take(which), outcome.take(which)

    def _on_ring(self, position: Tensor) -> Tensor:
        return on_ring(position, self.n_positions)
