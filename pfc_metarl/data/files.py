"""Atomic writing of files, on any file system, and their size in words."""

import contextlib
import errno
import json
import multiprocessing
import os
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pfc_metarl.settings import BadInput, Caution

PARTIAL = ".partial"
"""How a temporary file's name ends; it begins with a dot."""

WINDOWS = os.name == "nt"

UNSUPPORTED = {
    getattr(errno, name)
    for name in ("EINVAL", "EPERM", "EACCES", "EBADF", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "ENOTTY", "EISDIR")
    if hasattr(errno, name)
}
"""How file systems answer that cannot flush a folder: of networks, of virtual machines, of Windows."""

SECONDS_TO_REPLACE = 2.0
"""Seconds to wait on Windows while another program, such as a virus scanner, reads a file that is to be replaced."""

_warned = False


def require_file(path: Path) -> None:
    """Refuse a path that is no file.

    Raises
    ------
    BadInput
        If there is nothing, or a folder.
    """
    if path.is_dir():
        raise BadInput(f"{path}: this is a folder; give a file.")
    if not path.is_file():
        raise BadInput(f"{path}: there is no such file.")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the same folder; on success it becomes `path`, on failure it disappears."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=PARTIAL)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with contextlib.suppress(PermissionError):  # a file system without permissions, such as exFAT
            temporary.chmod(0o666 & ~_umask())
        _flush(temporary)
        _replace(temporary, path)
        _flush_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_json(path: Path, content: Any) -> None:
    """Write JSON, keys in the order given."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDWR if WINDOWS else os.O_RDONLY)  # Windows flushes only what can be written
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _replace(temporary: Path, path: Path) -> None:
    """Rename a file; on Windows this is refused as long as another program has the old one open."""
    last = time.monotonic() + SECONDS_TO_REPLACE
    while True:
        try:
            os.replace(temporary, path)
            return
        except IsADirectoryError:
            raise BadInput(f"{path}: a folder has the name of this file; move it elsewhere.") from None
        except PermissionError:
            if not WINDOWS or time.monotonic() > last:
                raise
            time.sleep(0.05)


def _flush_folder(folder: Path) -> None:
    """Make a rename durable, if the file system supports it."""
    if WINDOWS:  # a folder cannot be opened there, and a rename is in the file system's journal
        return
    try:
        _flush(folder)
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
        _warn_once(folder)


def _warn_once(folder: Path) -> None:
    global _warned
    if not _warned and multiprocessing.parent_process() is None:
        text = (
            f"{folder}: its file system cannot flush a folder; after a power failure the newest files may be missing."
        )
        warnings.warn(Caution(text), stacklevel=4)
    _warned = True


def size_of(n_bytes: float) -> str:
    """Return a number of bytes as people read it.

    Examples
    --------
    >>> size_of(347_328), size_of(230_443_305), size_of(2.9e9)
    ('347 kB', '230 MB', '2.9 GB')
    """
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if n_bytes >= size:
            number = n_bytes / size
            return f"{number:.1f} {unit}" if number < 10 else f"{number:.0f} {unit}"
    return f"{n_bytes:.0f} bytes"
