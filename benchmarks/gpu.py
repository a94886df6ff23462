"""Cohorts on an accelerator: ``python -m benchmarks.gpu``.

Environment steps per second against the number of networks (two-step, 48 LSTM units, 16 episodes of 200 steps a network
and update), compared with the bound set by the matrix products of a training step on the same device; then the seconds
that one large cohort needs to reach the criterion. The same code runs small on a CPU:
``python -m benchmarks.gpu --device cpu --networks 1 8 --cohort 8 --updates 5``.
"""

import argparse
import sys
import time
from collections.abc import Callable

import torch
from rich.console import Console
from rich.table import Table

from benchmarks.bounds import EPISODES, STEPS, products
from benchmarks.throughput import cohort
from pfc_metarl.learning.base import train

CRITERION = 0.69
"""Reward per trial, mean of the last `LAST` updates; the optimum is 0.707 (science sheet, section 7)."""
LAST = 10


def seconds(work: Callable[[], object], device: str, repeats: int) -> float:
    """Return how long a call takes on a device: the best of several, after one that warms it up."""
    synchronise = torch.get_device_module(device).synchronize
    found = []
    for _ in range(repeats + 1):
        synchronise()
        start = time.perf_counter()
        work()
        synchronise()
        found.append(time.perf_counter() - start)
    return min(found[1:])


def rates(device: str, sizes: list[int], repeats: int) -> Table:
    """Return steps per second for cohorts of these sizes, and the fraction of the bound that is reached."""
    table = Table(title=f"environment steps/s on {name_of(device)}, two-step, 48 units, {EPISODES} x {STEPS} steps")
    for column in ("networks", "ms an update", "µs a step", "steps/s", "products alone, steps/s", "fraction"):
        table.add_column(column, justify="right")
    for size in sizes:
        spent = seconds(cohort(size, device).update, device, repeats)
        bound, work = seconds(products(size, device), device, repeats), size * EPISODES * STEPS
        cells = (f"{spent * 1e3:.0f}", f"{spent / STEPS * 1e6:.0f}", f"{work / spent:,.0f}", f"{work / bound:,.0f}")
        table.add_row(f"{size:,}", *cells, f"{bound / spent:.2f}")
    return table


def to_criterion(device: str, networks: int, updates: int | None) -> str:
    """Train a cohort with the recipe of the experiment, or its first updates, and return in words how long it took."""
    training = cohort(networks, device)
    synchronise = torch.get_device_module(device).synchronize
    start = time.perf_counter()
    train(training, lambda row: training.done != updates)
    synchronise()
    spent = time.perf_counter() - start
    reward = training.history["reward_per_trial"][max(0, training.done - LAST) : training.done].mean(0)
    reached = int((reward >= CRITERION).sum())
    return f"{networks:,} networks: {training.done} updates in {spent:.1f} s; {reached:,} earn {CRITERION} per trial."


def name_of(device: str) -> str:
    """Return what a device is called."""
    return torch.cuda.get_device_name(device) if device.startswith("cuda") else device


def main() -> int:
    """Measure and print; return 2 where there is no such device."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", help="torch device (default cuda)")
    parser.add_argument("--networks", type=int, nargs="+", default=[1, 8, 64, 250, 1000, 4000], metavar="N")
    parser.add_argument("--cohort", type=int, default=1000, metavar="N", help="networks to train to the criterion")
    parser.add_argument("--updates", type=int, metavar="N", help="stop that training early (default: the recipe's 300)")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="updates timed; the best is printed")
    options = parser.parse_args()
    if options.device.startswith("cuda") and not torch.cuda.is_available():
        print("There is no CUDA device here; --device cpu --networks 1 8 runs the same path.", file=sys.stderr)
        return 2
    torch.set_num_threads(1)
    console = Console(width=110)
    console.print(rates(options.device, options.networks, options.repeats))
    console.print(to_criterion(options.device, options.cohort, options.updates), highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
