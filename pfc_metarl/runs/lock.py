"""The lock of a folder: one process at a time, by the means of the file system.

The lock of the operating system ends with its process, even by kill -9. On network file systems without locks (NFS
without its lock service, some SMB servers) a file with the number of the process and the host takes its place. It
remains if the process is killed. On the same host the next process removes it; on another host a user has to.
"""

import contextlib
import errno
import warnings
from collections.abc import Iterator
from pathlib import Path

from filelock import BaseFileLock, FileLock, SoftFileLock, Timeout

from pfc_metarl.settings import BadInput, Caution

LOCK, LOCK_FILE = ".lock", ".lock_of_a_process"
"""The file that the system locks, and the one that replaces a lock where the system has none."""

WITHOUT_LOCKS = {
    getattr(errno, name) for name in ("ENOLCK", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EINVAL") if hasattr(errno, name)
}
"""Errors of file systems without locks."""

SECONDS_TO_RECLAIM = 0.5
"""Seconds in which the file of an ended process is removed."""


class InUse(BadInput):
    """Another process is at work in a folder."""


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a folder.

    Raises
    ------
    InUse
        If another process uses it.
    """
    lock = _system_lock(folder) or _file_lock(folder)
    try:
        yield
    finally:
        lock.release()


def _system_lock(folder: Path) -> BaseFileLock | None:
    """Take the lock of the system; None if the file system has no locks."""
    lock = FileLock(folder / LOCK, fallback_to_soft=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise InUse(f"{folder}: another process is at work there; wait for it, or choose another folder.") from None
    except OSError as error:
        if error.errno not in WITHOUT_LOCKS:
            raise
        return None
    return lock


def _file_lock(folder: Path) -> BaseFileLock:
    """Take the lock that is a file with the number of a process and the name of its host."""
    lock = SoftFileLock(folder / LOCK_FILE)
    try:
        lock.acquire(timeout=SECONDS_TO_RECLAIM)
    except Timeout:
        raise InUse(
            f"{folder}: another process is at work there ({_owner(folder)}); wait for it, "
            f"or remove the file {folder / LOCK_FILE} if that process is gone."
        ) from None
    text = f"{folder}: its file system has no locks, the file {LOCK_FILE} keeps other processes out instead."
    warnings.warn(Caution(text), stacklevel=4)
    return lock


def _owner(folder: Path) -> str:
    with contextlib.suppress(OSError, ValueError):
        process, host = (folder / LOCK_FILE).read_text(encoding="utf-8").split()[:2]
        return f"process {process} on {host}"
    return "unknown"
