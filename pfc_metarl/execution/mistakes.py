"""Errors in code of a lab, reported in one sentence with file and line."""

import contextlib
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path

import pfc_metarl
from pfc_metarl.execution.jobs import Interrupted
from pfc_metarl.settings import BadInput, Failure

PACKAGE = Path(pfc_metarl.__file__).parent
INSTALLED = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")]


@contextlib.contextmanager
def as_bad_input(step: str, kind: type[BadInput] = BadInput) -> Iterator[None]:
    """Convert errors to bad input: one sentence with the place in the code, the step, and the error.

    Parameters
    ----------
    step : str
        Name of the step.
    kind : type
        Type of the error that is raised; errors of this type are passed on.

    Raises
    ------
    BadInput
        Instead of any other error but those of the machine, of memory and of files, and an interruption.
    """
    try:
        yield
    except BadInput as error:
        if type(error) is not BadInput:
            raise
        raise kind(f"{_prefix(error)}{step}: {error}") from error
    except (OSError, MemoryError, Failure, Interrupted):
        raise
    except Exception as error:
        if "memory" in str(error):
            raise
        first = (str(error).splitlines() or [""])[0].rstrip(".")[:300]
        raise kind(f"{_prefix(error)}{step}: {type(error).__name__}: {first}.") from error


def _prefix(error: BaseException) -> str:
    place = place_of(error)
    return f"{place}: " if place else ""


def place_of(error: BaseException) -> str | None:
    """Return file and line of the last call in code of a lab, or for a fault of the package, in the package."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if _is_of_a_lab(frame.filename)]
    if not own and not isinstance(error, BadInput):
        own = [frame for frame in frames if Path(frame.filename).is_relative_to(PACKAGE)]
    return f"{_shown(own[-1].filename)}, line {own[-1].lineno}" if own else None


def _is_of_a_lab(filename: str) -> bool:
    path = Path(filename)
    return not any(path.is_relative_to(folder) for folder in (PACKAGE, *INSTALLED)) and path.suffix == ".py"


def _shown(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
