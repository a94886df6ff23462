"""How a cohort in training acts: by its translated task where it can, otherwise step by step."""

import torch
from torch import Tensor

from pfc_metarl import simulation
from pfc_metarl.agents.prefrontal import Prefrontal
from pfc_metarl.networks.base import runs_compiled
from pfc_metarl.simulation.noise import Noise
from pfc_metarl.simulation.rollout import live
from pfc_metarl.simulation.traced import Untranslatable
from pfc_metarl.tasks.base import Task

TRANSLATED_FROM = 40
"""Episodes of a training from which on its task is translated: that takes the time which 20 to 60 of them gain."""

MOST_STEPS = 5_000
"""Steps of an episode up to which a task is translated."""


class Acting:
    """The episodes of a cohort in training.

    On a CPU the functions of the task are translated into instructions in the first episode, and from then on an
    episode is one call of `pfc_metarl.simulation.compiled_episode.episode`. That needs a long training, a task whose
    operations have instructions, and networks whose cores have compiled loops; all others act in
    `pfc_metarl.simulation.rollout.live`. The results are the same: the first episode is computed in both ways, and the
    translation is used only if all actions and rewards are equal.

    Parameters
    ----------
    task : Task
    n_episodes : int
        Of the whole training, one after the other.
    """

    def __init__(self, task: Task, n_episodes: int) -> None:
        self.task, self.is_to_be_translated = task, n_episodes >= TRANSLATED_FROM
        self.translated: simulation.translated.Translated | None = None

    def act(self, agent: Prefrontal, noise: Noise) -> tuple[Tensor, Tensor]:
        """Run an episode in every world; return actions and rewards, each [step, network, episode]."""
        if self.translated is not None:
            try:
                return self.translated.act(agent, noise)
            except Untranslatable:
                self.translated = None
        lived = self.live(agent, noise)
        if not self.is_to_be_translated or not self._can_be_translated(agent, noise):
            return lived
        self.translated, self.is_to_be_translated = self._translated(agent, noise, lived), False
        return lived if self.translated else self.live(agent, noise)

    def live(self, agent: Prefrontal, noise: Noise) -> tuple[Tensor, Tensor]:
        """Run the same episode step by step.

        Nothing else is recorded, so that memory is used again at every step and stays in the cache.
        """
        with torch.inference_mode():
            lived = [(moment.action, moment.reward) for moment in live(self.task, agent, noise)]
        action, reward = (torch.stack(each) for each in zip(*lived, strict=True))
        return action, reward

    def _can_be_translated(self, agent: Prefrontal, noise: Noise) -> bool:
        can = runs_compiled(noise.world) and self.task.n_steps <= MOST_STEPS
        return can and agent.activity.compiled_tapes() is not None

    def _translated(
        self, agent: Prefrontal, noise: Noise, lived: tuple[Tensor, Tensor]
    ) -> "simulation.translated.Translated | None":
        """Return the translated task, if it does the same as the task in this episode."""
        try:
            translated = simulation.translated.Translated(self.task, simulation.programs.translated(self.task))
            found = translated.act(agent, noise)
        except Exception:  # whatever a task does with tensors that are not numbers: it runs in torch
            return None
        return translated if all(map(torch.equal, found, lived)) else None
