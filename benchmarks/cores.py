"""What a second core gains in training: ``python -m benchmarks.cores``.

Eight networks learn the two-step task in one process, then in two processes of four networks each at the same time;
both in turns, because the speed of shared machines varies. The ratio of the seconds by the clock is the gain on a
machine without other work. The ratio of the processor seconds, those of the one process over those of the slower of the
two, is what the gain would be if nothing else ran: it leaves out the waits for a core, but not slower memory.
"""

import argparse
import multiprocessing
import time
from multiprocessing.connection import Connection
from typing import NamedTuple

import torch
from rich.console import Console
from rich.table import Table

NETWORKS = 8


class Seconds(NamedTuple):
    """What some updates take."""

    clock: float
    processor: float


def train(networks: int, updates: int, connection: Connection) -> None:
    """Train a cohort as often as a message arrives, and answer each with its seconds."""
    from benchmarks.throughput import cohort  # in this process only: the one that asks needs no torch

    torch.set_num_threads(1)
    training = cohort(networks)
    connection.send(None)
    while connection.recv():
        clock, processor = time.monotonic(), time.process_time()
        for _ in range(updates):
            training.update()
        connection.send(Seconds(time.monotonic() - clock, time.process_time() - processor))


def together(connections: list[Connection]) -> Seconds:
    """Let processes train at the same time; return the seconds of the slowest."""
    for connection in connections:
        connection.send(True)
    found = [connection.recv() for connection in connections]
    return Seconds(*(max(kind) for kind in zip(*found, strict=True)))


def begun(networks: int, updates: int) -> Connection:
    """Start a process that trains a cohort; return the connection to it when its loops are compiled."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    context.Process(target=train, args=(networks, updates, there), daemon=True).start()
    here.recv()
    return here


def best(turns: list[Seconds]) -> Seconds:
    """Return the smallest of each kind of seconds."""
    return Seconds(*(min(kind) for kind in zip(*turns, strict=True)))


def show(alone: Seconds, side_by_side: Seconds, updates: int) -> None:
    """Print a table with the ratios."""
    table = Table(title=f"{updates} updates of {NETWORKS} networks, two-step")
    for column in ("", "seconds", "processor s"):
        table.add_column(column, justify="left" if not column else "right")
    for name, found in (("one process", alone), ("two processes, the slower one", side_by_side)):
        table.add_row(name, *(f"{value:.3f}" for value in found))
    table.add_row("gain", *(f"{one / two:.2f}" for one, two in zip(alone, side_by_side, strict=True)))
    Console().print(table)


def main(arguments: list[str] | None = None) -> None:
    """Measure in turns, print the best of each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cores", description=__doc__.splitlines()[0])
    parser.add_argument("--updates", type=int, default=20, help="in each turn (default 20)")
    parser.add_argument("--repeats", type=int, default=10, help="turns; the best of each is used (default 10)")
    options = parser.parse_args(arguments)
    one = [begun(NETWORKS, options.updates)]
    two = [begun(NETWORKS // 2, options.updates) for _ in range(2)]
    turns = [(together(one), together(two)) for _ in range(options.repeats)]
    for connection in (*one, *two):
        connection.send(False)
    show(*(best(list(each)) for each in zip(*turns, strict=True)), options.updates)


if __name__ == "__main__":
    main()
