"""What a step of each task costs: ``python -m benchmarks.tasks``.

Every task, as one of the experiments has it, is simulated with random actions, by torch and by its translation: the 16
worlds of one network, and those of eight. Printed are microseconds per step of all these worlds, the best of several
episodes.
"""

import argparse
import time

import torch
from rich.console import Console
from rich.table import Table

from benchmarks import loops
from benchmarks.timing import seconds
from pfc_metarl.experiments import load
from pfc_metarl.experiments.registry import main_names
from pfc_metarl.simulation import programs
from pfc_metarl.simulation.traced import Untranslatable
from pfc_metarl.simulation.translated import Translated
from pfc_metarl.tasks import Task

EPISODES = 16
NETWORKS = (1, 8)


def microseconds(task: Task, networks: int, repeats: int) -> float:
    """Return the processor time of a step, in microseconds.

    Parameters
    ----------
    task : Task
    networks : int
        Each has `EPISODES` worlds.
    repeats : int
        Episodes; the fastest counts.
    """
    worlds = networks, EPISODES
    noise = torch.rand(task.n_steps + 1, *worlds, task.n_draws).unbind()
    actions = torch.randint(len(task.action_names), (task.n_steps, *worlds)).unbind()
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        state = task.begin(noise[0])
        for action, its_noise in zip(actions, noise[1:], strict=True):
            task.observe(state)
            state, _ = task.step(state, action, its_noise)
        best = min(best, time.process_time() - start)
    return best / task.n_steps * 1e6


def of_translation(task: Task, networks: int, repeats: int) -> str:
    """Return the same for the instructions of a task, or that it has none."""
    try:
        translated = Translated(task, programs.translated(task))
    except Untranslatable:
        return ""
    noise = torch.rand(task.n_steps + 1, networks, EPISODES, task.n_draws)
    actions = torch.randint(len(task.action_names), (task.n_steps, networks, EPISODES))
    best = min(seconds(lambda: loops.simulate(translated, noise, actions)) for _ in range(repeats + 1))
    return f"{best / task.n_steps * 1e6:.1f}"


def main(arguments: list[str] | None = None) -> None:
    """Measure every task and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tasks", description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7, help="episodes; the fastest counts (default 7)")
    repeats = parser.parse_args(arguments).repeats
    torch.set_num_threads(1)
    table = Table(title=f"microseconds per step, {EPISODES} worlds a network; one core")
    table.add_column("task of")
    for by in ("", ", translated"):
        for networks in NETWORKS:
            table.add_column(f"{networks} network{'s' if networks > 1 else ''}{by}", justify="right")
    tasks = {name: load(name).task for name in main_names()}
    for name, task in {type(task): (name, task) for name, task in reversed(tasks.items())}.values():
        with torch.inference_mode():
            by_torch = [f"{microseconds(task, networks, repeats):.0f}" for networks in NETWORKS]
            table.add_row(name, *by_torch, *(of_translation(task, networks, repeats) for networks in NETWORKS))
    Console().print(table)


if __name__ == "__main__":
    main()
