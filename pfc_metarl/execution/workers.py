"""Where worker processes come from: one server that imports what they need, once, and of which they are forked.

To import torch takes longer than many a training step. The server does it while the command that asked for it is still
busy with its own imports, on another core; a worker then starts in milliseconds. Where there is no such server
(Windows), every worker starts from nothing.
"""

import multiprocessing
from multiprocessing.context import BaseContext

IMPORTED = ["pfc_metarl.execution.processes"]
"""What the server imports for the workers."""


def context() -> BaseContext:
    """Return what makes processes, queues and events that go together."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(IMPORTED)
    return made


def prepare() -> None:
    """Start the server, without waiting for it."""
    if context().get_start_method() == "forkserver":
        from multiprocessing import forkserver

        forkserver.ensure_running()
