"""Where the seconds of a whole command go: ``python -m benchmarks.end_to_end``.

Without arguments it runs the command of `make demo`; with the name of an experiment, the command that simulates it. For
each step the table has the seconds by the clock that the command spent in it, and the seconds of processor time, of the
command and of its worker processes. Only the latter mean anything on a machine that others use too.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.stopwatch import BEGUN, FILE, START

Spent = dict[str, dict[str, list[float]]]
"""By process (command, worker, server) and step: seconds by the clock and of the processor."""


def measured(name: str, arguments: Sequence[str]) -> Spent:
    """Run a command in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "lines"
        begun = time.time()
        environment = {**os.environ, FILE: str(lines), BEGUN: str(begun)}
        subprocess.run([sys.executable, "-m", "benchmarks.stopwatch", name, *arguments], env=environment, check=True)
        seconds = time.time() - begun
        spent = read(lines.read_text(encoding="utf-8"))
    in_steps = sum(wall for wall, _ in spent["command"].values())
    spent["command"][START][0] += seconds - in_steps  # the exit
    return spent


def read(lines: str) -> Spent:
    """Return the last line of each process, added up."""
    last = {(line["who"], line["process"]): line["spent"] for line in map(json.loads, lines.splitlines())}
    found: Spent = {}
    for (who, _), spent in last.items():
        for step, seconds in spent.items():
            before = found.setdefault(who, {}).get(step, [0.0, 0.0])
            found[who][step] = [a + b for a, b in zip(before, seconds, strict=True)]
    return found


def show(name: str, spent: Spent) -> None:
    """Print a table of one command."""
    table = Table(title=name, title_justify="left")
    for column in ("step", "seconds", "CPU s, command", "CPU s, workers"):
        table.add_column(column, justify="left" if column == "step" else "right")
    others = [spent.get(who, {}) for who in ("server", "worker")]
    columns = []
    for step in dict.fromkeys(step for each in spent.values() for step in each):
        wall, cpu = spent["command"].get(step, [0.0, 0.0])
        columns.append((step, wall, cpu, sum(each[step][1] for each in others if step in each)))
    total = ("total", *(sum(row[column] for row in columns) for column in (1, 2, 3)))
    for step, *seconds in [*columns, total]:
        table.add_row(str(step), *(f"{value:.1f}" if value >= 0.05 else "" for value in seconds))
    Console(width=100).print(table)


def main(arguments: list[str] | None = None) -> None:
    """Run the commands and print their tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.end_to_end", description=__doc__.splitlines()[0])
    parser.add_argument("experiment", nargs="?", help="simulated without a figure (default: the command of make demo)")
    parser.add_argument("--updates", type=int, help="of the training (default: those of the experiment)")
    parser.add_argument("--workers", type=int, help="processes (default: one per core)")
    options = parser.parse_args(arguments)
    given = {"--updates": options.updates, "--workers": options.workers}
    further = [word for name, value in given.items() if value is not None for word in (name, str(value))]
    with tempfile.TemporaryDirectory() as folder:
        run = str(Path(folder) / "run")
        if options.experiment:
            words = [options.experiment, "--out", run, "--quiet", *further]
            show(f"simulate {options.experiment}", measured("simulate", words))
        elif further:
            parser.error(f"{further[0]}: name an experiment, too; the command of make demo has no such option")
        else:
            show("make demo", measured("analyses", ["fig5_two_step", "--simulate", "--run", run]))


if __name__ == "__main__":
    main()
