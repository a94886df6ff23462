"""Measures over many networks: those that look at each network by itself, on the workers of a client."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cloudpickle
import xarray as xr

from pfc_metarl.arguments import path_of, whole_number
from pfc_metarl.execution.cohort import one_thread
from pfc_metarl.execution.processes import pickled
from pfc_metarl.runs.run import open_recording
from pfc_metarl.settings import BadInput


def measure_networks(
    measure: Callable[[xr.Dataset], xr.Dataset],
    recording: str | Path,
    client: Any = None,
    networks_per_task: int = 1,
) -> xr.Dataset:
    """Measure the networks of a recording in parallel.

    Every worker opens the file and reads the networks that it measures. The result is that of the measure on the whole
    recording, if the measure looks at each network by itself, as those of units and populations do.

    Parameters
    ----------
    measure : callable
        Recording -> Dataset with a dimension subject. It is sent to the workers, with code of a script or notebook.
    recording : str or Path
        A netCDF file that the workers see.
    client : distributed.Client, optional
        Without one, networks are measured one after the other in this process.
    networks_per_task : int
        Networks that are measured together.

    Returns
    -------
    Dataset
        As of the measure, networks along the dimension subject.

    Raises
    ------
    BadInput
        If there is no such recording, or the measure refuses it.

    Examples
    --------
    >>> import tempfile
    >>> from pfc_metarl import measures
    >>> from pfc_metarl.data.dataset import save
    >>> from pfc_metarl.data.example import example_recording
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save(example_recording(), f"{folder}/test.nc")
    ...     found = measure_networks(measures.reward_per_trial, path)
    >>> found["reward_per_trial"].dims
    ('subject',)
    """
    path = path_of(recording, "recording").absolute()
    size = whole_number(networks_per_task, "networks_per_task", 1)
    with open_recording(path) as opened:
        n = opened.sizes["network"]
    sent = pickled(measure)
    work = functools.partial(measured, sent, str(path))
    starts = range(0, n, size)
    if client is None:
        parts = [work(start, start + size) for start in starts]
    else:
        futures = [client.submit(work, start, start + size, pure=False) for start in starts]
        parts = client.gather(futures)
    return xr.concat(
        parts,
        "subject",
        data_vars="minimal",
        coords="minimal",
        compat="override",
        join="outer",
        combine_attrs="override",
    )


def measured(sent: bytes, path: str, start: int, stop: int) -> xr.Dataset:
    """Measure some networks of a recording; on a worker, from the code that was sent."""
    measure = cloudpickle.loads(sent)
    with one_thread(), open_recording(path) as opened:
        made = measure(opened.isel(network=slice(start, stop)))
    if not isinstance(made, xr.Dataset) or "subject" not in made.dims:
        raise BadInput("measure: its result has no dimension subject, as that of pfc_metarl.measures.reward_per_trial.")
    return made.load()
