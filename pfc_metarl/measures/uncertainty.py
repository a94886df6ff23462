"""Uncertainty over subjects: a subject (network, animal, person) is the unit of replication."""

import warnings
from typing import Any

import numpy as np
import xarray as xr

from pfc_metarl.settings import BadInput


def across_subjects(result: xr.Dataset | xr.DataArray) -> xr.Dataset:
    """Return mean, standard error and number of subjects of a measure.

    Parameters
    ----------
    result : Dataset or DataArray, with dimension subject
        Subjects whose value is NaN are left out, variable by variable. Variables that hold text are dropped.

    Returns
    -------
    Dataset
        The variables of `result` without `subject`, with a dimension ``statistic``: mean, sem (standard deviation with
        n − 1, over √n) and n. Attributes of each variable show who is left out: ``n_left_out``, the subjects without a
        value in at least one place, and ``left_out``, their labels.

    Raises
    ------
    BadInput
        If there is no dimension subject.

    Examples
    --------
    >>> values = xr.DataArray([1.0, 2.0, 3.0, np.nan], {"subject": ["a", "b", "c", "d"]}, ["subject"], "x")
    >>> found = across_subjects(values)["x"]
    >>> found.round(3).values.tolist(), found.attrs
    ([2.0, 0.577, 3.0], {'n_left_out': 1, 'left_out': ['d']})
    """
    data = _named(result) if isinstance(result, xr.DataArray) else result
    if "subject" not in data.dims:
        raise BadInput("result: there is no dimension subject, so there is nothing to take the mean over.")
    names = [name for name, array in data.data_vars.items() if "subject" in array.dims and array.dtype.kind in "biuf"]
    data = data[names]
    n = data.count("subject")
    parts = [data.mean("subject"), _deviation(data) / np.sqrt(n.where(n > 1)), n.astype(float)]
    found = xr.concat(parts, xr.IndexVariable("statistic", ["mean", "sem", "n"]))
    return found.assign({name: found[name].assign_attrs(_left_out(data[name])) for name in names})


def _named(result: xr.DataArray) -> xr.Dataset:
    return result.to_dataset(name="value" if result.name is None else result.name)


def _deviation(data: xr.Dataset) -> xr.Dataset:
    """Return the standard deviation over subjects with n − 1; NaN, without a warning, where there is one subject."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Degrees of freedom", RuntimeWarning)  # of earlier versions of xarray
        return data.std("subject", ddof=1)


def _left_out(values: xr.DataArray) -> dict[str, Any]:
    further = [dim for dim in values.dims if dim != "subject"]
    missing = values.isnull().any(further).values
    labels = values["subject"].values[missing]
    return {"n_left_out": int(missing.sum()), "left_out": [str(label) for label in labels]}
