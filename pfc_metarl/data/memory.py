"""How much memory is available, and whether a file of trials fits into it."""

from pathlib import Path

from pfc_metarl.data.files import size_of
from pfc_metarl.settings import BadInput

OF_READING = 4.5
"""Bytes of memory for each byte of a text file of trials while it is read, about."""

OF_MEASURING = 10.0
"""The same while it is measured."""

LEAST = 100_000_000
"""Bytes; smaller files are not looked at."""

MEMORY, GROUP, GROUPS = Path("/proc/meminfo"), Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")
"""Where Linux tells what is available, to which control group a process belongs, and what the group may use."""


def available_memory(known: Path = MEMORY, group: Path = GROUP, groups: Path = GROUPS) -> int | None:
    """Return the bytes of memory that a process may still take; None where the system does not tell, as on macOS.

    A limit of the process's control group counts, such as that of a job on a cluster or of a container.

    Parameters
    ----------
    known, group, groups : Path
        As `MEMORY`, `GROUP` and `GROUPS`.
    """
    if not known.is_file():
        return None
    lines = dict(line.split(":", 1) for line in known.read_text().splitlines() if ":" in line)
    available = int(lines.get("MemAvailable", "0").split()[0]) * 1024
    own = next((line[3:] for line in _text(group).splitlines() if line.startswith("0::")), None)
    if own is None:
        return available
    folder = groups / own.strip("/")
    limits = (_left(each) for each in (folder, *folder.parents) if each.is_relative_to(groups))
    return int(min(available, *limits))


def _left(folder: Path) -> float:
    """Return the bytes that a control group may still take, files that could be dropped from memory counted as free."""
    limit, used = _text(folder / "memory.max").strip(), _text(folder / "memory.current").strip()
    if not (limit.isdigit() and used.isdigit()):
        return float("inf")
    files = (
        line.split()[1] for line in _text(folder / "memory.stat").splitlines() if line.startswith("inactive_file ")
    )
    return int(limit) - int(used) + int(next(files, 0))


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def require_memory(path: Path, of_byte: float, purpose: str) -> None:
    """Refuse a text file that needs more memory than is available, by an estimate from its size.

    Parameters
    ----------
    path : Path
    of_byte : float
        Bytes of memory for each byte of the file, such as `OF_READING`.
    purpose : str
        What it is needed for, such as "read".

    Raises
    ------
    BadInput
        If it is not enough.
    """
    size = path.stat().st_size if path.is_file() else 0
    available = available_memory() if size >= LEAST else None
    if available is not None and size * of_byte > available:
        raise BadInput(
            f"{path}: a file of {size_of(size)} takes about {size_of(size * of_byte)} of memory to be {purpose}, and "
            f"{size_of(available)} are available; give some of its subjects at a time, or a machine with more."
        )
