"""Checks of a fit by simulation: parameters and models are planted, trials are made, and the fit is asked for them."""

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import torch
import xarray as xr

from pfc_metarl.models.base import Model
from pfc_metarl.settings import BadInput

Simulate = Callable[[Model], pd.DataFrame]
"""A model whose free parameters hold one value for each subject -> the trials of these subjects, numbered from 0."""

Fit = Callable[[Model, pd.DataFrame], xr.Dataset]
"""(model, trials) -> a result with ``estimate`` (subject, parameter), such as that of `maximum_likelihood`."""


def parameter_recovery(model: Model, planted: Mapping[str, np.ndarray], simulate: Simulate, fit: Fit) -> xr.Dataset:
    """Plant parameters, simulate their trials, and fit them.

    Parameters
    ----------
    model : Model
    planted : mapping
        Name of a parameter -> its value in each subject.
    simulate : callable
        Makes the trials of such subjects, for example in a task of the package.
    fit : callable
        Fits the model to trials.

    Returns
    -------
    Dataset, dims (subject, parameter)
        ``planted`` and ``estimate``; ``correlation``, ``bias`` (mean of estimate − planted) and ``error`` (root mean
        square), dim parameter.

    Raises
    ------
    BadInput
        If the parameters have different numbers of subjects, or there are fewer than three.

    Examples
    --------
    >>> from pfc_metarl.models import RescorlaWagner
    >>> def simulate(model):  # options that always pay, or never
    ...     rng = np.random.default_rng(0)
    ...     rows = []
    ...     for subject, beta in enumerate(model.inverse_temperature.tolist()):
    ...         choice = (rng.random(200) < 1 / (1 + np.exp(-beta))).astype(int)
    ...         own = {"subject": subject, "trial": range(200), "choice1": choice, "reward": choice}
    ...         rows.append(pd.DataFrame(own))
    ...     return pd.concat(rows, ignore_index=True)
    >>> def fit(model, table):
    ...     from pfc_metarl.fitting import maximum_likelihood
    ...     return maximum_likelihood(model, table, ["inverse_temperature"])
    >>> model = RescorlaWagner(learning_rate=1.0, unchosen="mirrored")
    >>> found = parameter_recovery(model, {"inverse_temperature": np.array([0.5, 1.0, 2.0])}, simulate, fit)
    >>> bool(found["correlation"] > 0.9)
    True
    """
    values = {name: np.asarray(value, dtype=float) for name, value in planted.items()}
    sizes = {len(value) for value in values.values()}
    if len(sizes) != 1 or min(sizes) < 3:
        raise BadInput("planted: give as many values of each parameter, for three subjects or more.")
    table = simulate(_with(model, values))
    found = fit(model, table)["estimate"]
    names = [name for name in found["parameter"].values.tolist() if name in values]
    estimate = found.sel(parameter=names).transpose("subject", "parameter").to_numpy()
    true = np.stack([values[name] for name in names], axis=-1)
    dims = ("subject", "parameter")
    return xr.Dataset(
        {
            "planted": (dims, true),
            "estimate": (dims, estimate),
            "correlation": ("parameter", [_correlation(a, b) for a, b in zip(true.T, estimate.T, strict=True)]),
            "bias": ("parameter", np.nanmean(estimate - true, axis=0)),
            "error": ("parameter", np.sqrt(np.nanmean((estimate - true) ** 2, axis=0))),
        },
        coords={"subject": found["subject"].values, "parameter": names},
    )


def _with(model: Model, values: Mapping[str, np.ndarray]) -> Model:
    return dataclasses.replace(model, **{name: torch.from_numpy(value) for name, value in values.items()})


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    known = np.isfinite(a + b)
    if known.sum() < 3 or np.ptp(a[known]) == 0 or np.ptp(b[known]) == 0:
        return float("nan")
    return float(np.corrcoef(a[known], b[known])[0, 1])


def model_recovery(
    simulated: Mapping[str, pd.DataFrame], fits: Mapping[str, Callable[[pd.DataFrame], xr.Dataset]], by: str = "bic"
) -> xr.Dataset:
    """Fit every model to the trials of every model, and count which one each subject is taken for.

    Parameters
    ----------
    simulated : mapping
        Name of a model -> trials that it made.
    fits : mapping
        Name of a model -> its fit to a trial table, such as that of `maximum_likelihood`.
    by : {"bic", "aic", "log_evidence", "log_likelihood"}
        What decides: the smallest of the first two, the largest of the others.

    Returns
    -------
    Dataset, dims (simulated, fitted)
        ``confusion``: fraction of the subjects simulated by one model that another describes best; ``score``, the mean
        of what decides.

    Raises
    ------
    BadInput
        If the models are not the same, or `by` is something else.

    Examples
    --------
    >>> from functools import partial
    >>> from pfc_metarl.fitting import maximum_likelihood
    >>> from pfc_metarl.models import RescorlaWagner
    >>> rng = np.random.default_rng(0)
    >>> table = pd.DataFrame({"subject": 0, "trial": range(90), "choice1": rng.integers(0, 2, 90), "reward": 1})
    >>> def at(rate):
    ...     return lambda table: maximum_likelihood(RescorlaWagner(learning_rate=rate), table, ["inverse_temperature"])
    >>> found = model_recovery({"slow": table, "fast": table}, {"slow": at(0.1), "fast": at(0.9)})
    >>> found["confusion"].sum("fitted").values.tolist()
    [1.0, 1.0]
    """
    if by not in ("bic", "aic", "log_evidence", "log_likelihood"):
        raise BadInput(f"by = {by!r}: must be bic, aic, log_evidence or log_likelihood.")
    if list(simulated) != list(fits) or len(fits) < 2:
        raise BadInput("simulated and fits: give the same models in both, two or more.")
    sign = -1 if by in ("bic", "aic") else 1
    confusion, score = np.zeros((2, len(fits), len(fits)))
    for row, table in enumerate(simulated.values()):
        found = np.stack([sign * fit(table)[by].to_numpy() for fit in fits.values()], axis=-1)
        best = found[np.isfinite(found).all(-1)].argmax(-1)
        confusion[row] = np.bincount(best, minlength=len(fits)) / max(len(best), 1)
        score[row] = sign * np.nanmean(found, axis=0)
    dims = ("simulated", "fitted")
    return xr.Dataset(
        {"confusion": (dims, confusion), "score": (dims, score)},
        coords={"simulated": list(simulated), "fitted": list(fits)},
    )
