"""How much memory is available, and whether a file of trials fits into it."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pfc_metarl.data.files import size_of
from pfc_metarl.settings import BadInput


class Purpose(NamedTuple):
    """What a file of trials is needed for, and about how many bytes of memory that takes."""

    name: str
    of_byte: float
    """For each byte of a text file."""
    of_value: float
    """For each cell of a Parquet file, whose bytes are compressed."""


READING = Purpose("read", 5.0, 35.0)
MEASURING = Purpose("read and analysed", 10.0, 50.0)

LEAST = 100_000_000
"""Bytes of memory; files that need less are not refused."""

PARQUET = (".parquet", ".pq", ".pqt")

MEMORY, GROUP, GROUPS = Path("/proc/meminfo"), Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")
"""Where Linux tells what is available, to which control group a process belongs, and what the group may use."""


class Limits(NamedTuple):
    """Files of a control group: the most memory that it may use, what it uses, and a line of its statistics."""

    most: str
    used: str
    files: str
    """Name of the line of ``memory.stat`` with the bytes of files that could be dropped from memory."""


VERSION_1 = Limits("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
VERSION_2 = Limits("memory.max", "memory.current", "inactive_file")


def available_memory(known: Path = MEMORY, group: Path = GROUP, groups: Path = GROUPS) -> int | None:
    """Return the bytes of memory that a process may still take; None where the system does not tell, as on macOS.

    A limit of the process's control group counts, of version 1 or 2, such as that of a job on a cluster or of a
    container.

    Parameters
    ----------
    known, group, groups : Path
        As `MEMORY`, `GROUP` and `GROUPS`.
    """
    if not known.is_file():
        return None
    lines = dict(line.split(":", 1) for line in known.read_text().splitlines() if ":" in line)
    available = int(lines.get("MemAvailable", "0").split()[0]) * 1024
    return int(min(available, *_left_in_groups(group, groups), float("inf")))


def _left_in_groups(group: Path, groups: Path) -> Iterator[float]:
    """Yield what each control group of the process, and each group that holds it, may still take."""
    for line in _text(group).splitlines():
        _, controllers, own = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        root, limits = (groups / "memory", VERSION_1) if controllers else (groups, VERSION_2)
        folder = root / own.strip("/")
        yield from (_left(each, limits) for each in (folder, *folder.parents) if each.is_relative_to(root))


def _left(folder: Path, limits: Limits) -> float:
    """Return the bytes that a control group may still take, files that could be dropped from memory counted as free."""
    most, used = _text(folder / limits.most).strip(), _text(folder / limits.used).strip()
    if not (most.isdigit() and used.isdigit()):
        return float("inf")
    fields = (line.split() for line in _text(folder / "memory.stat").splitlines())
    return int(most) - int(used) + next((int(value) for name, value in fields if name == limits.files), 0)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def require_memory(path: Path, purpose: Purpose) -> None:
    """Refuse a file of trials that needs more memory than is available, by an estimate from its size.

    Parameters
    ----------
    path : Path
        Text, or Parquet by its name. Nothing is estimated for a folder.
    purpose : Purpose

    Raises
    ------
    BadInput
        If it is not enough.
    """
    needed = _needed(path, purpose) if path.is_file() else 0.0
    available = available_memory() if needed >= LEAST else None
    if available is not None and needed > available:
        raise BadInput(
            f"{path}: a file of {size_of(path.stat().st_size)} takes about {size_of(needed)} of memory to be "
            f"{purpose.name}, and {size_of(available)} are available; give some of its subjects at a time, or use a "
            "machine with more."
        )


def _needed(path: Path, purpose: Purpose) -> float:
    """Return about how many bytes of memory a file takes; 0 where Parquet cannot be read."""
    if path.suffix.lower() not in PARQUET:
        return path.stat().st_size * purpose.of_byte
    if importlib.util.find_spec("pyarrow") is None:
        return 0.0
    from pyarrow.parquet import read_metadata

    try:
        known = read_metadata(path)
    except (OSError, ValueError):
        return 0.0
    return float(known.num_rows * known.num_columns * purpose.of_value)
