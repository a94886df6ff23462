"""Uncertainty over subjects: a subject (network, animal, person) is the unit of replication."""

import numpy as np
import xarray as xr


def across_subjects(result: xr.Dataset | xr.DataArray) -> xr.Dataset:
    """Return mean, standard error and number of subjects of a measure.

    Parameters
    ----------
    result : Dataset or DataArray, with dimension subject
        Subjects whose value is NaN are left out, variable by variable.

    Returns
    -------
    Dataset
        The variables of `result` without `subject`, with a dimension ``statistic``: mean, sem (standard deviation with
        n − 1, over √n) and n.

    Examples
    --------
    >>> values = xr.DataArray([1.0, 2.0, 3.0], dims="subject", name="x")
    >>> across_subjects(values)["x"].round(3).values.tolist()
    [2.0, 0.577, 3.0]
    """
    data = result.to_dataset() if isinstance(result, xr.DataArray) else result
    data = data[[name for name, array in data.data_vars.items() if "subject" in array.dims]]
    n = data.count("subject")
    parts = [data.mean("subject"), data.std("subject", ddof=1) / np.sqrt(n.where(n > 1)), n.astype(float)]
    return xr.concat(parts, xr.IndexVariable("statistic", ["mean", "sem", "n"]))
