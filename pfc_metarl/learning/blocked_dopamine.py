"""Dopamine blocked during training: the same learning, of which some prediction errors never reach the synapses."""

from collections.abc import Sequence

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.learning.a2c import A2C, A2CTraining
from pfc_metarl.networks.base import Architecture
from pfc_metarl.settings import BadInput, settings
from pfc_metarl.simulation.noise import Noise
from pfc_metarl.simulation.rollout import live
from pfc_metarl.tasks.base import Task


@settings
class BlockedDopamine(A2C):
    """Advantage actor-critic learning in which the prediction error is 0 at some steps of the training.

    Parameters
    ----------
    fraction : float
        Fraction of the steps at which dopamine is blocked, drawn anew for each step of each episode.
    phases : tuple of str
        Phases of a trial in which it can be; all by default. The prediction error of a step is that of the transition
        which follows it: of a first-stage choice it comes with the second-stage state, of the last step with the
        outcome.

    Notes
    -----
    Wang et al. 2018, doi:10.1038/s41593-018-0147-8, predict that without phasic dopamine during training no model-based
    control is acquired. Actor and critic are both taught by what is left of the signal. Weights apart, nothing is
    changed: activity still receives rewards.

    Examples
    --------
    >>> BlockedDopamine(fraction=0.5, phases=("second_stage",)).fraction
    0.5
    """

    fraction: float = Field(1.0, ge=0, le=1)
    phases: tuple[str, ...] = ()

    def begin(
        self, task: Task, network: Architecture, seed: int, networks: Sequence[int], device: str = "cpu"
    ) -> "BlockedTraining":
        for phase in self.phases:
            if phase not in task.phase_names:
                raise BadInput(f"phases = {phase!r}: the task has the phases {', '.join(task.phase_names)}.")
        return BlockedTraining(self, task, network, seed, networks, device)


class BlockedTraining(A2CTraining):
    """A cohort in training by `BlockedDopamine`."""

    learner: BlockedDopamine

    def act(self, noise: Noise) -> tuple[Tensor, Tensor]:
        """Let the agent act in a batch of episodes, and draw at which steps its dopamine is blocked."""
        with torch.inference_mode():
            lived = [
                (moment.action, moment.reward, moment.state.phase) for moment in live(self.task, self.agent, noise)
            ]
        action, reward = (torch.stack([moment[place] for moment in lived]) for place in (0, 1))
        blocked = self._drawn(action.shape[0], action.shape[2])
        if self.learner.phases:
            blocked &= torch.stack([self._in_phase(phase).expand(action.shape[1:]) for _, _, phase in lived])
        self.passes = ~blocked
        return action, reward

    def _drawn(self, n_steps: int, n_episodes: int) -> Tensor:
        drawn = [torch.rand(n_steps, n_episodes, generator=source, device=source.device) for source in self.sources]
        return torch.stack(drawn, 1) < self.learner.fraction

    def _in_phase(self, phase: Tensor | int) -> Tensor:
        numbers = [self.task.phase_names.index(name) for name in self.learner.phases]
        phase = torch.as_tensor(phase, device=self.sources[0].device)
        return torch.isin(phase, torch.tensor(numbers, device=phase.device))
