"""A task as a program: the instructions of each of its steps, with the registers that they read and write."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pfc_metarl.simulation.compiled_tasks import FLOAT, INDEX, NOISE, PICK, POWER, TAKE, TO_FLOAT, TO_WHOLE, WHERE
from pfc_metarl.simulation.operations import HANDLERS
from pfc_metarl.simulation.traced import WORLDS, Drawn, Traced, Untranslatable, is_float
from pfc_metarl.simulation.translation import CONSTANTS, TEMPORARY, Tracer
from pfc_metarl.tasks.base import State, Task

ACTION, REWARD = 0, 1
"""Registers of the action, and of the reward that followed it; those of the state come after them."""

Whole = npt.NDArray[np.int64]
Instruction = tuple[int, ...]

READS = {TAKE: (4,), PICK: (4,), WHERE: (2, 3, 4), NOISE: (), TO_FLOAT: (2,), TO_WHOLE: (2,), INDEX: (2,)}
"""Columns of an instruction that are registers of its operands; those of all others are 2 and 3."""


class Program(NamedTuple):
    """Instructions and registers of an episode; see `pfc_metarl.simulation.compiled_tasks.run`."""

    code: Whole
    """Shape [instruction, 7]."""
    spans: Whole
    """First and last instruction of what is shown, and of the step, shape [step, 4]."""
    shown: Whole
    """Registers of what is shown, shape [step, channel]."""
    float_table: npt.NDArray[np.float32]
    whole_table: Whole
    pool: Whole
    constants: tuple[tuple[int, float, bool], ...]
    """Registers of constants, their values, and whether they are in single precision."""
    state: tuple[int, ...]
    """First register of each field of the state that is a tensor."""
    n_registers: int
    powers: tuple[int, ...]
    """Elements of each operation that is a power."""
    n_exponents: int
    drawn: tuple[Drawn, ...]
    """What torch computes from the random numbers of all steps; it follows them, in the order of the elements."""


class Moment(NamedTuple):
    """What was found about a step."""

    shows: tuple[Instruction, ...]
    steps: tuple[Instruction, ...]
    shown: tuple[int, ...]


def translated(task: Task) -> Program:
    """Return the program of a task.

    The worlds of the example are simulated for an episode, in which actions are random.

    Raises
    ------
    Untranslatable
        If an operation of the task has no instructions.
    """
    with torch.no_grad():
        return _Translation(task).program()


class _Translation:
    def __init__(self, task: Task) -> None:
        self.task, self.source = task, torch.Generator().manual_seed(0)
        self.state = task.begin(self._noise())
        self.fields = [name for name in self.state._fields if isinstance(getattr(self.state, name), Tensor)]
        self.first, n = {}, REWARD + 1
        for name in self.fields:
            self.first[name] = n
            n += getattr(self.state, name)[0, 0].numel()
        self.tracer = Tracer(HANDLERS, n, task.n_draws, n_exponents=task.n_steps + 2)

    def _noise(self) -> Tensor:
        return torch.rand(*WORLDS, self.task.n_draws, generator=self.source)

    def program(self) -> Program:
        moments = [self._moment() for _ in range(self.task.n_steps)]
        return assembled(without_idle(moments, self.tracer.pool), self.tracer, tuple(self.first.values()))

    def _moment(self) -> Moment:
        tracer, task = self.tracer, self.task
        tracer.begin()
        state = self._traced_state()
        screen = task.observe(state)
        shown = tracer.registers(screen, torch.float32, (*WORLDS, len(task.channel_names)))
        shows = tuple(tracer.code)
        chosen = torch.randint(len(task.action_names), WORLDS, generator=self.source)
        action = tracer.traced(chosen, np.array([ACTION]))
        after, reward = task.step(state, action, tracer.noise(self._noise()))
        if reward.dtype != torch.float32:
            raise Untranslatable("a reward of another precision")
        self._leave(after, reward)
        return Moment(shows, tuple(tracer.code[len(shows) :]), tuple(shown))

    def _traced_state(self) -> State:
        own = {}
        for name in self.fields:
            value: Tensor = getattr(self.state, name)
            registers = self.first[name] + np.arange(value[0, 0].numel())
            own[name] = self.tracer.traced(value.contiguous(), registers)
        return self.state._replace(**own)

    def _leave(self, after: State, reward: Tensor) -> None:
        """Move the numbers of the next step to the registers of the state, all at once, and go on from there."""
        moves = [(REWARD, self.tracer.registers(reward, torch.float32, WORLDS)[0], True)]
        for name in self.fields:
            field, before = getattr(after, name), getattr(self.state, name)
            if not isinstance(field, Tensor) or (field.dtype, field.shape) != (before.dtype, before.shape):
                raise Untranslatable("a field of the state changes its type")
            found = enumerate(self.tracer.registers(field, field.dtype, field.shape), self.first[name])
            moves += [(to, origin, is_float(field.dtype)) for to, origin in found]
        if any(isinstance(getattr(after, name), Tensor) and name not in self.fields for name in after._fields):
            raise Untranslatable("a field of the state becomes a tensor")
        self.tracer.move([move for move in moves if move[0] != move[1]])
        self.state = after._replace(**{name: _value(getattr(after, name)) for name in self.fields})


def _value(field: Tensor) -> Tensor:
    return field.value if isinstance(field, Traced) else field


def reads(instruction: Instruction, pool: list[int]) -> list[int]:
    """Return the registers of the operands of an instruction."""
    op, first, n = instruction[0] % FLOAT, *instruction[5:]
    listed = pool[first : first + n] if op == PICK else []
    return [*listed, *(instruction[column] for column in READS.get(op, (2, 3)))]


def without_idle(moments: list[Moment], pool: list[int]) -> list[Moment]:
    """Leave out instructions whose results nothing reads: what a task does for the record only."""
    distinct, read, n_before = set(moments), {REWARD}, 0
    while len(read) > n_before:
        n_before = len(read)
        for moment in distinct:
            needed = _needed(moment, read, pool)
            read |= {r for each in (*needed.shows, *needed.steps) for r in reads(each, pool) if r < CONSTANTS}
            read |= {r for r in moment.shown if r < CONSTANTS}
    made = {moment: _needed(moment, read, pool) for moment in distinct}
    return [made[moment] for moment in moments]


def _needed(moment: Moment, read: set[int], pool: list[int]) -> Moment:
    """Return a moment with the instructions on which what is shown, or a register that is read later, depends."""
    needed = {*read, *moment.shown}
    shows: list[Instruction] = []
    steps: list[Instruction] = []
    for instructions, kept in ((moment.steps, steps), (moment.shows, shows)):
        for instruction in reversed(instructions):
            if instruction[1] in needed:
                needed |= set(reads(instruction, pool))
                kept.append(instruction)
    return Moment(tuple(reversed(shows)), tuple(reversed(steps)), moment.shown)


def assembled(moments: list[Moment], tracer: Tracer, state: tuple[int, ...]) -> Program:
    """Put the instructions of all steps, the same ones once, and all tables into arrays."""
    n_fixed, n_constants = tracer.n_fixed, len(tracer.constants)
    n_temporary = 1 + max((register - TEMPORARY for moment in moments for register in _written(moment)), default=0)

    def final(registers: Any) -> Any:
        of_constants = np.where(registers >= CONSTANTS, registers - CONSTANTS + n_fixed, registers)
        return np.where(registers >= TEMPORARY, registers - TEMPORARY + n_fixed + n_constants, of_constants)

    places: dict[tuple[Instruction, ...], tuple[int, int]] = {}
    code: list[Instruction] = []
    for block in (block for moment in moments for block in (moment.shows, moment.steps)):
        if block not in places:
            places[block] = len(code), len(code) + len(block)
            code.extend(block)
    array = np.array([*code, (0,) * 7], dtype=np.int64)
    array[:, 1:5] = final(array[:, 1:5])
    of_powers = array[:, 0] == FLOAT + POWER
    array[of_powers, 5] = sum(tracer.powers) - 1 - array[of_powers, 5]  # counted from the end of the table
    return Program(
        code=array,
        spans=np.array([(*places[moment.shows], *places[moment.steps]) for moment in moments], dtype=np.int64),
        shown=final(np.array([moment.shown for moment in moments], dtype=np.int64)),
        float_table=_joined(tracer, torch.float32),
        whole_table=_joined(tracer, torch.int64),
        pool=final(np.array([*tracer.pool, 0], dtype=np.int64)),
        constants=tuple(
            (register - CONSTANTS + n_fixed, value, is_float_)
            for (is_float_, value), register in tracer.constants.items()
        ),
        state=state,
        n_registers=n_fixed + n_constants + n_temporary,
        powers=tuple(tracer.powers),
        n_exponents=tracer.n_exponents,
        drawn=tuple(tracer.drawn.values()),
    )


def _written(moment: Moment) -> list[int]:
    return [instruction[1] for instruction in (*moment.shows, *moment.steps)]


def _joined(tracer: Tracer, dtype: torch.dtype) -> Any:
    """Return all tables of a type, one after the other; at least one number."""
    own = [values for _, values in tracer.tables.values() if is_float(values.dtype) == is_float(dtype)]
    return torch.cat([*(values.reshape(-1).to(dtype) for values in own), torch.zeros(1, dtype=dtype)]).numpy()
