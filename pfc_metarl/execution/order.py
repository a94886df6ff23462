"""The order for a simulation: which experiment, and how it is carried out."""

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import torch

from pfc_metarl.arguments import argument
from pfc_metarl.execution.cohort import n_cores
from pfc_metarl.execution.source import Source
from pfc_metarl.settings import BadInput, shortened


class Order(NamedTuple):
    """What to simulate, and how; only `source`, `seed` and `device` change results."""

    source: Source
    seed: int = 0
    device: str = "cpu"
    workers: int | None = None
    force: bool = False
    """Whether to replace the existing run."""
    arguments: Sequence[str] = ()
    """Equivalent command line; None if there is none."""
    seconds_between_checkpoints: float = 60.0
    measure_again: bool = False
    follow_links: bool = False
    """Whether existing files of the run may be symbolic links."""
    rehearse: bool = True
    """Whether steps after the training are tried before it, where the experiment has other settings than its own."""
    report: bool = True
    """Whether the page report.html is written."""

    def n_workers(self) -> int:
        """Return the number of processes to train in; 1 on a device."""
        return 1 if self.device != "cpu" else self.workers or n_cores()


def require_possible(order: Order) -> None:
    """Check what is not part of an experiment: workers, checkpoints, seed, device.

    Raises
    ------
    BadInput
        For the first value that cannot be used.
    """
    if order.workers is not None and order.workers < 1:
        raise BadInput(f"{argument('workers', order.workers)}: must be at least 1.")
    if not order.seconds_between_checkpoints > 0:
        raise BadInput(f"{argument('checkpoint_every', order.seconds_between_checkpoints)}: must be above 0 seconds.")
    if not 0 <= order.seed < 2**63:
        raise BadInput(f"{argument('seed', order.seed)}: must be at least 0 and below 2^63.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of devices that torch deprecates; they are refused below
            torch.zeros(1, device=order.device).cpu()
    except (RuntimeError, AssertionError, NotImplementedError, ImportError) as error:
        first = shortened(str(error).splitlines()[0].partition(". ")[0])
        raise BadInput(f"{argument('device', order.device)}: torch cannot use it here ({first}).") from None
