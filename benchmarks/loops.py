"""Parts of a compiled episode alone, for `benchmarks.throughput` and `benchmarks.tasks`."""

import numba
import torch

from pfc_metarl.networks.compiled import choose, forward
from pfc_metarl.simulation.compiled_tasks import run
from pfc_metarl.simulation.translated import Translated


@numba.njit
def _task(task, floating, whole, world, actions):  # type: ignore[no-untyped-def]
    tables = task.float_table, task.whole_table, task.pool
    for t in range(len(actions)):
        spans = task.spans[t]
        run(task.code, spans[0], spans[1], floating, whole, *tables, world[t])
        whole[0] = actions[t].reshape(-1)
        run(task.code, spans[2], spans[3], floating, whole, *tables, world[t])


@numba.njit
def _steps(tape, choice, chooses):  # type: ignore[no-untyped-def]
    arrays = tape.core, tape.heads, tape.percepts, tape.gates, tape.cells, tape.outputs
    for t in range(len(choice)):
        forward(tape.kind, t, *arrays, True, chooses)
        if chooses:
            choose(t, tape.outputs, choice[t])


def simulate(translated: Translated, noise: torch.Tensor, actions: torch.Tensor) -> None:
    """Run the worlds of an episode alone, with given actions.

    Parameters
    ----------
    translated : Translated
    noise : Tensor, shape [step + 1, network, episode, draw]
    actions : Tensor, shape [step, network, episode]
    """
    translated.begin(noise[0])
    random = translated.drawn(noise[1:]).numpy()
    _task(translated.instructions, translated.floating, translated.whole, random, actions.numpy())


def move(tape, choice: torch.Tensor, chooses: bool) -> None:  # type: ignore[no-untyped-def]
    """Compute the units of an episode alone, or units, heads and choices."""
    _steps(tape.engine.arrays, choice.numpy(), chooses)
