"""The likelihood of a trial under a model, and the update of its state, as a list of scalar operations."""

import dataclasses
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from pfc_metarl.fitting.compiled_program import CODES
from pfc_metarl.fitting.scalar_operations import HANDLERS
from pfc_metarl.fitting.scalar_tracing import Operation, Scalars, Traced, Untraceable, inputs, places_of
from pfc_metarl.models.base import Experience, Model, bounds, where

LONGEST = 3000
"""Operations of a trial; a model with more is evaluated by torch, which is fast where much is computed at once."""


class Program(NamedTuple):
    """Scalar operations of one trial. A number is named by its place in the list of all.

    Operations are rows (code, result, operand, operand, operand), in an order in which they can be carried out.
    """

    begin: np.ndarray
    """Operations before the first trial of a session."""
    trial: np.ndarray
    constants: np.ndarray
    """Value of each number that is constant, NaN of others; its length is the number of numbers."""
    parameters: np.ndarray
    """Places of the free parameters."""
    data: np.ndarray
    """Places of what is known of a trial, in the order of `fields`."""
    state: np.ndarray
    """Places of the state before a trial."""
    first_state: np.ndarray
    new_state: np.ndarray
    log_p: int
    """Place of the log-probability of the trial's choices."""
    active: np.ndarray
    """Which numbers depend on free parameters."""
    fields: tuple[str, ...]
    """Fields of `Experience` that are read."""


def program_of(model: Model, free: tuple[str, ...], n_options: int) -> Program | None:
    """Return the scalar operations of a model's likelihood, or None if they cannot be found.

    Parameters
    ----------
    model : Model
    free : tuple of str
        Parameters that are not constant.
    n_options : int
        Options of the first choice.

    Examples
    --------
    >>> from pfc_metarl.models import RescorlaWagner
    >>> program_of(RescorlaWagner(), ("learning_rate",), 2).fields
    ('choice', 'reward', 'finished')
    """
    fixed = [f.name for f in dataclasses.fields(model) if f.name not in free and bounds(model, f.name)]
    if any(isinstance(getattr(model, name), Tensor) and getattr(model, name).numel() > 1 for name in fixed):
        return None
    try:
        return _traced(model, free, n_options)
    except (Untraceable, NotImplementedError, RuntimeError):
        return None


def _traced(model: Model, free: tuple[str, ...], n_options: int) -> Program:
    scalars = Scalars(HANDLERS)
    values = {name: torch.tensor([[float(np.mean(getattr(model, name)))]], dtype=torch.float64) for name in free}
    parameters = {name: inputs(scalars, name, value) for name, value in values.items()}
    own = _with(model, parameters)
    first = own.begin((1, 1), n_options, torch.float64)
    state = type(first)(*(inputs(scalars, name, _example(field)) for name, field in first._asdict().items()))
    experience = _experience(model, scalars)
    log_p = _log_p(own, state, experience)
    new = where(own.counts(experience), own.learn(state, experience), state)
    ends = [_places(scalars, each) for each in (first, new)]
    log_p_place = int(places_of(scalars, log_p).item())
    fields = [name for name in FIELDS if getattr(experience, name) is not None]
    program = Program(
        begin=_needed(scalars, ends[0]),
        trial=_needed(scalars, [*ends[1], log_p_place]),
        constants=np.array([entry if isinstance(entry, float) else np.nan for entry in scalars.listed]),
        parameters=np.array(_places(scalars, parameters.values())),
        data=np.array([int(places_of(scalars, getattr(experience, name)).item()) for name in fields]),
        state=np.array(_places(scalars, state), dtype=np.int64),
        first_state=np.array(ends[0], dtype=np.int64),
        new_state=np.array(ends[1], dtype=np.int64),
        log_p=log_p_place,
        active=np.ones(len(scalars.listed), dtype=bool),
        fields=tuple(fields),
    )
    if len(program.trial) > LONGEST:
        raise Untraceable("too many operations")
    return program._replace(active=_active(program))


FIELDS = ("choice", "reward", "finished", "state", "choice2")


def _with(model: Model, parameters: dict[str, Traced]) -> Model:
    """Return a model with traced parameters; their values, which they do not have, are not checked."""
    own = object.__new__(type(model))
    own.__dict__.update({field.name: getattr(model, field.name) for field in dataclasses.fields(model)} | parameters)
    return own


def _example(field: Tensor) -> Tensor:
    return field.example if isinstance(field, Traced) else field


def _experience(model: Model, scalars: Scalars) -> Experience:
    types: dict[str, torch.dtype] = {"reward": torch.float64, "finished": torch.bool}
    needed = [name for name in FIELDS if name in ("choice", "reward", "finished", *model.needs)]
    made: dict[str, Any] = {
        name: inputs(scalars, f"experience.{name}", torch.zeros((1, 1), dtype=types.get(name, torch.int64)))
        for name in needed
    }
    return Experience(**made)


def _log_p(model: Model, state: Any, experience: Experience) -> Tensor:
    log_p = _of_choice(model.logits(state), experience.choice)
    if model.n_choices > 1 and experience.state is not None and experience.choice2 is not None:
        log_p = log_p + _of_choice(model.logits_at(state, experience.state), experience.choice2)
    return log_p


def _of_choice(logits: Tensor, choice: Tensor) -> Tensor:
    logits = logits.double()
    return logits.gather(-1, choice.clamp(min=0).unsqueeze(-1)).squeeze(-1) - logits.logsumexp(-1)


def _places(scalars: Scalars, tensors: Iterable[Any]) -> list[int]:
    return [int(place) for each in tensors for place in places_of(scalars, each).ravel()]


def _needed(scalars: Scalars, wanted: list[int]) -> np.ndarray:
    """Return the operations without which some numbers cannot be made."""
    found: set[int] = set()
    waiting = list(wanted)
    while waiting:
        place = waiting.pop()
        entry = scalars.listed[place]
        if place not in found and isinstance(entry, Operation):
            found.add(place)
            waiting.extend(entry.operands)
    rows = []
    for place in sorted(found):  # operands are listed before results
        entry = scalars.listed[place]
        if isinstance(entry, Operation):
            rows.append((CODES[entry.name], place, *entry.operands, *[entry.operands[0]] * (3 - len(entry.operands))))
    return np.array(rows, dtype=np.int64).reshape(-1, 5)


def _active(program: Program) -> np.ndarray:
    """Return which numbers depend on the free parameters, in any trial."""
    active = np.zeros(len(program.constants), dtype=bool)
    active[program.parameters] = True
    n_before = -1
    while active.sum() > n_before:
        n_before = int(active.sum())
        for rows in (program.begin, program.trial):
            for code, place, *operands in rows.tolist():
                active[place] |= code not in FLAT and bool(active[operands].any())
        active[program.state] |= active[program.first_state] | active[program.new_state]
    return active


FLAT = tuple(CODES[name] for name in ("eq", "ne", "lt", "le"))
"""Operations whose derivative is 0."""
