"""The long version of all attacks: ``python -m tests.torture``; a table on the terminal and in RESULTS.md."""

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.torture import (
    test_checkpoints,
    test_disk,
    test_flips,
    test_fuzz_command_line,
    test_fuzz_recordings,
    test_fuzz_tables,
    test_fuzz_task_files,
    test_kills,
    test_locks,
    test_manifests,
    test_numbers,
    test_reproducible,
)

RESULTS = Path(__file__).with_name("RESULTS.md")
COLUMNS = ("attack", "cases", "lost, undetected or not reported in a sentence", "seconds", "")


def from_outside(options):
    """Yield the attacks on other processes, and how many cases each is given."""
    yield test_kills.attack, options.kills
    yield test_locks.attack, 6
    yield test_disk.attack, 10


def from_inside(options):
    """Yield the attacks within this process, and how many cases each is given."""
    fifth = -(-options.cases // 5)
    yield test_numbers.attack, 1
    yield test_reproducible.attack, 64
    yield test_flips.attack, options.flips
    yield test_checkpoints.attack, options.flips
    yield test_manifests.attack, 500
    yield test_fuzz_command_line.attack_configurations, fifth
    yield test_fuzz_command_line.attack_command_lines, fifth
    yield test_fuzz_task_files.attack, fifth
    yield test_fuzz_tables.attack, fifth
    yield test_fuzz_recordings.attack, fifth


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, help="deaths of processes (default 100)")
    parser.add_argument("--flips", type=int, default=1000, help="changes of files, of runs and checkpoints each")
    parser.add_argument("--cases", type=int, default=10_000, help="fuzzed inputs, of five kinds together")
    parser.add_argument("--seed", type=int, default=0, help="of everything random")
    parser.add_argument("--results", type=Path, default=RESULTS, help="markdown to write (default RESULTS.md here)")
    parser.add_argument("--only", default="", help="part of the name of an attack; other rows of the results stay")
    options = parser.parse_args(arguments)
    with ThreadPoolExecutor(1) as aside:
        outside = aside.submit(lambda: _all(from_outside(options), options))
        inside = _all(from_inside(options), options)
        tallies = outside.result() + inside
    rows = [(t.attack, f"{t.cases:,}", str(len(t.lost)), f"{t.seconds:.0f}", t.note) for t in tallies]
    _show(rows)
    if options.only and options.results.exists():
        rows = list({row[0]: row for row in [*_written(options.results), *rows]}.values())
    options.results.write_text(_markdown(rows, options.seed), encoding="utf-8")
    return int(any(tally.lost for tally in tallies))


def _all(attacks, options):
    named = {f"{attack.__module__.rpartition('.')[2]}.{attack.__name__}": (attack, cases) for attack, cases in attacks}
    return [_tally(name, *given, options.seed) for name, given in named.items() if options.only in name]


def _tally(name, attack, cases, seed):
    with tempfile.TemporaryDirectory(prefix=f"{name}.") as folder:
        tally = attack(cases, seed, Path(folder))
    _log(f"{time.strftime('%H:%M:%S')} {name}: {tally.cases} cases, {len(tally.lost)} lost, {tally.seconds:.0f} s")
    for lost in tally.lost:
        _log(f"LOST {lost}")
    return tally


def _log(line):
    sys.__stderr__.write(f"{line}\n")
    sys.__stderr__.flush()


def _show(rows):
    table = Table(*COLUMNS)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def _written(path):
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [tuple(cell.strip() for cell in line[1:-1].split("|")) for line in lines[2:]]


def _markdown(rows, seed):
    note = f"Written by `python -m tests.torture --seed {seed}`; attacks repeated by `--only` replace their rows."
    lines = ["# What the torture found", "", note, ""]
    lines += [f"| {' | '.join(row)} |" for row in (COLUMNS, ("---", "---:", "---:", "---:", "---"), *rows)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
