"""A network made of any `torch.nn.Module`: slower than the cores of the package, with gradients by autograd.

Each network of the cohort is a module with parameters of its own, drawn from its own generator; nothing is shared.
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from pfc_metarl.networks.base import Activity, Architecture
from pfc_metarl.networks.weights import Weights
from pfc_metarl.settings import BadInput

if TYPE_CHECKING:
    from pfc_metarl.agents.base import Percept

State = Any
"""State of a module between steps: its units' activity, or a tuple that begins with it, as in torch's cells."""


class RecurrentModule(Protocol):
    """What `ModuleNetwork` requires of a module, besides being a `torch.nn.Module` whose weights are all parameters."""

    def forward(self, features: Tensor, state: State | None) -> State:
        """Return the state after a step.

        Parameters
        ----------
        features : Tensor, shape [episode, input]
            Observation, previous action (one-hot; zeros at the first step) and previous reward, in this order.
        state : Tensor, shape [episode, unit], or tuple of Tensor that begins with it
            None at the first step of an episode.
        """

    def heads(self, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits, shape [episode, action], and value, shape [episode], from activity [episode, unit]."""


class ModuleReadout(NamedTuple):
    """What is recorded of a network that is a module."""

    logits: Tensor
    value: Tensor
    hidden: Tensor


class ModuleNetwork(Architecture):
    """A network that is defined by a module. Subclass it as a settings class with a method `module`.

    Raises
    ------
    BadInput
        If the module has no parameters, buffers, or parameters without a gradient.

    Examples
    --------
    >>> from torch import nn
    >>> class Unit(nn.Module):
    ...     def __init__(self, n_inputs, n_actions):
    ...         super().__init__()
    ...         self.core, self.policy = nn.GRUCell(n_inputs, 4), nn.Linear(4, n_actions)
    ...
    ...     def forward(self, features, state):
    ...         return self.core(features, state)
    ...
    ...     def heads(self, hidden):
    ...         return self.policy(hidden), hidden[:, 0]
    >>> class Small(ModuleNetwork):
    ...     def module(self, n_inputs, n_actions):
    ...         return Unit(n_inputs, n_actions)
    >>> weights = Small().initial_weights(3, 2, [torch.Generator().manual_seed(number) for number in range(8)])
    >>> tuple(weights["policy.weight"].shape)
    (8, 2, 4)
    """

    @abstractmethod
    def module(self, n_inputs: int, n_actions: int) -> nn.Module:
        """Return a new module as in `RecurrentModule`; its parameters are drawn while it is made, as usual in torch."""

    def initial_weights(self, n_channels: int, n_actions: int, generators: Sequence[torch.Generator]) -> Weights:
        drawn = [dict(self._drawn(n_channels, n_actions, each).named_parameters()) for each in generators]
        return {name: torch.stack([weights[name].detach() for weights in drawn]) for name in drawn[0]}

    def activity(
        self, weights: Weights, n_channels: int, n_actions: int, n_steps: int, n_episodes: int, discount: float
    ) -> "ModuleActivity":
        modules = []
        for number in range(len(next(iter(weights.values())))):
            module = self._drawn(n_channels, n_actions, torch.Generator())
            for name, parameter in module.named_parameters():
                parameter.data = weights[name][number]  # the same memory
            modules.append(module)
        return ModuleActivity(modules, _n_inputs(n_channels, n_actions), n_actions, n_steps, n_episodes)

    def _drawn(self, n_channels: int, n_actions: int, generator: torch.Generator) -> nn.Module:
        """Return a module drawn from a generator; the global generator of torch is not changed."""
        seed = int(torch.randint(2**62, (), generator=generator))
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            module = self.module(_n_inputs(n_channels, n_actions), n_actions)
        _require_plain(module)
        return module


class ModuleActivity(Activity):
    """The activity of a cohort of modules in an episode; `backward` computes the episode again, under autograd.

    Parameters
    ----------
    modules : list of Module
        One for each network.
    n_inputs, n_actions, n_steps, n_episodes : int
    """

    def __init__(self, modules: list[nn.Module], n_inputs: int, n_actions: int, n_steps: int, n_episodes: int) -> None:
        self.modules, self.n_actions, self.n_episodes = modules, n_actions, n_episodes
        device = next(modules[0].parameters()).device
        self.features = torch.zeros(n_steps, len(modules), n_episodes, n_inputs, device=device)
        self._heads = torch.zeros(n_steps, len(modules), n_episodes, n_actions + 1, device=device)
        self.states: list[State | None] = []

    @property
    def heads(self) -> Tensor:
        return self._heads

    def rewind(self) -> None:
        self.states = [None] * len(self.modules)

    @torch.no_grad()
    def perceive(self, step: int, percept: "Percept") -> ModuleReadout:
        action = functional.one_hot(percept.previous_action + 1, self.n_actions + 1)[..., 1:]
        parts = [percept.observation, action, percept.previous_reward[..., None]]
        self.features[step] = torch.cat(parts, -1)
        networks = zip(self.modules, self.features[step], self.states, strict=True)
        self.states = [module(features, state) for module, features, state in networks]
        hidden = torch.stack([_hidden(state) for state in self.states])
        if percept.edit is not None:
            hidden = percept.edit(hidden)
            self.states = [_with_hidden(state, own) for state, own in zip(self.states, hidden, strict=True)]
        for heads, module, own in zip(self._heads[step], self.modules, hidden, strict=True):
            heads.copy_(self._read(module, own))
        return ModuleReadout(self._heads[step, ..., :-1], self._heads[step, ..., -1], hidden)

    def backward(self, d_heads: Tensor) -> Weights:
        networks = zip(self.modules, self.features.unbind(1), d_heads.unbind(1), strict=True)
        found = [self._gradient(*network) for network in networks]
        return {name: torch.stack([gradient[name] for gradient in found]) for name in found[0]}

    def _gradient(self, module: nn.Module, features: Tensor, d_heads: Tensor) -> Weights:
        state, heads = None, []
        with torch.enable_grad():
            for shown in features:
                state = module(shown, state)
                heads.append(self._read(module, _hidden(state)))
            parameters = dict(module.named_parameters())
            scalar = (torch.stack(heads) * d_heads).sum()
        found = torch.autograd.grad(scalar, list(parameters.values()), materialize_grads=True)
        return dict(zip(parameters, found, strict=True))

    def _read(self, module: Any, hidden: Tensor) -> Tensor:
        logits, value = module.heads(hidden)
        expected = (self.n_episodes, self.n_actions), (self.n_episodes,)
        if (logits.shape, value.shape) != expected:
            given = tuple(logits.shape), tuple(value.shape)
            raise BadInput(
                f"{type(module).__name__}.heads: returns shapes {given[0]} and {given[1]}; "
                f"logits have shape {expected[0]}, values {expected[1]}."
            )
        return torch.cat([logits, value[:, None]], -1)


def _n_inputs(n_channels: int, n_actions: int) -> int:
    return n_channels + n_actions + 1


def _hidden(state: State) -> Tensor:
    hidden: Tensor = state if isinstance(state, Tensor) else state[0]
    return hidden


def _with_hidden(state: State, hidden: Tensor) -> State:
    return hidden if isinstance(state, Tensor) else (hidden, *state[1:])


def _require_plain(module: nn.Module) -> None:
    name = type(module).__name__
    if buffers := [buffer for buffer, _ in module.named_buffers()]:
        raise BadInput(f"{name}.{buffers[0]}: this is a buffer, which would not be saved; make it a parameter.")
    fixed = [parameter for parameter, tensor in module.named_parameters() if not tensor.requires_grad]
    if fixed:
        raise BadInput(f"{name}.{fixed[0]}: requires_grad is off; name fixed weights in ModuleNetwork.learns instead.")
    if not list(module.parameters()):
        raise BadInput(f"{name}: the module has no parameters, so it cannot learn.")
