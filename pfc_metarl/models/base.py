"""The contract of a model of trials: a state, the update that a trial makes to it, and preferences for the next choice.

A model is written once. `pfc_metarl.agents.TrialAgent` lets it act in a task, and `pfc_metarl.fitting` gives its
likelihood over the trials of any subject. All functions are pure and batched.
"""

import math
import typing
from abc import ABC, abstractmethod
from typing import Annotated, Any, ClassVar, NamedTuple

import torch
from pydantic import Field
from pydantic_core import core_schema
from torch import Tensor

from pfc_metarl.settings import BadInput, settings, shown

State = Any
"""A NamedTuple of tensors whose first axes are those of the batch; each model defines its own."""

CERTAIN = 1e3
"""Logit of what is chosen with certainty: far above any Gumbel variate."""


class Experience(NamedTuple):
    """What a trial was; tensors of the batch's shape, [network, episode] or [subject, session].

    Examples
    --------
    >>> Experience(choice=torch.tensor([1]), reward=torch.ones(1), finished=torch.tensor([True])).choice.tolist()
    [1]
    """

    choice: Tensor
    """Option chosen, from 0; -1 where none was."""
    reward: Tensor
    """Reward of the trial."""
    finished: Tensor
    """Whether there was a trial to learn from; where there was none, the other fields mean nothing."""
    state: Tensor | None = None
    """Second-stage state reached, from 0; -1 where none was. None in tasks without a second stage."""
    choice2: Tensor | None = None
    """Option chosen there; -1 where none was."""
    stimulation: Tensor | None = None
    """Dopamine added to the reward-prediction error of the trial."""


class Within:
    """Bounds of a parameter: an annotation that pydantic checks and fits read.

    Parameters
    ----------
    low, high : float
    is_open : bool
        Whether the bounds themselves are refused.
    """

    def __init__(self, low: float = -math.inf, high: float = math.inf, is_open: bool = False) -> None:
        self.low, self.high, self.is_open = low, high, is_open

    def check(self, value: Any) -> Any:
        """Return a value, or every value of a tensor, that lies within the bounds."""
        values = torch.as_tensor(value).detach()
        above, below = values >= self.low, values <= self.high
        if self.is_open:
            above, below = values > self.low, values < self.high
        if not bool((above & below & values.isfinite()).all()):
            raise ValueError(f"must lie between {self.low:g} and {self.high:g}" + ", exclusive" * self.is_open)
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        """Check after the type."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))


Parameter = Tensor | float
"""A number, or a tensor with one for each subject: the first axes of the batch, [subject] or [subject, session]."""

UNION = Field(union_mode="left_to_right")
"""A tensor stays what it is."""

Real = Annotated[Parameter, UNION, Within()]
NonNegative = Annotated[Parameter, UNION, Within(0)]
Positive = Annotated[Parameter, UNION, Within(0, is_open=True)]
Probability = Annotated[Parameter, UNION, Within(0, 1)]
OpenProbability = Annotated[Parameter, UNION, Within(0, 1, is_open=True)]


@settings
class Model(ABC):
    """A learner that chooses once or twice in a trial. Subclass it with `pfc_metarl.settings.settings`.

    Every field annotated as `Parameter` may be a tensor with one value for each subject, and likelihoods have
    derivatives with respect to it.
    """

    signals: ClassVar[tuple[str, ...]] = ()
    """Names of what `read` returns."""
    learns_from_lost_trials: ClassVar[bool] = False
    """Whether a trial in which nothing was chosen changes the state."""

    @property
    def n_choices(self) -> int:
        """Choices of a trial that the model learns from and predicts."""
        return 1

    @property
    def needs(self) -> tuple[str, ...]:
        """Fields of `Experience` that the model learns from."""
        return ("choice", "reward")

    @abstractmethod
    def begin(self, shape: tuple[int, ...], n_options: int = 2, dtype: torch.dtype = torch.float32) -> State:
        """Return the state before the first trial.

        Parameters
        ----------
        shape : tuple of int
            Of the batch.
        n_options : int
            Options of the first choice.
        dtype : torch.dtype
            Of the state's values.

        Raises
        ------
        BadInput
            If the model is defined for another number of options.
        """

    @abstractmethod
    def learn(self, state: State, experience: Experience) -> State:
        """Return the state after a trial; where it was not finished, the result is not used."""

    @abstractmethod
    def values(self, state: State) -> Tensor:
        """Return the value of each option of the first choice, [..., option]."""

    @abstractmethod
    def logits(self, state: State) -> Tensor:
        """Return the logits of the first choice, [..., option]."""

    def values_at(self, state: State, reached: Tensor) -> Tensor:
        """Return the value of each option of the second-stage state reached, [..., option]; 0 without such values."""
        return torch.zeros_like(self.values(state))

    def logits_at(self, state: State, reached: Tensor) -> Tensor:
        """Return the logits of the choice in the second-stage state reached, [..., option]."""
        return torch.zeros_like(self.values(state))

    def read(self, state: State) -> dict[str, Tensor]:
        """Return further signals of the state, by the names in `signals`, each of the batch's shape."""
        return {}

    def update(self, state: State, experience: Experience) -> State:
        """Return the state after a trial; unchanged where no trial was finished, or nothing was chosen."""
        counts = self.counts(experience)
        new = self.learn(state, experience)
        return new if bool(counts.all()) else where(counts, new, state)

    def counts(self, experience: Experience) -> Tensor:
        """Return in which trials of the batch the state changes."""
        if self.learns_from_lost_trials:
            return experience.finished
        return experience.finished & (experience.choice >= 0)

    def expected(self, state: State, experience: Experience) -> Tensor:
        """Return the value just before the reward: of the option chosen, 0 where none was."""
        values = self.values(state)
        return (values * chosen(experience.choice, values.shape[-1])).sum(-1)

    def prediction_error(self, state: State, experience: Experience) -> Tensor:
        """Return reward − expected value, and what stimulation adds."""
        error = experience.reward - self.expected(state, experience)
        return error if experience.stimulation is None else error + experience.stimulation


def required_model(model: Any) -> "Model":
    """Return a model; check that it is one, and not its class or name.

    Raises
    ------
    BadInput
        If it is something else.
    """
    if isinstance(model, Model):
        return model
    if isinstance(model, type) and issubclass(model, Model):
        raise BadInput(f"model = {model.__name__}: this is a class; give a model, as {model.__name__}().")
    raise BadInput(f"model = {shown(model)}: give a model of pfc_metarl.models, as RescorlaWagner().")


def bounds(model: Model | type[Model], name: str) -> tuple[float, float] | None:
    """Return the bounds of a parameter of a model, or None if it has no such parameter.

    Parameters
    ----------
    model : Model, or its class
    name : str
        Of a field of the model.

    Returns
    -------
    pair of float, or None
        Lowest and highest value, infinite where there is no bound.

    Examples
    --------
    >>> from pfc_metarl.models import RescorlaWagner
    >>> bounds(RescorlaWagner, "learning_rate"), bounds(RescorlaWagner, "unchosen")
    ((0, 1), None)
    """
    hint = typing.get_type_hints(model if isinstance(model, type) else type(model), include_extras=True).get(name)
    found = [mark for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, Within)]
    return (found[0].low, found[0].high) if found else None


def where(mask: Tensor, new: State, old: State) -> State:
    """Choose between two states, element by element of the batch."""
    pairs = zip(new, old, strict=True)
    return type(old)(*(torch.where(spread(mask, a), a, b) for a, b in pairs))


def spread(parameter: Any, like: Tensor) -> Any:
    """Return a parameter with axes added at its end, as many as a tensor has whose first axes are the batch's."""
    if not isinstance(parameter, Tensor) or parameter.ndim in (0, like.ndim):
        return parameter
    return parameter.reshape(parameter.shape + (1,) * (like.ndim - parameter.ndim))


def filled(shape: tuple[int, ...], value: Parameter, dtype: torch.dtype) -> Tensor:
    """Return a tensor that is full of a parameter."""
    if not isinstance(value, Tensor):
        return torch.full(shape, value, dtype=dtype)
    return value.reshape(value.shape + (1,) * (len(shape) - value.ndim)).expand(shape)


def chosen(index: Tensor, size: int) -> Tensor:
    """Return a one-hot float tensor, all zero where `index` is -1; shape [..., size]."""
    return (torch.arange(size) == index.unsqueeze(-1)).float()


def preferred(index: Tensor, tie: float = 1e-9) -> Tensor:
    """Return logits that choose the option with the largest index, or any of those that are equal up to `tie`."""
    return CERTAIN * (index >= index.amax(-1, keepdim=True) - tie)
