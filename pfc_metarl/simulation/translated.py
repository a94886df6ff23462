"""A translated task and a cohort of networks: whole episodes in one compiled call."""

import numpy as np
import torch
from torch import Tensor

from pfc_metarl.agents.prefrontal import Prefrontal
from pfc_metarl.simulation.compiled_episode import ACTION, Instructions, episode
from pfc_metarl.simulation.noise import Noise
from pfc_metarl.simulation.programs import Program
from pfc_metarl.simulation.traced import Untranslatable
from pfc_metarl.tasks.base import Task


class Translated:
    """Episodes of a cohort in a translated task.

    Parameters
    ----------
    task : Task
    program : Program
        Of this task.
    """

    def __init__(self, task: Task, program: Program) -> None:
        self.task, self.program = task, program
        self.instructions = Instructions(*program[:6])
        self.floating, self.whole = np.zeros((0, 0), np.float32), np.zeros((0, 0), np.int64)

    def act(self, agent: Prefrontal, noise: Noise) -> tuple[Tensor, Tensor]:
        """Run an episode; return actions and rewards, each [step, network, episode].

        Raises
        ------
        IndexError
            If the task reads beyond the end of a table.
        Untranslatable
            If the base of a power changes during an episode, or its exponent is not in the table.
        """
        for _ in range(1 + len(self.program.powers)):
            if (lived := self._lived(agent, noise)) is not None:
                return lived
            self.compute_powers()
        if self.program.powers:
            raise Untranslatable("a power whose base changes, or an index beyond the end of a table")
        raise IndexError(f"{type(self.task).__name__}.step: an index is beyond the end of a table")

    def _lived(self, agent: Prefrontal, noise: Noise) -> tuple[Tensor, Tensor] | None:
        """Run an episode; None if an index or a power is not in its table."""
        n_networks, n_episodes = noise.world.shape[1:3]
        tapes = agent.begin((n_networks, n_episodes)).activity.compiled_tapes()
        if tapes is None:
            raise Untranslatable("networks whose cores have no compiled loops")
        actor, critic = tapes
        self.begin(noise.world[0])
        action = torch.empty(noise.choice.shape[:3], dtype=torch.int64)
        reward = torch.empty(action.shape)
        cores = (critic or actor, actor), critic is not None, np.float32(agent.discount)
        random = self.drawn(noise.world[1:]).numpy(), noise.choice.numpy()
        written = action.numpy(), reward.numpy()
        there = episode(*cores, self.instructions, self.floating, self.whole, *random, *written)
        return (action, reward) if there else None

    def compute_powers(self) -> None:
        """Let torch compute the powers of the bases that were met.

        An episode in new worlds gets no further than its first power: by then the bases are known.
        """
        n_rows, first = 1 + self.program.n_exponents, len(self.program.float_table)
        for n in self.program.powers:
            own = torch.from_numpy(self.instructions.float_table[first:])[: n * n_rows * self.whole.shape[1]]
            table, first = own.view(n, n_rows, -1), first + len(own)
            bases = table[:, 0].T.contiguous()  # [world, element], in the order of the task
            for exponent in range(self.program.n_exponents):
                table[:, 1 + exponent] = bases.pow(torch.full_like(bases, exponent)).T

    def drawn(self, noise: Tensor) -> Tensor:
        """Return random numbers and what is computed from them alone, [step, network, episode, draw]."""
        if not self.program.drawn:
            return noise
        together = noise.flatten(0, 1)
        with torch.inference_mode():
            made = [drawn.compute(together).reshape(*together.shape[:2], -1) for drawn in self.program.drawn]
            return torch.cat([together, *made], -1).unflatten(0, noise.shape[:2])

    def begin(self, noise: Tensor) -> None:
        """Fill the registers with what holds at the first step."""
        n_worlds = noise.shape[0] * noise.shape[1]
        if self.floating.shape[1] != n_worlds:
            self._make_registers(n_worlds)
        self.whole[ACTION], self.floating[:2] = -1, 0
        with torch.inference_mode():
            state = [field for field in self.task.begin(noise) if isinstance(field, Tensor)]
        for first, field in zip(self.program.state, state, strict=True):
            values = field.reshape(n_worlds, -1).numpy().T
            registers = self.floating if field.dtype == torch.float32 else self.whole
            registers[first : first + len(values)] = values

    def _make_registers(self, n_worlds: int) -> None:
        shape = self.program.n_registers, n_worlds
        self.floating, self.whole = np.zeros(shape, np.float32), np.zeros(shape, np.int64)
        n_powers = sum(self.program.powers) * (1 + self.program.n_exponents) * n_worlds
        table = np.concatenate([self.program.float_table, np.full(n_powers, np.nan, np.float32)])
        self.instructions = self.instructions._replace(float_table=table)
        for register, value, is_float in self.program.constants:
            (self.floating if is_float else self.whole)[register] = value
