"""Train by test: a measure of the networks of several runs in several recordings of each."""

from collections.abc import Callable, Mapping

import xarray as xr

from pfc_metarl.data.combining import along
from pfc_metarl.runs.run import Run
from pfc_metarl.settings import BadInput


def train_by_test(
    runs: Mapping[str, Run], recordings: Mapping[str, str], measure: Callable[[xr.Dataset], xr.Dataset]
) -> xr.Dataset:
    """Measure the networks of each run in each recording.

    Parameters
    ----------
    runs : mapping of Run
        By the condition of training.
    recordings : mapping of str
        Name of the recording, the same in each run, by the condition of the test.
    measure : callable
        Recording -> Dataset with a dimension subject.

    Returns
    -------
    Dataset, dims (trained, tested, network)
        The results of the measure; NaN for networks that a smaller cohort does not have.

    Raises
    ------
    BadInput
        If a run has no such recording, or the measure cannot be used.
    """
    rows = {}
    for trained, run in runs.items():
        row = {tested: _by_network(measure(run.recording(name))) for tested, name in recordings.items()}
        rows[trained] = along("tested", row)
    return along("trained", rows)


def _by_network(result: xr.Dataset) -> xr.Dataset:
    if not isinstance(result, xr.Dataset) or "subject" not in result.dims:
        raise BadInput("measure: its result has no dimension subject, as that of pfc_metarl.measures.reward_per_trial.")
    return result.rename(subject="network")


def headline_of(result: xr.Dataset) -> str:
    """Return the name of the first variable that has one number for each network and cell.

    Raises
    ------
    BadInput
        If there is none.

    Examples
    --------
    >>> cell = xr.Dataset({"n_trials": ("network", [3, 3]), "regret": ("network", [0.5, 1.5])})
    >>> headline_of(cell.expand_dims(trained=2, tested=2))
    'regret'
    """
    for name, values in result.data_vars.items():
        if set(values.dims) == {"trained", "tested", "network"} and not str(name).startswith("n_"):
            return str(name)
    raise BadInput("measure: none of its results is one number for each subject.")
