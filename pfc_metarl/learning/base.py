"""What all ways of learning have in common: the settings that begin a training, and the training itself.

A lab's own learner is a settings class derived from `Learner`, and a class derived from `Training` whose `learn`
changes the weights once. Checkpoints, worker processes and recordings use only what is declared here.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, ClassVar

import torch
from pydantic import Field
from torch import Tensor

from pfc_metarl.agents.base import Agent
from pfc_metarl.agents.prefrontal import Prefrontal
from pfc_metarl.learning.optimisers import with_room
from pfc_metarl.learning.requirements import InPlace, history_row, require_alike, require_generator_state, required_loss
from pfc_metarl.networks.base import Architecture
from pfc_metarl.networks.weights import Weights, with_snapshot_names
from pfc_metarl.settings import BadInput, counted, settings
from pfc_metarl.simulation import noise
from pfc_metarl.tasks.base import Task

Fraction = Annotated[float, Field(gt=0, le=1)]

INITIAL_WEIGHTS = "initial weights"
"""Names the random streams from which the first weights are drawn."""


@settings
class Learner(ABC):
    """A learner: the settings that all learners have. Subclass it as a settings class.

    Parameters
    ----------
    updates : int
        Changes of the weights.
    episodes : int
        Parallel episodes of each network per update.
    discount : float
        γ, per step.
    snapshots : tuple of float
        Fractions of the updates after which a copy of the weights is kept, for probes of how far learning was then.

    Examples
    --------
    ``docs/examples/own_learner.py`` is a whole learner of a lab's own. All learners are used alike:

    >>> from pfc_metarl import A2C, Network
    >>> from pfc_metarl.tasks import Bandit
    >>> training = A2C(updates=2).begin(Bandit(n_trials=5), Network(units=4), seed=0, networks=[0, 1])
    >>> while not training.complete:
    ...     row = training.update()
    >>> training.done, tuple(training.history["reward_per_trial"].shape)
    (2, (2, 2))
    """

    updates: int = Field(500, ge=1, le=100_000_000)
    episodes: int = Field(16, ge=1, le=1_000_000)
    discount: float = Field(0.9, ge=0, le=1, allow_inf_nan=False)
    snapshots: tuple[Fraction, ...] = Field((), max_length=1000)

    def __post_init__(self) -> None:
        if list(self.snapshots) != sorted(set(self.snapshots)):
            raise ValueError(f"snapshots = {self.snapshots} must rise from each to the next")

    def updates_at_snapshots(self) -> tuple[int, ...]:
        """Return after how many updates the weights are kept."""
        return tuple(max(1, round(fraction * self.updates)) for fraction in self.snapshots)

    @abstractmethod
    def begin(
        self, task: Task, network: Architecture, seed: int, networks: Sequence[int], device: str = "cpu"
    ) -> "Training":
        """Return the training of a cohort before its first update.

        Parameters
        ----------
        task : Task
        network : Architecture
        seed : int
        networks : sequence of int
            Numbers of the networks. What a network draws depends on the seed and on its number, not on the others.
        device : str
        """

    def agent(self, task: Task, network: Architecture, weights: Weights) -> Agent:
        """Return the cohort with frozen weights, as an agent for a task with the same channels and actions."""
        sizes = len(task.channel_names), len(task.action_names), task.n_steps
        return Prefrontal(network, weights, *sizes, self.discount)


class Training(ABC):
    """A cohort in training: weights, generators, history, snapshots, and how many updates were made.

    Parameters
    ----------
    learner : Learner
    task : Task
    network : Architecture
    seed : int
    networks : sequence of int
    device : str

    Attributes
    ----------
    weights : dict of Tensor, [network, ...]
        Changed in place, so that `agent` always acts with the present ones.
    learned : dict of Tensor
        Those of the weights that learning changes.
    agent : Prefrontal
        The cohort, acting in the task with its present weights.
    sources : list of torch.Generator
        One for each network: the only source of noise in a training.
    history : dict of Tensor, [update, network]
    stopped : Tensor of int, [network]
        The update at which a network was stopped, −1 for never. A stopped network keeps its weights.
    done : int
        Updates made.
    """

    measured: ClassVar[tuple[str, ...]] = ("reward_per_trial",)
    """Names of the rows of the history, each a number per network; the first is always the reward per trial."""

    def __init__(
        self,
        learner: Learner,
        task: Task,
        network: Architecture,
        seed: int,
        networks: Sequence[int],
        device: str = "cpu",
    ) -> None:
        self.learner, self.task, self.network, self.networks = learner, task, network, tuple(networks)
        drawn = first_weights(task, network, seed, self.networks)
        self.weights = {name: with_room(tensor.to(device)) for name, tensor in drawn.items()}
        self.learned = {name: tensor for name, tensor in self.weights.items() if network.learns(name)}
        sizes = len(task.channel_names), len(task.action_names), task.n_steps
        self.agent = Prefrontal(network, self.weights, *sizes, learner.discount)
        self.sources = noise.generators(seed, self.networks, "training", device)
        n = len(self.networks)
        self.history = {name: torch.full((learner.updates, n), torch.nan, device=device) for name in self.measured}
        self.snapshots = [{name: tensor.clone() for name, tensor in self.weights.items()} for _ in learner.snapshots]
        self.stopped = torch.full((n,), -1, device=device)
        self.done = 0
        self._in_place = InPlace(self.weights)

    def __repr__(self) -> str:
        networks, updates = counted(len(self.networks), "network"), counted(self.learner.updates, "update")
        return f"<{type(self).__name__}: {networks}, {self.done} of {updates}>"

    @abstractmethod
    def learn(self) -> Mapping[str, Tensor]:
        """Run the cohort and change the weights once; return the new row of the history, each value [network]."""

    def draw(self) -> noise.Noise:
        """Draw the noise of the next episodes of the cohort."""
        task = self.task
        return noise.draw(self.sources, task.n_steps, self.learner.episodes, task.n_draws, len(task.action_names))

    def gradient(self, loss: Callable[[Tensor], Tensor]) -> Weights:
        """Return the gradient of a loss over the last episodes of the agent.

        Parameters
        ----------
        loss : callable
            Logits and value of every step, [step, network, episode, action + 1] -> a number, by torch's operations: a
            sum over networks, so that each network's gradient is its own.

        Returns
        -------
        dict of Tensor, [network, ...]
            By the names of the weights that are learned.

        Raises
        ------
        BadInput
            If the loss is not a number that was computed from the argument.
        """
        activity = self.agent.activity
        with torch.enable_grad():
            heads = activity.heads.detach().requires_grad_()
            (d_heads,) = torch.autograd.grad(required_loss(loss(heads)), heads)
        found = activity.backward(d_heads)
        return {name: found[name] for name in self.learned if name in found}

    def moments(self) -> Mapping[str, Tensor]:
        """Return the state of the learner besides the weights, by name: tensors that are changed in place only."""
        return {}

    @property
    def complete(self) -> bool:
        """Whether no update is left: all were made, or every network was stopped."""
        return self.done >= self.learner.updates or not bool((self.stopped < 0).any())

    @torch.no_grad()
    def update(self) -> dict[str, Tensor]:
        """Make one update; return the new row of the history.

        A network whose new weights are not finite is stopped. A stopped network keeps the weights that it had.

        Raises
        ------
        BadInput
            If `learn` returns other values than `measured` names, or the weights were not changed in place.
        """
        self._in_place.remember()
        row = history_row(self.learn(), self)
        self._in_place.require(self.weights)
        stops = ~self._in_place.finite() & (self.stopped < 0)
        self.stopped.copy_(torch.where(stops, self.done, self.stopped))
        self._in_place.restore(self.stopped >= 0)
        for name, values in row.items():
            self.history[name][self.done] = values
        self.done += 1
        for snapshot, update in zip(self.snapshots, self.learner.updates_at_snapshots(), strict=True):
            if self.done == update:
                for name, tensor in snapshot.items():
                    tensor.copy_(self.weights[name])
        return row

    def weights_at_snapshots(self) -> list[Weights]:
        """Return the weights at each snapshot; the present ones where all networks were stopped before it."""
        snapshots = zip(self.snapshots, self.learner.updates_at_snapshots(), strict=True)
        return [kept if update <= self.done else self.weights for kept, update in snapshots]

    def state(self) -> dict[str, Tensor]:
        """Return a copy of all that the training needs to continue as if it had not been interrupted, on the CPU."""
        generators = {name: source.get_state() for name, source in self._generators().items()}
        state = {**self._tensors(), **generators, "done": torch.tensor(self.done)}
        return {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.items()}

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Bring a new training to the state of another one with the same settings.

        Raises
        ------
        BadInput
            If the state is not that of such a training; this one is then left as it was.
        """
        require_alike(state, self.state())
        if not 0 <= int(state["done"]) <= self.learner.updates:
            raise BadInput(f"done = {int(state['done'])}: the training has {counted(self.learner.updates, 'update')}.")
        for name, source in self._generators().items():
            require_generator_state(name, source, state[name])
        for name, source in self._generators().items():
            source.set_state(state[name])
        for name, tensor in self._tensors().items():
            tensor.copy_(state[name])
        self.done = int(state["done"])

    def _generators(self) -> dict[str, torch.Generator]:
        numbered = zip(self.networks, self.sources, strict=True)
        return {f"generator.{number}": source for number, source in numbered}

    def _tensors(self) -> dict[str, Tensor]:
        """Return every tensor that a training changes in place, by name."""
        return {
            **{f"weights.{name}": tensor for name, tensor in self.weights.items()},
            **with_snapshot_names(self.snapshots),
            **{f"history.{name}": tensor for name, tensor in self.history.items()},
            "stopped": self.stopped,
            **self.moments(),
        }


def first_weights(task: Task, network: Architecture, seed: int, networks: Sequence[int]) -> Weights:
    """Return the weights that a cohort begins with."""
    sizes = len(task.channel_names), len(task.action_names)
    return network.initial_weights(*sizes, noise.generators(seed, networks, INITIAL_WEIGHTS))


def train(training: Training, after_update: Callable[[dict[str, Tensor]], bool] | None = None) -> None:
    """Make the remaining updates, unless all networks were stopped.

    Parameters
    ----------
    training : Training
    after_update : callable, optional
        Called with the new row of the history; training pauses when it returns False.
    """
    while not training.complete:
        row = training.update()
        if after_update is not None and not after_update(row):
            return
