"""Common parts of the commands: bad input and failures give one sentence on stderr and an exit code."""

import argparse
import contextlib
import errno
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from pfc_metarl import interrupts
from pfc_metarl.arguments import command_line
from pfc_metarl.cli.encoding import substituting
from pfc_metarl.cli.help_text import HelpFormatter
from pfc_metarl.garbage import search_seldom
from pfc_metarl.settings import BadInput, Caution, Failure

MEMORY = ("not enough memory", "out of memory", "can't allocate memory", "size calculation overflowed")
"""Words of torch for it."""
BAD_INPUT, FAILED = 2, 1

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Environment variables for the number of threads in linear algebra; they are read when numpy is imported."""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence, like those of all other input; options cannot be abbreviated."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"formatter_class": HelpFormatter} | settings, allow_abbrev=False)

    def error(self, message: str) -> Any:
        raise BadInput(f"{message}; see --help.")


def exit_code(command: Callable[[], int]) -> int:
    """Run a command; return its exit code. Errors are reported in one sentence on stderr.

    Libraries of linear algebra use one thread, unless the environment says otherwise: for matrices of a few dozen
    units, several take up to nine times as long (decoding with shuffles on two cores).

    Returns
    -------
    int
        The result of the command; 2 for bad input; 1 if disk, memory or a worker failed; 130 if interrupted.
    """
    for name in THREADS:
        os.environ.setdefault(name, "1")
    search_seldom()
    try:
        with interrupts.raising(), substituting(), command_line(), _cautions_as_sentences():
            return command()
    except BadInput as error:
        return _report(f"error: {error}", BAD_INPUT)
    except KeyboardInterrupt:
        return _report(interrupts.SENTENCE, interrupts.CODE)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has closed the pipe
        return 0
    except (Failure, OSError, MemoryError, RuntimeError) as error:
        sentence = _failure(error)
        if sentence is None:
            raise
        return _report(f"error: {sentence}", FAILED)


@contextlib.contextmanager
def _cautions_as_sentences() -> Iterator[None]:
    """Show a `Caution` as one line on stderr, without the line of code that it came from."""
    before = warnings.formatwarning

    def formatted(message: Any, category: type[Warning], *place: Any, **line: Any) -> str:
        return f"warning: {message}\n" if issubclass(category, Caution) else before(message, category, *place, **line)

    warnings.formatwarning = formatted
    try:
        yield
    finally:
        warnings.formatwarning = before


def _report(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code


def _failure(error: Exception) -> str | None:
    """Describe an error of disk or memory in a sentence; None for other errors."""
    text = str(error)
    if isinstance(error, Failure):
        return text
    full = isinstance(error, OSError) and (
        error.errno in (errno.ENOSPC, errno.EDQUOT) or f"errno = {errno.ENOSPC}" in text or "No space left" in text
    )
    if full:
        return "there is no space left on the disk; complete results are kept: free some space, and repeat the command."
    if isinstance(error, MemoryError) or any(words in text for words in MEMORY):
        return "there is not enough memory; try fewer networks, episodes or workers, and --force."
    reason = _reason(error) if isinstance(error, OSError) else None
    if reason is not None:
        place = getattr(error, "filename", None) or "disk"
        first = "move it elsewhere, and " if isinstance(error, IsADirectoryError) else ""
        return f"{place}: {reason}; complete results are kept; {first}repeat the command to continue."
    return None


def _reason(error: OSError) -> str | None:
    """Return the reason given by the system; HDF5 has the error number in its text."""
    number = re.search(r"errno = (\d+)", str(error))
    return error.strerror or (os.strerror(int(number[1])) if number else None)
