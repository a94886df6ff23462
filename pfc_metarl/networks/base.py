"""The contract of a network: its settings, and the activity of a cohort in an episode.

`pfc_metarl.networks.network.Network` is the network of the papers, `pfc_metarl.networks.module_network.ModuleNetwork`
one that is made of a `torch.nn.Module`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from pfc_metarl.networks.weights import Weights

if TYPE_CHECKING:
    from pfc_metarl.agents.base import Percept
    from pfc_metarl.networks.compiled import TapeArrays

Readout = Any
"""A NamedTuple of what can be read out of a network at a step: at least logits, value and hidden."""


def runs_compiled(like: Tensor) -> bool:
    """Return whether compiled loops compute with such tensors: on a CPU, in single precision."""
    return like.device.type == "cpu" and like.dtype == torch.float32


class Activity(ABC):
    """The activity of a cohort in an episode, step by step, and then the gradient with respect to its weights."""

    n_episodes: int
    """Parallel episodes of each network."""

    @property
    @abstractmethod
    def heads(self) -> Tensor:
        """Logits and value of every step, [step, network, episode, action + 1]; valid until the next episode."""

    @abstractmethod
    def rewind(self) -> None:
        """Start a new episode with the present weights."""

    @abstractmethod
    def perceive(self, step: int, percept: "Percept") -> Readout:
        """Compute a step.

        Parameters
        ----------
        step : int
            Every step of an episode, one after the other.
        percept : Percept
            An edit in it is applied to the units before the heads and the next step receive them.

        Returns
        -------
        Readout
            Views that are valid until the next episode.
        """

    def act(self, step: int, percept: "Percept", noise: Tensor) -> tuple[Tensor, Readout]:
        """Compute a step and choose the action of the largest logit plus noise.

        Parameters
        ----------
        step, percept
            As of `perceive`.
        noise : Tensor, shape [network, episode, action]
            Standard Gumbel variates: the choice is a sample of the policy.

        Returns
        -------
        action : Tensor of int, shape [network, episode]
        readout : Readout
            As of `perceive`.
        """
        readout = self.perceive(step, percept)
        return (readout.logits + noise).argmax(-1), readout

    def compiled_tapes(self) -> "tuple[TapeArrays, TapeArrays | None] | None":
        """Return what compiled loops compute actor and critic with, or None if they cannot compute all of a step."""
        return None

    @abstractmethod
    def backward(self, d_heads: Tensor) -> Weights:
        """Return the gradient of a scalar with respect to the weights; once per episode.

        Parameters
        ----------
        d_heads : Tensor, shape [step, network, episode, action + 1]
            Derivative of the scalar with respect to `heads`.
        """


class Architecture(ABC):
    """A network's settings: its weights, which of them learn, and its activity.

    Subclass it as a settings class (`pfc_metarl.settings.settings`). A cohort of networks is one set of weights whose
    first axis is the network.
    """

    @property
    def has_rpe_input(self) -> bool:
        """Whether the reward-prediction error reaches the policy, so that dopamine can be stimulated there."""
        return False

    @property
    def readouts(self) -> Mapping[str, tuple[str, ...]]:
        """Fields of the read-out to record -> their axes beyond network and episode."""
        return {"logits": ("option",), "value": (), "hidden": ("unit",)}

    def learns(self, name: str) -> bool:
        """Return whether the weights of this name are learned; the others keep their initial values."""
        return True

    def learning_rate_fraction(self, name: str) -> float:
        """Return the learning rate of the weights of this name, as a fraction of the learner's."""
        return 1.0

    @abstractmethod
    def initial_weights(self, n_channels: int, n_actions: int, generators: Sequence[torch.Generator]) -> Weights:
        """Draw the weights of a cohort, with one generator per network."""

    @abstractmethod
    def activity(
        self, weights: Weights, n_channels: int, n_actions: int, n_steps: int, n_episodes: int, discount: float
    ) -> Activity:
        """Return buffers for an episode of a cohort.

        Parameters
        ----------
        weights : Weights
            Shared, not copied: after `Activity.rewind` it computes with their present values.
        n_channels, n_actions, n_steps, n_episodes : int
        discount : float
            γ of the reward-prediction error, for networks that receive it.
        """
