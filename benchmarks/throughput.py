"""Environment steps per second on one core: ``python -m benchmarks.throughput``.

Cohorts of 1, 8 and 64 networks learn the two-step task (48 LSTM units, 16 episodes of 200 steps a network and update).
For comparison: a plain PyTorch loop, nn.LSTM of torch forward and backward over the same sequences, and the bound set
by the matrix products of a training step. All are measured in turns, because the speed of shared machines varies. The
speed of the core in large matrix products is measured in the same turns: the aim is 0.70 million steps/s with 8
networks on a core of 165 GFLOP/s, and proportionally on others.
"""

import argparse
import functools
import time
from collections.abc import Callable

import torch
from rich.console import Console
from rich.table import Table
from torch import nn

from benchmarks.plain import PlainLoop
from pfc_metarl.experiments import load
from pfc_metarl.learning.a2c import A2CTraining
from pfc_metarl.simulation import noise

STEPS, EPISODES, UNITS, INPUTS, HEADS = 200, 16, 48, 6, 3
SIDE = 1024
"""Rows and columns of a large matrix."""
AIM_PER_FLOP = 0.70e6 / 165e9


LARGE = "a large matrix product"


def seconds(work: Callable[[], object]) -> float:
    """Return how long a call takes, in seconds of this process, since others may use the machine too."""
    start = time.process_time()
    work()
    return time.process_time() - start


def cohort(networks: int, device: str = "cpu") -> A2CTraining:
    """Return a cohort of the experiment two_step."""
    experiment = load("two_step")
    return experiment.learner.begin(experiment.task, experiment.network, 0, range(networks), device)


def lstm() -> Callable[[], object]:
    """Return a pass forward and backward of nn.LSTM over 16 sequences of 200 steps."""
    net, x = nn.LSTM(INPUTS, UNITS), torch.randn(STEPS, EPISODES, INPUTS)

    def work() -> None:
        net.zero_grad()
        net(x)[0].sum().backward()

    return work


def products(networks: int, device: str = "cpu") -> Callable[[], object]:
    """Return the matrix products of one training step for all episodes of a cohort, and nothing else."""
    rows = INPUTS + UNITS + 1

    def matrices(*shape: int) -> torch.Tensor:
        return torch.randn(networks, *shape, device=device)

    percepts, core = matrices(EPISODES, rows), matrices(rows, 4 * UNITS)
    outputs, heads = matrices(EPISODES, UNITS + 1), matrices(UNITS + 1, HEADS)
    errors, recurrent = matrices(EPISODES, 4 * UNITS), matrices(4 * UNITS, UNITS)
    gates, out, d_hidden = torch.empty_like(errors), matrices(EPISODES, HEADS), matrices(EPISODES, UNITS)
    all_percepts, all_errors = matrices(STEPS * EPISODES, rows), matrices(STEPS * EPISODES, 4 * UNITS)

    def work() -> None:
        for _ in range(STEPS):
            torch.bmm(percepts, core, out=gates)
            torch.bmm(outputs, heads, out=out)
            torch.bmm(errors, recurrent, out=d_hidden)
        torch.bmm(all_percepts.mT, all_errors)

    return work


def parts(training: A2CTraining) -> dict[str, Callable[[], object]]:
    """Return the parts of one update, to be run in this order."""
    task, learner, memory = training.task, training.learner, {}

    def draw() -> None:
        memory["noise"] = noise.draw(
            training.sources, task.n_steps, learner.episodes, task.n_draws, len(task.action_names)
        )

    def act() -> None:
        memory["lived"] = training.act(memory["noise"])

    def learn() -> None:
        memory["gradients"] = training.gradients(*memory["lived"])[0]

    def apply() -> None:
        training.apply(memory["gradients"])

    return {"draw noise": draw, "act": act, "loss and backward": learn, "apply": apply}


def main() -> None:
    """Measure in turns, print the best of each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.throughput", description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7, help="turns; the best of each is printed (default 7)")
    repeats = parser.parse_args().repeats
    torch.set_num_threads(1)
    cohorts = {n: cohort(n) for n in (1, 8, 64)}
    plain = PlainLoop()
    works: dict[str, tuple[Callable[[], object], int]] = {
        f"pfc_metarl, {n} network{'s' if n > 1 else ''}": (training.update, n * EPISODES * STEPS)
        for n, training in cohorts.items()
    }
    works["plain PyTorch loop"] = (plain.update, STEPS)
    works["nn.LSTM, forward and backward only"] = (lstm(), EPISODES * STEPS)
    works["matrix products only, 8 networks"] = (products(8), 8 * EPISODES * STEPS)
    works[LARGE] = (functools.partial(torch.mm, *torch.randn(2, SIDE, SIDE)), 2 * SIDE**3)
    best = dict.fromkeys(works, float("inf"))
    for _ in range(repeats + 1):
        for name, (work, _) in works.items():
            best[name] = min(best[name], seconds(work))
    rates = {name: n_steps / best[name] for name, (_, n_steps) in works.items()}
    flops = rates.pop(LARGE)
    show(rates)
    aim, reached = AIM_PER_FLOP * flops, rates["pfc_metarl, 8 networks"]
    print(
        f"{flops / 1e9:.0f} GFLOP/s in large products; the aim with 8 networks is {aim:,.0f}: {reached / aim:.0%} of it"
    )
    show_parts(cohorts[8], repeats)


def show(rates: dict[str, float]) -> None:
    """Print the rates and their ratios."""
    table = Table(title="environment steps/s, one core, two-step, 48 units, 16 x 200 steps a network and update")
    references = ["plain PyTorch loop", "nn.LSTM, forward and backward only", "matrix products only, 8 networks"]
    for column in ("", "steps/s", "x plain loop", "x nn.LSTM", "x products"):
        table.add_column(column, justify="left" if not column else "right")
    for name, rate in rates.items():
        table.add_row(name, f"{rate:,.0f}", *(f"{rate / rates[reference]:.2f}" for reference in references))
    Console(width=120).print(table)


def show_parts(training: A2CTraining, repeats: int) -> None:
    """Print where the time of an update goes, in microseconds a step."""
    works = parts(training)
    best = dict.fromkeys(works, float("inf"))
    with torch.no_grad():
        for _ in range(repeats + 1):
            for name, work in works.items():
                best[name] = min(best[name], seconds(work))
    table = Table(title="where an update goes, 8 networks")
    table.add_column("part")
    table.add_column("µs a step", justify="right")
    for name, value in best.items():
        table.add_row(name, f"{value / STEPS * 1e6:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
