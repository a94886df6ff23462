"""Cost as work grows: ``python -m benchmarks.growth``.

Seconds of the process and peak memory of training against networks, parallel episodes, units, episode length and
updates, and of recording against episodes. Every measurement runs in a process of its own, because peak memory is that
of a process. A slope is the exponent b of seconds ~ workᵇ between the two largest sizes: 1 means that time is
proportional to work.
"""

import argparse
import math
import multiprocessing
import resource
import time
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from benchmarks.timing import warmed
from pfc_metarl.agents import Prefrontal
from pfc_metarl.experiments import load
from pfc_metarl.settings import changed
from pfc_metarl.simulation.recording import record

GROWN: dict[str, list[int]] = {
    "networks": [1, 4, 16, 64, 256],
    "episodes": [4, 16, 64, 256],
    "units": [16, 48, 128, 512],
    "trials": [25, 100, 400],
    "recorded episodes": [50, 200, 800],
    "updates": [3, 30, 250],
}
UPDATES = 3


def work(quantity: str, size: int) -> float:
    """Return how much more work a size is, in steps times multiplications of the core."""
    if quantity == "units":
        return size * (size + 7)
    return size


def measured(quantity: str, size: int) -> dict[str, float]:
    """Train for some updates, or record, and return seconds and peak memory in MB."""
    torch.set_num_threads(1)
    settings: dict[str, Any] = {
        "networks": {},
        "episodes": {"learner": {"episodes": size}},
        "units": {"network": {"units": size}},
        "trials": {"task": {"n_trials": size}},
        "recorded episodes": {},
        "updates": {},
    }[quantity]
    experiment = changed(load("two_step"), settings)
    networks = range(size if quantity == "networks" else 8)
    training = warmed(experiment.learner.begin(experiment.task, experiment.network, 0, networks))
    start = time.process_time()
    if quantity == "recorded episodes":
        agent = Prefrontal(experiment.network, training.weights, 3, 2, experiment.task.n_steps, 0.5)
        record(experiment.task, agent, size, 0, networks=tuple(networks))
        seconds = time.process_time() - start
    else:
        updates = size if quantity == "updates" else UPDATES
        for _ in range(updates):
            training.update()
        seconds = (time.process_time() - start) / (1 if quantity == "updates" else updates)
    return {"seconds": seconds, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def slope(quantity: str, results: dict[int, dict[str, float]]) -> float:
    """Return the exponent of seconds against work between the two largest sizes."""
    *_, low, high = results
    ratio = work(quantity, high) / work(quantity, low)
    return math.log(results[high]["seconds"] / results[low]["seconds"]) / math.log(ratio)


def main() -> None:
    """Measure everything and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description="Cost as work grows.")
    parser.add_argument("--only", choices=list(GROWN), action="append", help="one quantity; may be repeated")
    context = multiprocessing.get_context("spawn")
    table = Table(title="two-step, 8 networks of 48 units, 16 episodes of 100 trials unless said; one core")
    for column in ("grown", "size", "seconds", "peak MB", "slope of the last step"):
        table.add_column(column, justify="left" if column == "grown" else "right")
    for quantity in parser.parse_args().only or GROWN:
        results = {}
        for size in GROWN[quantity]:
            with context.Pool(1) as pool:
                results[size] = pool.apply(measured, (quantity, size))
        for size, result in results.items():
            last = f"{slope(quantity, results):.2f}" if size == GROWN[quantity][-1] else ""
            table.add_row(quantity, str(size), f"{result['seconds']:.3f}", f"{result['memory']:.0f}", last)
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
