"""The activity of a cohort of recurrent networks in an episode: the tape of one core, or those of actor and critic.

`backward` returns gradients and changes no weight; only `pfc_metarl.learning` applies them.
"""

import functools
from collections import namedtuple
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor

from pfc_metarl import dopamine
from pfc_metarl.networks.base import Activity, Readout
from pfc_metarl.networks.encoder import Encoder
from pfc_metarl.networks.stack import Stack
from pfc_metarl.networks.tape import Part, Tape
from pfc_metarl.networks.weights import Weights, part

if TYPE_CHECKING:
    from pfc_metarl.agents.base import Percept
    from pfc_metarl.networks.compiled import TapeArrays

ACTOR, CRITIC, ENCODER, LAYER = "", "critic.", "encoder.", "layer_"
"""Prefixes of the weights of each part of a network; with a shared critic, the actor has the value head too.

The lower layers of a stack are ``layer_1.``, ``layer_2.``, ... from below; its uppermost is the actor.
"""

HIDDEN_OF_LAYER = "hidden_layer_"
"""Name under which the units of a lower layer are recorded, with its number."""

SAME_REWARD = 1e-4
"""Difference up to which a reward is the one of a code."""


class CoreReadout(NamedTuple):
    """What is recorded of a network; views of buffers that the next episode overwrites."""

    logits: Tensor
    value: Tensor
    hidden: Tensor
    """Of the core with the policy."""
    cell: Tensor


class RpeDrivenReadout(NamedTuple):
    """What is recorded of a network whose actor has the reward-prediction error as an input."""

    logits: Tensor
    value: Tensor
    hidden: Tensor
    cell: Tensor
    rpe_input: Tensor
    """Input of the actor: the prediction error of the previous step, plus stimulation."""


@functools.cache
def _layered(n_layers: int) -> Any:
    """Return the type of what is recorded of a stack: that of its uppermost layer, and the units of those below."""
    return namedtuple("LayeredReadout", (*CoreReadout._fields, *(f"{HIDDEN_OF_LAYER}{n}" for n in range(1, n_layers))))


class CoreActivity(Activity):
    """The activity of a cohort in an episode: the tape of its core, or those of actor and critic.

    A separate critic computes each step before the actor. Its values give the reward-prediction error of the previous
    step, δ[t−1] = r[t−1] + γ V[t] − V[t−1], which is an input of the actor (0 at the first step).

    Parameters
    ----------
    parts : mapping of Part
        Shapes of the cores, by the prefix of their weights.
    encoder : Encoder or None
    weights : Weights
        Not copied: after `rewind` the tapes use their current values.
    n_channels, n_steps, n_episodes : int
    discount : float
    reward_codes : tuple of float
        Rewards that are shown as a one-hot code, after the observation.
    """

    def __init__(
        self,
        parts: Mapping[str, Part],
        encoder: Encoder | None,
        weights: Weights,
        n_channels: int,
        n_steps: int,
        n_episodes: int,
        discount: float,
        reward_codes: tuple[float, ...] = (),
    ) -> None:
        traced = "observation" if encoder and encoder.learned else None
        layers = {prefix: shape for prefix, shape in parts.items() if prefix == ACTOR or prefix.startswith(LAYER)}
        self.tapes: dict[str, Tape | Stack] = {
            prefix: Tape(shape, part(weights, prefix), n_steps, n_episodes, traced)
            for prefix, shape in parts.items()
            if prefix not in layers or len(layers) == 1
        }
        self.stack = Stack(layers, weights, n_steps, n_episodes, traced) if len(layers) > 1 else None
        if self.stack is not None:
            self.tapes = {ACTOR: self.stack}
        self.actor, self.critic, self.n_episodes = self.tapes[ACTOR], self.tapes.get(CRITIC), n_episodes
        self.discount, self.has_rpe_input = discount, "rpe" in parts[ACTOR].inputs
        self.encoder, self.filters = encoder, part(weights, ENCODER)
        self.codes = self.actor.weights["core"].new_tensor(reward_codes)
        self.sized: Weights = {}
        shape = len(self.actor.weights["core"]), n_steps, n_episodes, n_channels
        self.shown = self.actor.heads.new_empty(shape if traced else 0)
        self.readouts = [self._views(step) for step in range(n_steps)]

    @property
    def heads(self) -> Tensor:
        heads = [tape.heads for tape in self.tapes.values()]
        return heads[0] if len(heads) == 1 else torch.cat(heads, -1)

    def rewind(self) -> None:
        if self.encoder is not None:
            self.sized = self.encoder.sized(self.filters)
        for tape in self.tapes.values():
            tape.rewind()

    def perceive(self, step: int, percept: "Percept") -> Readout:
        given = self._given(step, percept)
        self.actor.step(step, *given, percept.edit, percept.cell_edit)
        return self._readout(step, given[-1])

    def act(self, step: int, percept: "Percept", noise: Tensor) -> tuple[Tensor, Readout]:
        if (percept.edit or percept.cell_edit) is not None:
            return super().act(step, percept, noise)
        given = self._given(step, percept)
        return self.actor.act(step, *given, noise), self._readout(step, given[-1])

    def compiled_tapes(self) -> "tuple[TapeArrays, TapeArrays | None] | None":
        """Return what compiled loops compute actor and critic with, if they can compute all of an episode."""
        if self.encoder is not None or self.stack is not None or len(self.codes):
            return None
        engines = [tape.engine for tape in self.tapes.values() if isinstance(tape, Tape)]
        arrays = [engine.arrays for engine in engines if engine.arrays is not None]
        return (arrays[0], arrays[1] if len(arrays) > 1 else None) if arrays else None

    def _given(self, step: int, percept: "Percept") -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
        """Return what the actor is given, after the critic has computed its step: features or observation first."""
        observation, action, reward = percept[:3]
        if self.encoder is not None:
            observation = self._features(self.encoder, step, observation)
        if len(self.codes):
            observation = self._beside_reward(observation, reward)
        if self.critic is None:
            return observation, action, reward, None
        self.critic.step(step, observation, action, reward)
        return observation, action, reward, self._rpe(step, percept)

    def _readout(self, step: int, rpe: Tensor | None) -> Readout:
        read = self.readouts[step]
        if rpe is None or not self.has_rpe_input:
            return read
        return RpeDrivenReadout(read.logits, read.value, read.hidden, read.cell, rpe)

    def _views(self, step: int) -> Readout:
        actor, critic = self.actor.steps[step], (self.critic or self.actor).steps[step]
        read = actor.outputs["logits"], critic.outputs["value"], actor.hidden, actor.cell
        if self.stack is None:
            return CoreReadout(*read)
        return _layered(len(self.stack.layers))(*read, *self.stack.hidden_below(step))

    def _features(self, encoder: Encoder, step: int, observation: Tensor) -> Tensor:
        """Return the features of an observation, and store it for `backward`."""
        if encoder.learned:
            self.shown[:, step] = observation
        return encoder.features(self.sized, observation)

    def _beside_reward(self, observation: Tensor, reward: Tensor) -> Tensor:
        """Return the observation with the code of the previous reward."""
        is_code = (reward.unsqueeze(-1) - self.codes).abs() < SAME_REWARD
        return torch.cat([observation, is_code.to(observation.dtype)], -1)

    def _rpe(self, step: int, percept: "Percept") -> Tensor:
        if step == 0:
            rpe = torch.zeros_like(percept.previous_reward)
        else:
            before, now = self.readouts[step - 1].value, self.readouts[step].value
            rpe = dopamine.prediction_error(percept.previous_reward, before, now, self.discount)
        return rpe if percept.stimulation is None else rpe + percept.stimulation

    def backward(self, d_heads: Tensor) -> Weights:
        """Return the gradient of a scalar with respect to the weights, and overwrite the activity.

        No gradient flows from the actor to the critic: the RPE is a constant input of the actor.

        Parameters
        ----------
        d_heads : Tensor, shape [step, network, episode, action + 1]
            Derivative of the scalar with respect to `heads`.
        """
        widths = [tape.part.n_outputs for tape in self.tapes.values()]
        errors = zip(self.tapes.items(), d_heads.split(widths, -1), strict=True)
        gradients = {
            f"{prefix}{name}": gradient
            for (prefix, tape), d_own in errors
            for name, gradient in tape.backward(d_own).items()
        }
        if self.encoder is not None and self.encoder.learned:
            d_features = torch.stack([tape.d_input for tape in self.tapes.values()]).sum(0)
            n_features = d_features.shape[-1] - len(self.codes)
            features = (each[..., :n_features] for each in (self.actor.input, d_features))
            frames = (each.flatten(1, 2) for each in (self.shown, *features))
            found = self.encoder.backward(self.filters, *frames)
            gradients |= {f"{ENCODER}{name}": gradient for name, gradient in found.items()}
        return gradients
