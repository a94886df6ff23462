"""The prefrontal network: a recurrent core with a policy and a value head, many independent ones in one stack.

A *cohort* of networks is one set of weights with a leading network axis; one batched product serves all. The critic may
be a core of its own; then dopamine can be an input of the actor. Nothing here learns: `backward` returns gradients, and
only `training` applies them.
"""

import math
from typing import Literal

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.encoder import Encoder
from pfc_metarl.networks.tape import Part, Tape
from pfc_metarl.networks.weights import Weights, part
from pfc_metarl.settings import settings

Input = Literal["observation", "previous_action", "previous_reward", "rpe"]

REWARD_DRIVEN: tuple[Input, ...] = ("observation", "previous_action", "previous_reward")
RPE_DRIVEN: tuple[Input, ...] = ("observation", "previous_action", "rpe")

ACTOR, CRITIC, ENCODER = "", "critic.", "encoder."
"""Parts of a network, as their weights' names begin; the actor of a shared critic has the value head too."""


@settings
class Network:
    """Settings of the prefrontal network.

    Parameters
    ----------
    core : {"lstm", "gru", "rnn", "feedforward"}
        The last is the control without memory.
    units : int
        Units of a core. Wang et al. 2018 use 48.
    critic : {"shared", "separate"}
        Whether policy and value are heads of one core, or each has a core of its own, as in Simulation 6.
    inputs : tuple of {"observation", "previous_action", "previous_reward", "rpe"}, optional
        What reaches the core with the policy. By default observation, previous action and previous reward, or, with a
        separate critic, the reward-prediction error ("rpe") of the critic instead of the reward. Leave one out for a
        control, such as the network without reward input. A separate critic always sees the first three.
    learned_initial_state : bool
        Whether the state at the start of an episode is learned (as in Simulations 1-4 and 6) or zero.
    encoder : Encoder, optional
        Convolutions through which images reach the cores, for tasks that show images.
    """

    core: Literal["lstm", "gru", "rnn", "feedforward"] = "lstm"
    units: int = Field(48, ge=1, le=1_000_000)
    critic: Literal["shared", "separate"] = "shared"
    inputs: tuple[Input, ...] | None = Field(None, min_length=1)
    learned_initial_state: bool = True
    encoder: Encoder | None = None

    def __post_init__(self) -> None:
        if self.inputs is not None and "rpe" in self.inputs and self.critic == "shared":
            raise ValueError(f'inputs = {self.inputs}: "rpe" comes from a critic of its own, set critic = "separate"')
        if self.encoder is not None and "observation" not in self._inputs:
            raise ValueError(f"inputs = {self._inputs}: an encoder needs the observation")

    def learns(self, name: str) -> bool:
        """Return whether the weights of this name are learned; the others stay as they were drawn."""
        if name.startswith(ENCODER):
            return self.encoder is not None and self.encoder.learned
        return self.learned_initial_state or not name.endswith("initial")

    def learning_rate_fraction(self, name: str) -> float:
        """Return the learning rate of the weights of this name, as a fraction of the learner's."""
        return self.encoder.learning_rate_fraction if self.encoder and name.startswith(ENCODER) else 1.0

    @property
    def has_rpe_input(self) -> bool:
        """Whether the reward-prediction error reaches the actor."""
        return "rpe" in self._inputs

    def parts(self, n_channels: int, n_actions: int) -> dict[str, Part]:
        """Return the shapes of the cores, by the beginning of their weights' names; policy first, value last."""
        n_seen = self.encoder.n_features(n_channels) if self.encoder else n_channels
        width = {"observation": n_seen, "previous_action": n_actions, "previous_reward": 1, "rpe": 1}
        policy, value = {"logits": n_actions}, {"value": 1}

        def of(inputs: tuple[Input, ...], outputs: dict[str, int]) -> Part:
            return Part(self.core, self.units, {name: width[name] for name in inputs}, outputs)

        if self.critic == "shared":
            return {ACTOR: of(self._inputs, policy | value)}
        return {ACTOR: of(self._inputs, policy), CRITIC: of(REWARD_DRIVEN, value)}

    @property
    def _inputs(self) -> tuple[Input, ...]:
        return self.inputs or (REWARD_DRIVEN if self.critic == "shared" else RPE_DRIVEN)


def initial_weights(network: Network, n_channels: int, n_actions: int, generators: list[torch.Generator]) -> Weights:
    """Draw the weights of a cohort, one generator per network.

    Input and recurrent weights are uniform within ±1/√units, as is usual in torch; biases are zero, but for a forget
    gate that starts open (bias 1); heads start small, so that every policy starts near chance.
    """
    weights: Weights = {}
    for prefix, shape in network.parts(n_channels, n_actions).items():
        drawn = [_drawn(shape, generator) for generator in generators]
        weights |= _stacked(prefix, drawn)
    if network.encoder is not None:
        weights |= _stacked(ENCODER, [network.encoder.draw(n_channels, generator) for generator in generators])
    return weights


def _stacked(prefix: str, drawn: list[Weights]) -> Weights:
    return {f"{prefix}{name}": torch.stack([each[name] for each in drawn]) for name in drawn[0]}


def _drawn(shape: Part, generator: torch.Generator) -> Weights:
    core, bound = CORES[shape.core], 1 / math.sqrt(shape.units)
    rows = shape.n_inputs + shape.units + 1
    weight = (2 * torch.rand(rows, len(core.scales), shape.units, generator=generator) - 1) * bound
    weight[-1] = 0
    if core.has_cell:
        weight[-1, 2] = 1
    heads = torch.randn(shape.units + 1, shape.n_outputs, generator=generator) * (0.1 * bound)
    heads[-1] = 0
    return {
        "core": (weight * core.connected(shape.n_inputs, shape.units)).flatten(1),
        "heads": heads,
        "initial": torch.zeros(1 + core.has_cell, shape.units),
    }


class Activity:
    """What a cohort does in an episode: the tape of its core, or those of actor and critic.

    Parameters
    ----------
    network : Network
    weights : Weights
        Shared, not copied: after `rewind` the tapes compute with their present values.
    n_channels, n_actions, n_steps, n_episodes : int
    """

    def __init__(
        self, network: Network, weights: Weights, n_channels: int, n_actions: int, n_steps: int, n_episodes: int
    ) -> None:
        parts = network.parts(n_channels, n_actions)
        traced = "observation" if network.encoder and network.encoder.learned else None
        self.tapes = {
            prefix: Tape(shape, part(weights, prefix), n_steps, n_episodes, traced) for prefix, shape in parts.items()
        }
        self.actor, self.critic, self.n_episodes = self.tapes[ACTOR], self.tapes.get(CRITIC), n_episodes
        self.encoder, self.filters = network.encoder, part(weights, ENCODER)
        self.sized: Weights = {}
        shape = len(self.actor.weights["core"]), n_steps, n_episodes, n_channels
        self.shown = self.actor.percepts.new_empty(shape if traced else 0)
        self.step = 0
        self.told: list[dict[str, Tensor]] = [
            {name: output for tape in self.tapes.values() for name, output in tape.steps[t].told.items()}
            for t in range(n_steps)
        ]

    @property
    def heads(self) -> Tensor:
        """Logits and value of every step, [step, network, episode, action + 1]."""
        heads = [tape.heads for tape in self.tapes.values()]
        return heads[0] if len(heads) == 1 else torch.cat(heads, -1)

    def rewind(self) -> None:
        """Start a new episode with the present weights."""
        self.step = 0
        if self.encoder is not None:
            self.sized = self.encoder.sized(self.filters)
        for tape in self.tapes.values():
            tape.rewind()

    def see(self, observation: Tensor) -> Tensor:
        """Return the features of what is shown, and keep it for `backward`."""
        assert self.encoder is not None
        if self.encoder.learned:
            self.shown[:, self.step] = observation
            self.step += 1
        return self.encoder.features(self.sized, observation)

    def backward(self, d_heads: Tensor) -> Weights:
        """Return the gradient of a scalar with respect to the weights; the activity is used up.

        The error of the policy stays in the core with the policy: the RPE that the actor was given counts as fixed.

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
            frames = (each.flatten(1, 2) for each in (self.shown, self.actor.input, d_features))
            found = self.encoder.backward(self.filters, *frames)
            gradients |= {f"{ENCODER}{name}": gradient for name, gradient in found.items()}
        return gradients
