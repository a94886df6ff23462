"""Environment steps per second on one core: ``python -m benchmarks.throughput``.

Cohorts of 1, 8 and 64 networks learn the two-step task (48 LSTM units, 16 episodes of 200 steps a network and update).
For comparison: a plain PyTorch loop, nn.LSTM of torch forward and backward over the same sequences, and two bounds, the
matrix products of a training step alone, by torch and by the BLAS of the compiled loops. All are measured in turns,
because the speed of shared machines varies; the best of each is printed. The goals are in proportion to the speed of
the core in large matrix products, which is measured in the same turns.
"""

import argparse
import functools
from collections.abc import Callable

import torch
from rich.console import Console
from rich.table import Table
from torch import nn

from benchmarks.bounds import EPISODES, INPUTS, STEPS, UNITS, compiled_products, products
from benchmarks.parts import show_parts
from benchmarks.plain import PlainLoop
from benchmarks.timing import seconds, warmed
from pfc_metarl.experiments import load
from pfc_metarl.learning.a2c import A2CTraining
from pfc_metarl.settings import changed

SIDE = 1024
"""Rows and columns of a large matrix."""
GOALS = {1: 0.30e6, 8: 0.65e6, 64: 0.75e6}
"""Steps per second by the size of the cohort, on a core of so many floating-point operations per second:"""
GOALS_AT = 99e9
LARGE = "a large matrix product"
PLAIN, TORCH_LSTM = "plain PyTorch loop", "nn.LSTM, forward and backward only"
TORCH_PRODUCTS = "matrix products by torch, 8 networks"
LARGE_UNITS = 256
LARGER = f"pfc_metarl, 8 networks of {LARGE_UNITS} units"
LARGER_PRODUCTS = f"matrix products by torch, 8 networks of {LARGE_UNITS} units"


def cohort(networks: int, device: str = "cpu", units: int = UNITS) -> A2CTraining:
    """Return a cohort of the experiment two_step, whose task is translated already."""
    experiment = changed(load("two_step"), {"network": {"units": units}})
    return warmed(experiment.learner.begin(experiment.task, experiment.network, 0, range(networks), device))


def lstm() -> Callable[[], object]:
    """Return a pass forward and backward of nn.LSTM over 16 sequences of 200 steps."""
    net, x = nn.LSTM(INPUTS, UNITS), torch.randn(STEPS, EPISODES, INPUTS)

    def work() -> None:
        net.zero_grad()
        net(x)[0].sum().backward()

    return work


def named(networks: int) -> str:
    """Return the name of a cohort's row."""
    return f"pfc_metarl, {networks} network{'s' if networks > 1 else ''}"


def bound(networks: int) -> str:
    """Return the name of the row of a cohort's matrix products."""
    return f"matrix products by its BLAS, {networks} network{'s' if networks > 1 else ''}"


def main() -> None:
    """Measure in turns, print the best of each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7, help="turns; the best of each is printed (default 7)")
    repeats = parser.parse_args().repeats
    torch.set_num_threads(1)
    cohorts = {n: cohort(n) for n in GOALS}
    works: dict[str, tuple[Callable[[], object], int]] = {}
    for n, training in cohorts.items():
        works[named(n)] = training.update, n * EPISODES * STEPS
        works[bound(n)] = compiled_products(n), n * EPISODES * STEPS
    works[LARGER] = cohort(8, units=LARGE_UNITS).update, 8 * EPISODES * STEPS
    works[LARGER_PRODUCTS] = products(8, units=LARGE_UNITS), 8 * EPISODES * STEPS
    works[TORCH_PRODUCTS] = products(8), 8 * EPISODES * STEPS
    works[TORCH_LSTM] = lstm(), EPISODES * STEPS
    works[PLAIN] = PlainLoop().update, STEPS
    works[LARGE] = functools.partial(torch.mm, *torch.randn(2, SIDE, SIDE)), 2 * SIDE**3
    best = dict.fromkeys(works, float("inf"))
    for _ in range(repeats + 1):
        for name, (work, _) in works.items():
            best[name] = min(best[name], seconds(work))
    rates = {name: n_steps / best[name] for name, (_, n_steps) in works.items()}
    flops = rates.pop(LARGE)
    show(rates)
    show_goals(rates, flops)
    for n in (1, 8):
        show_parts(cohorts[n], repeats)


def show(rates: dict[str, float]) -> None:
    """Print the rates and their ratios."""
    table = Table(title="environment steps/s, one core, two-step, 48 units, 16 x 200 steps a network and update")
    references = {"x plain loop": PLAIN, "x nn.LSTM": TORCH_LSTM, "x products by torch": TORCH_PRODUCTS}
    for column in ("", "steps/s", *references):
        table.add_column(column, justify="left" if not column else "right")
    for name, rate in rates.items():
        table.add_row(name, f"{rate:,.0f}", *(f"{rate / rates[reference]:.2f}" for reference in references.values()))
    Console(width=120).print(table)


def show_goals(rates: dict[str, float], flops: float) -> None:
    """Print how near each cohort is to its bound and to its goal."""
    print(f"{flops / 1e9:.0f} GFLOP/s in large matrix products")
    for n, goal in GOALS.items():
        rate, scaled = rates[named(n)], goal * flops / GOALS_AT
        print(f"{named(n)}: {rate / rates[bound(n)]:.0%} of its bound, {rate / scaled:.0%} of the goal {scaled:,.0f}")
    print(f"{LARGER}: {rates[LARGER] / rates[LARGER_PRODUCTS]:.0%} of their products")


if __name__ == "__main__":
    main()
