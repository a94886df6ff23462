"""Compilation of loops by numba, kept on disk from run to run.

numba keeps using compiled code as long as the file of the function itself is unchanged, even if a function that it
calls has changed in another file. Therefore the folder of the cache is named by the text of all compiled files.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]

OPTIONS: dict[str, Any] = {
    "fastmath": {"contract", "reassoc", "arcp", "nsz"},  # not "nnan" and "ninf": a broken network must stay visible
    "boundscheck": False,
    "error_model": "numpy",
    "nogil": True,
    "forceinline": True,  # else the loader picks one of several copies of a function, by what was compiled before
}


CALLED = OPTIONS | {"forceinline": False}
"""For a function that is called by compiled code, and not made a part of it."""
EXACT = OPTIONS | {"fastmath": False, "forceinline": False}
"""For results that are rounded as those of torch."""


def compiled(function: Callable[..., Any], *signature: str, options: dict[str, Any] = OPTIONS) -> Callable[..., Any]:
    """Compile a function when it is first called, and keep the result on disk if there is a folder to write to.

    That is, in this order: ``NUMBA_CACHE_DIR`` or ``__pycache__`` beside this file, then the user's cache of numba.

    Parameters
    ----------
    function : callable
    signature : str, optional
        Types in numba's notation; the function is then compiled at once, and once only. By default it is compiled for
        the types, and the memory layouts, of each call.
    options : dict
        Of numba.
    """
    config: Any = numba.config
    njit: Any = numba.njit
    before = config.CACHE_DIR
    config.CACHE_DIR = str(_folder(before))
    try:
        return njit(*signature, cache=True, **options)(function)
    except RuntimeError:  # no folder can be written
        return njit(*signature, **options)(function)
    finally:
        config.CACHE_DIR = before


def exactly_compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function whose results are to be rounded as those of torch are: no two operations become one."""
    return compiled(function, options=EXACT)


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a function as a part of each that calls it, with their options: less is compiled than for a call."""
    return compiled(function, options=EXACT | {"inline": "always"})


def compiled_for(
    signature: str, options: dict[str, Any] = OPTIONS
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that compiles a function at once for one signature; see `compiled`."""
    return lambda function: compiled(function, signature, options=options)


def _folder(wanted: str) -> Path:
    here = Path(__file__).parent
    files = [here / "dopamine.py", Path(__file__), *sorted(here.glob("*/compile*.py"))]
    text = b"".join(path.read_bytes() for path in files if path.exists())
    return Path(wanted or here / "__pycache__") / f"pfc_metarl-{hashlib.sha256(text).hexdigest()[:16]}"
