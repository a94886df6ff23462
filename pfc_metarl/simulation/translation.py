"""Translation of a task's step into instructions: what its functions do to the numbers of a world.

The functions of a task are called once with tensors that remember, for each of their elements, in which register of
`pfc_metarl.simulation.compiled_tasks` its value will be found. What only moves elements moves the numbers of registers,
by torch itself, and costs nothing later; what computes adds an instruction.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from pfc_metarl.simulation.compiled_tasks import (
    FLOAT,
    INDEX,
    MAX,
    MUL,
    NOISE,
    NOT_EQUAL,
    OR,
    TO_FLOAT,
    TO_WHOLE,
)
from pfc_metarl.simulation.traced import N_WORLDS, WORLDS, Drawn, Traced, Untranslatable, is_float, traced_in

CONSTANTS, TEMPORARY = 1 << 20, 1 << 30
"""Where the numbers of registers for constants and for intermediate results begin, until all are known."""

MOST_REGISTERS = 512
"""Elements of a tensor in each world; with more of them, torch is as fast."""

NO_TENSORS = ("item", "tolist", "numpy", "__array__", "__bool__", "__float__", "__int__", "__index__", "__contains__")
"""Methods that ask for numbers."""

Registers = npt.NDArray[np.int64]
Operand = Any
"""A tensor, traced or not, or a number."""


class Tracer:
    """The instructions of one step, as they are found.

    Parameters
    ----------
    handlers : dict of callable
        By the name of an operation of torch: (tracer, operation, arguments, keywords) -> tensor.
    n_fixed : int
        Registers that have a meaning of their own, such as those of the state.
    n_draws : int
        Random numbers of a step.
    n_exponents : int
        Exponents of powers, from 0 on.
    """

    def __init__(self, handlers: dict[str, Any], n_fixed: int, n_draws: int, n_exponents: int = 0) -> None:
        self.handlers, self.n_fixed, self.n_exponents = handlers, n_fixed, n_exponents
        self.constants: dict[tuple[bool, float], int] = {}
        self.tables: dict[Any, tuple[int, Tensor]] = {}
        self.table_sizes = {True: 0, False: 0}
        self.pool: list[int] = []
        self.n_draws = n_draws
        self.drawn: dict[str, Drawn] = {}
        self.first_draw: dict[str, int] = {}
        self.pools: dict[tuple[int, ...], int] = {}
        self.powers: list[int] = []
        """Elements of each operation that is a power, by its order in a step."""
        self.begin()

    def begin(self) -> None:
        """Forget the instructions, but not constants and tables."""
        self.code: list[tuple[int, ...]] = []
        self.known: dict[tuple[int, ...], int] = {}
        self.n_temporary = self.n_powers = 0
        self.overwrites = False

    def handle(self, function: Any, args: Any, kwargs: Any) -> Any:
        """Carry out an operation of torch on traced tensors."""
        name = function.__name__
        handler = self.handlers.get(name)
        drawn = Drawn(function, args, kwargs) if all(each.of_noise for each in traced_in(args)) else None
        if traced_in(list(kwargs.values())) or "out" in kwargs:
            raise Untranslatable(f"{name} with tensors as keywords")
        if handler is None and (drawn is None or name in NO_TENSORS or name.endswith("_")):
            raise Untranslatable(name)
        made = self._draw(drawn) if handler is None else handler(self, function, args, kwargs)
        for part, each in enumerate(made if isinstance(made, tuple) else [made]):
            if drawn is not None and isinstance(each, Traced) and each is not args[0]:
                each.of_noise = drawn._replace(part=part) if isinstance(made, tuple) else drawn
        return made

    def _draw(self, drawn: Any) -> Traced:
        """Return what torch computes from random numbers; registers are filled with it as with them."""
        if self.overwrites:
            raise Untranslatable("random numbers that may have been overwritten")
        value, name, others = drawn.compute(self.example), drawn.name, self.example.clone()
        others[0, 0] = 1 - others[0, 0]
        of_worlds = [made.flatten(0, 1)[1:] for made in (value, drawn.compute(others)) if made.shape[:2] == WORLDS]
        if len(of_worlds) < 2 or not torch.equal(*of_worlds):
            raise Untranslatable("random numbers of different worlds are mixed")
        n = value.numel() // N_WORLDS
        if name not in self.drawn:
            self.drawn[name] = drawn
            self.first_draw[name], self.n_draws = self.n_draws, self.n_draws + n
        first = self.first_draw[name]
        return self.traced(value, np.array([self.emit(FLOAT + NOISE, m=first + k) for k in range(n)]))

    def traced(self, value: Tensor, registers: Registers) -> Traced:
        """Return a tensor whose elements are found in registers, the same ones in every world; shape [element]."""
        where = registers * N_WORLDS + np.arange(N_WORLDS)[:, None]
        return Traced(value, torch.from_numpy(where).reshape(value.shape), self.handle)

    def emit(self, op: int, a: int = 0, b: int = 0, c: int = 0, m: int = 0, n: int = 0) -> int:
        """Add an instruction and return the register of its result; the same one is not added twice."""
        key = op, a, b, c, m, n
        if key not in self.known:
            self.known[key] = TEMPORARY + self.n_temporary
            self.n_temporary += 1
            self.code.append((op, self.known[key], a, b, c, m, n))
        return self.known[key]

    def move(self, moves: list[tuple[int, int, bool]]) -> None:
        """Copy numbers to fixed registers, all at once: target, origin, and whether they are in single precision."""
        targets = {target for target, _, _ in moves}
        safe = [
            (target, self.emit(*_same(origin, floating)) if origin in targets else origin, floating)
            for target, origin, floating in moves
        ]
        for target, origin, floating in safe:
            op, *operands = _same(origin, floating)
            self.code.append((op, target, *operands, 0, 0, 0))

    def constant(self, value: float, floating: bool) -> int:
        """Return the register of a constant."""
        if floating and value == 0 and np.signbit(value):  # as a key, −0 would be 0
            return self.emit(FLOAT + MUL, self.constant(0, True), self.constant(-1, True))
        key = floating, float(np.float32(value)) if floating else int(value)
        return self.constants.setdefault(key, CONSTANTS + len(self.constants))

    def located(self, tensor: Tensor) -> Tensor:
        """Return where the elements of a tensor are found; those of one that is not traced are constants."""
        if isinstance(tensor, Traced):
            return tensor.places
        floating, flat = is_float(tensor.dtype), tensor.detach().reshape(-1).tolist()
        if len(flat) > MOST_REGISTERS * N_WORLDS:
            raise Untranslatable("a large constant among numbers of worlds")
        registers = torch.tensor([self.constant(each, floating) for each in flat], dtype=torch.int64)
        world = torch.arange(N_WORLDS).reshape(WORLDS)
        world = world.reshape(*WORLDS, *[1] * (tensor.ndim - 2)) if tensor.shape[:2] == WORLDS else world.new_zeros(())
        return registers.reshape(tensor.shape) * N_WORLDS + world

    def registers(self, operand: Operand, dtype: torch.dtype, shape: Sequence[int]) -> list[int]:
        """Return where an operand is found, converted to a type and broadcast to a shape: a register per element."""
        if not isinstance(operand, Traced):
            return self._constants(operand, dtype, shape)
        where = operand.places.expand(shape).reshape(N_WORLDS, -1).numpy()
        if where.shape[1] > MOST_REGISTERS or (where != where[:1] + np.arange(N_WORLDS)[:, None]).any():
            raise Untranslatable("numbers of different worlds are mixed")
        if (where[0] % N_WORLDS).any():
            raise Untranslatable("numbers of different worlds are mixed")
        own = (where[0] // N_WORLDS).tolist()
        return self._converted(own, operand.value.dtype, dtype)

    def _constants(self, operand: Operand, dtype: torch.dtype, shape: Sequence[int]) -> list[int]:
        tensor = operand if isinstance(operand, Tensor) else torch.tensor(operand)
        values = tensor.detach().to(dtype).expand(shape).reshape(N_WORLDS, -1)
        if values.shape[1] > MOST_REGISTERS or (values != values[:1]).any():
            raise Untranslatable("a constant that differs between worlds")
        return [self.constant(value, is_float(dtype)) for value in values[0].tolist()]

    def _converted(self, registers: list[int], before: torch.dtype, after: torch.dtype) -> list[int]:
        if before == after or not (is_float(before) or is_float(after) or after == torch.bool):
            return registers
        if is_float(after):
            return [self.emit(TO_FLOAT, register) for register in registers]
        if after != torch.bool:
            return [self.emit(TO_WHOLE, register) for register in registers]
        op, zero = NOT_EQUAL + FLOAT * is_float(before), self.constant(0, is_float(before))
        return [self.emit(op, register, zero) for register in registers]

    def table(self, values: Tensor) -> int:
        """Return where a table begins among all tables of its type."""
        flat = values.detach().contiguous()
        key: Any = (
            (values.dtype, flat.numpy().tobytes())
            if flat.numel() <= MOST_REGISTERS
            else (values.data_ptr(), values.dtype, tuple(values.shape), values.stride())
        )
        if key not in self.tables:
            floating = is_float(values.dtype)
            self.tables[key] = self.table_sizes[floating], values
            self.table_sizes[floating] += flat.numel()
        return self.tables[key][0]

    def pooled(self, registers: tuple[int, ...]) -> int:
        """Return where a list of registers begins in the pool."""
        if registers not in self.pools:
            self.pools[registers] = len(self.pool)
            self.pool.extend(registers)
        return self.pools[registers]

    def power(self, n: int) -> int:
        """Return which the first element of the next power of a step is, of all elements of powers."""
        if self.powers[self.n_powers : self.n_powers + 1] not in ([], [n]):
            raise Untranslatable("powers that differ from step to step")
        self.powers[self.n_powers :] = [n, *self.powers[self.n_powers + 1 :]]
        self.n_powers += 1
        return sum(self.powers[: self.n_powers - 1])

    def index(self, register: int, n: int) -> int:
        """Return the register of an index into n places."""
        return self.emit(INDEX, register, m=n)

    def noise(self, example: Tensor) -> Traced:
        """Return the random numbers of a step."""
        self.example = example
        made = self.traced(example, np.array([self.emit(FLOAT + NOISE, m=k) for k in range(example.shape[-1])]))
        made.of_noise = Drawn(None, (), {})
        return made


def _same(register: int, floating: bool) -> tuple[int, int, int]:
    """Return an instruction whose result is its operand."""
    return (FLOAT + MAX if floating else OR), register, register
