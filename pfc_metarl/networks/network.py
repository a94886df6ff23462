"""The prefrontal network: a recurrent core with a policy and a value head.

A *cohort* of networks is one set of weights whose first axis is the network, so that one batched product computes all
of them. The critic may be a core of its own; then dopamine can be an input of the actor.
"""

import math
from collections.abc import Sequence
from typing import Literal

import torch
from pydantic import Field

from pfc_metarl.networks.activity import ACTOR, CRITIC, ENCODER, HIDDEN_OF_LAYER, LAYER, CoreActivity
from pfc_metarl.networks.base import Architecture
from pfc_metarl.networks.cores import CORES
from pfc_metarl.networks.encoder import Encoder
from pfc_metarl.networks.stack import FEATURES
from pfc_metarl.networks.tape import Part
from pfc_metarl.networks.weights import Weights
from pfc_metarl.settings import settings

Input = Literal["observation", "previous_action", "previous_reward", "rpe"]

REWARD_DRIVEN: tuple[Input, ...] = ("observation", "previous_action", "previous_reward")
RPE_DRIVEN: tuple[Input, ...] = ("observation", "previous_action", "rpe")


@settings
class Network(Architecture):
    """Settings of the prefrontal network.

    Parameters
    ----------
    core : {"lstm", "gru", "rnn", "feedforward"}
        Kind of units. "feedforward" is the control without memory.
    units : int
        Units of a core. Wang et al. 2018 use 48.
    layers : int
        Cores in a stack, of the same kind and size: the lowest receives the inputs, each of the others the units below
        it, and the heads read the uppermost. Wang et al. 2016 use two.
    critic : {"shared", "separate"}
        Whether policy and value are heads of one core, or each has a core of its own, as in Simulation 6.
    inputs : tuple of {"observation", "previous_action", "previous_reward", "rpe"}, optional
        Inputs of the core with the policy. By default observation, previous action and previous reward, or, with a
        separate critic, the reward-prediction error ("rpe") of the critic instead of the reward. Leave one out for a
        control, such as the network without reward input. A separate critic always sees the first three.
    reward_codes : tuple of float
        Rewards that reach the cores as a one-hot code, beside the observation; for any other reward it is all 0. If
        empty, the reward reaches them as a number.
    learned_initial_state : bool
        Whether the state at the start of an episode is learned (as in Simulations 1-4 and 6) or zero.
    encoder : Encoder, optional
        Convolutions through which images reach the cores, for tasks that show images.
    """

    core: Literal["lstm", "gru", "rnn", "feedforward"] = "lstm"
    units: int = Field(48, ge=1, le=1_000_000)
    layers: int = Field(1, ge=1, le=20)
    critic: Literal["shared", "separate"] = "shared"
    inputs: tuple[Input, ...] | None = Field(None, min_length=1)
    reward_codes: tuple[float, ...] = ()
    learned_initial_state: bool = True
    encoder: Encoder | None = None

    def __post_init__(self) -> None:
        if self.inputs is not None and "rpe" in self.inputs and self.critic == "shared":
            raise ValueError(f'inputs = {self.inputs}: "rpe" comes from a critic of its own, set critic = "separate"')
        if self.layers > 1 and self.critic == "separate":
            raise ValueError(f'layers = {self.layers}: a stack has one critic; set critic = "shared"')
        if self.encoder is not None and "observation" not in self._inputs:
            raise ValueError(f"inputs = {self._inputs}: an encoder needs the observation")
        if self.reward_codes and not {"observation", "previous_reward"} <= set(self._inputs):
            raise ValueError(f"reward_codes = {self.reward_codes}: needs observation and previous_reward as inputs")

    def learns(self, name: str) -> bool:
        """Return whether the weights of this name are learned; the others keep their initial values."""
        if name.startswith(ENCODER):
            return self.encoder is not None and self.encoder.learned
        if name.startswith(LAYER) and name.endswith("heads"):
            return False  # a layer hands on its units as they are
        return self.learned_initial_state or not name.endswith("initial")

    def learning_rate_fraction(self, name: str) -> float:
        """Return the learning rate of the weights of this name, as a fraction of the learner's."""
        return self.encoder.learning_rate_fraction if self.encoder and name.startswith(ENCODER) else 1.0

    @property
    def has_rpe_input(self) -> bool:
        """Whether the reward-prediction error reaches the actor."""
        return "rpe" in self._inputs

    def parts(self, n_channels: int, n_actions: int) -> dict[str, Part]:
        """Return the shapes of the cores, by the first part of the names of their weights; policy first, value last."""
        n_seen = self.encoder.n_features(n_channels) if self.encoder else n_channels
        n_seen += len(self.reward_codes)
        width = {"observation": n_seen, "previous_action": n_actions, "previous_reward": 1, "rpe": 1}
        policy, value = {"logits": n_actions}, {"value": 1}

        def of(inputs: tuple[Input, ...], outputs: dict[str, int]) -> Part:
            apart = [name for name in inputs if not (self.reward_codes and name == "previous_reward")]
            return Part(self.core, self.units, {name: width[name] for name in apart}, outputs)

        if self.critic == "separate":
            return {ACTOR: of(self._inputs, policy), CRITIC: of(REWARD_DRIVEN, value)}
        *below, top = self._stack(of(self._inputs, policy | value))
        return {**{f"{LAYER}{number}.": part for number, part in enumerate(below, 1)}, ACTOR: top}

    def _stack(self, part: Part) -> list[Part]:
        """Return the layers of a stack, from the lowest to the one with the heads."""
        if self.layers == 1:
            return [part]
        from_below, handed_on = {"observation": self.units}, {FEATURES: self.units}
        between = Part(self.core, self.units, from_below, handed_on)
        return [part._replace(outputs=handed_on), *[between] * (self.layers - 2), part._replace(inputs=from_below)]

    @property
    def _inputs(self) -> tuple[Input, ...]:
        return self.inputs or (REWARD_DRIVEN if self.critic == "shared" else RPE_DRIVEN)

    @property
    def readouts(self) -> dict[str, tuple[str, ...]]:
        """Fields of the read-out to record -> their axes beyond network and episode."""
        cell = {"cell": ("unit",)} if CORES[self.core].has_cell else {}
        rpe_input: dict[str, tuple[str, ...]] = {"rpe_input": ()} if self.has_rpe_input else {}
        below = {f"{HIDDEN_OF_LAYER}{number}": ("unit",) for number in range(1, self.layers)}
        return {"logits": ("option",), "value": (), "hidden": ("unit",), **cell, **rpe_input, **below}

    def initial_weights(self, n_channels: int, n_actions: int, generators: Sequence[torch.Generator]) -> Weights:
        """Draw the weights of a cohort, one generator per network.

        Input and recurrent weights are uniform within ±1/√units, as is usual in torch; biases are zero, except for
        a forget gate that starts open (bias 1); heads start small, so that every policy starts near chance level.
        """
        weights: Weights = {}
        for prefix, shape in self.parts(n_channels, n_actions).items():
            drawn = [_drawn(shape, generator) for generator in generators]
            weights |= _stacked(prefix, drawn)
        if self.encoder is not None:
            weights |= _stacked(ENCODER, [self.encoder.draw(n_channels, generator) for generator in generators])
        return weights

    def activity(
        self, weights: Weights, n_channels: int, n_actions: int, n_steps: int, n_episodes: int, discount: float
    ) -> CoreActivity:
        parts = self.parts(n_channels, n_actions)
        codes = self.reward_codes
        return CoreActivity(parts, self.encoder, weights, n_channels, n_steps, n_episodes, discount, codes)


def _stacked(prefix: str, drawn: list[Weights]) -> Weights:
    return {f"{prefix}{name}": torch.stack([each[name] for each in drawn]) for name in drawn[0]}


def _drawn(shape: Part, generator: torch.Generator) -> Weights:
    core, bound = CORES[shape.core], 1 / math.sqrt(shape.units)
    rows = shape.n_inputs + shape.units + 1
    weight = (2 * torch.rand(rows, len(core.gates), shape.units, generator=generator) - 1) * bound
    weight[-1] = 0
    if "forget" in core.gates:
        weight[-1, core.gates.index("forget")] = 1
    heads = torch.randn(shape.units + 1, shape.n_outputs, generator=generator) * (0.1 * bound)
    heads[-1] = 0
    if FEATURES in shape.outputs:
        heads[:-1] = torch.eye(shape.units)
    return {
        "core": (weight * core.connected(shape.n_inputs, shape.units)).flatten(1),
        "heads": heads,
        "initial": torch.zeros(1 + core.has_cell, shape.units),
    }
