"""Posterior-predictive checks: whether trials that a fitted model makes look like those it was fitted to."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
import xarray as xr

from pfc_metarl.data.trial_table import trials
from pfc_metarl.fitting.prior_setting import scale_of
from pfc_metarl.models.base import Model, required_model
from pfc_metarl.settings import BadInput

Simulate = Callable[[Model, int], xr.Dataset | pd.DataFrame]
"""A model whose free parameters hold one value for each subject, and a seed -> the trials of these subjects."""

Measure = Callable[[pd.DataFrame], xr.DataArray]
"""Trials -> a value, or several, of each subject, such as ``reward_per_trial`` of the measure of this name."""

INTERVAL = (0.025, 0.975)


def predictive_check(
    model: Model,
    fit: xr.Dataset,
    data: xr.Dataset | pd.DataFrame,
    simulate: Simulate,
    measure: Measure,
    n_repeats: int = 100,
    seed: int = 0,
) -> xr.Dataset:
    """Simulate the subjects of a fit again and again, and compare a measure of their trials with that of the data.

    Parameters
    ----------
    model : Model
        That was fitted.
    fit : Dataset
        Of `maximum_likelihood`, `map_fit`, `hierarchical_fit` or `nuts_fit`. Subjects that are not valid are left out.
    data : recording or trial table
        That it was fitted to.
    simulate : callable
        (model, seed) -> trials of its subjects, as many sessions and trials as in the data, in the same task.
    measure : callable
        Trial table -> DataArray with dim subject.
    n_repeats : int
        Simulations of all subjects.
    seed : int

    Returns
    -------
    Dataset, dim subject and those of the measure
        ``observed``; ``predicted``, the mean over simulations, with ``lower`` and ``upper``, the bounds of the central
        95 %; ``p``, the posterior-predictive p-value: the fraction of simulations with a larger value than the data,
        ties counted by half. The same of the mean over subjects, without dim subject: ``group_observed``,
        ``group_predicted``, ``group_lower``, ``group_upper`` and ``group_p``. Where p is near 0 or 1, the model does
        not do what the subjects do. ``n_subjects``, ``n_left_out``, and as an attribute ``n_repeats``.

    Raises
    ------
    BadInput
        If the fit is not that of the data, or the simulation or the measure has other subjects.

    Notes
    -----
    Each simulation has new parameters, drawn from Laplace's approximation of each subject's posterior, if the fit has
    one (`map_fit`, `hierarchical_fit`); otherwise all have the estimates, and intervals are too narrow by what is not
    known of the parameters. Gelman, Meng & Stern 1996, Statistica Sinica 6:733.

    Examples
    --------
    >>> from pfc_metarl.fitting import maximum_likelihood
    >>> from pfc_metarl.measures import reward_per_trial
    >>> from pfc_metarl.models import RescorlaWagner
    >>> def simulate(model, seed):  # option 1 always pays, option 0 never; the model knows from the first trial on
    ...     rng = np.random.default_rng(seed)
    ...     rows = []
    ...     for subject, beta in enumerate(model.inverse_temperature.tolist()):
    ...         choice = (rng.random(100) < 1 / (1 + np.exp(-beta))).astype(int)
    ...         own = {"subject": subject, "trial": range(100), "choice1": choice, "reward": choice}
    ...         rows.append(pd.DataFrame(own))
    ...     return pd.concat(rows, ignore_index=True)
    >>> model = RescorlaWagner(learning_rate=1.0, unchosen="mirrored")
    >>> table = simulate(RescorlaWagner(inverse_temperature=torch.tensor([1.0, 2.0])), seed=1)
    >>> fit = maximum_likelihood(model, table, ["inverse_temperature"])
    >>> found = predictive_check(model, fit, table, simulate, lambda table: reward_per_trial(table)["reward_per_trial"])
    >>> bool(abs(found["group_predicted"] - found["group_observed"]) < 0.02), bool(0.05 < found["group_p"] < 0.95)
    (True, True)
    """
    model = required_model(model)
    if n_repeats < 2:
        raise BadInput(f"n_repeats = {n_repeats}: must be at least 2.")
    kept = fit["valid"] & fit["estimate"].notnull().all("parameter")
    own = fit.sel(subject=kept)
    if not own.sizes["subject"]:
        raise BadInput("fit: no subject has an estimate that can be used.")
    observed = _measured(measure, trials(data), "the data")
    if missing := set(own["subject"].values.tolist()) - set(observed["subject"].values.tolist()):
        raise BadInput(
            f"data: there is no subject {min(missing, key=str)}, which the fit has; give the data of the fit."
        )
    observed = observed.sel(subject=own["subject"])
    rng = np.random.default_rng(seed)
    simulated = [
        _simulated(simulate, measure, _with(model, own, _drawn(model, own, rng)), seed + repeat, observed)
        for repeat in range(n_repeats)
    ]
    both = xr.concat(simulated, "repeat", join="exact")
    group = {f"group_{name}": each for name, each in _compared(observed.mean("subject"), both.mean("subject")).items()}
    n = own.sizes["subject"]
    counts = {"n_subjects": n, "n_left_out": fit.sizes["subject"] - n}
    return xr.Dataset({**_compared(observed, both), **group, **counts}, attrs={"n_repeats": n_repeats})


def _measured(measure: Measure, table: pd.DataFrame, source: str) -> xr.DataArray:
    found = measure(table)
    if not isinstance(found, xr.DataArray) or "subject" not in found.dims:
        raise BadInput(
            f"measure: must return a DataArray with dim subject, and of {source} it returned something else."
        )
    return found.drop_attrs()


def _drawn(model: Model, fit: xr.Dataset, rng: np.random.Generator) -> np.ndarray:
    """Return parameters of each subject, [subject, parameter]: from its posterior, or the estimates."""
    if "covariance" not in fit:
        return np.asarray(fit["estimate"].transpose("subject", "parameter").to_numpy(), dtype=float)
    root = np.linalg.cholesky(fit["covariance"].transpose("subject", "parameter", "other_parameter").to_numpy())
    mode = fit["mode"].transpose("subject", "parameter").to_numpy()
    z = mode + np.einsum("sij,sj->si", root, rng.normal(size=mode.shape))
    return scale_of(model, fit["parameter"].values.tolist()).natural(z)


def _with(model: Model, fit: xr.Dataset, values: np.ndarray) -> Model:
    names = fit["parameter"].values.tolist()
    return dataclasses.replace(model, **dict(zip(names, torch.from_numpy(values).unbind(1), strict=True)))


def _simulated(simulate: Simulate, measure: Measure, model: Model, seed: int, like: xr.DataArray) -> xr.DataArray:
    """Return the measure of simulated subjects, under the labels of the real ones."""
    found = _measured(measure, trials(simulate(model, seed)), "a simulation")
    if dict(found.sizes) != dict(like.sizes):
        raise BadInput(
            f"simulate: a simulation has a measure of sizes {dict(found.sizes)}, and the data one of "
            f"{dict(like.sizes)}; make trials of as many subjects, in their order, in the same task."
        )
    return found.transpose(*like.dims).assign_coords(subject=like["subject"])


def _compared(observed: xr.DataArray, simulated: xr.DataArray) -> dict[str, xr.DataArray]:
    """Return an observation, and how it lies among its simulations."""
    above, equal = (each.where(observed.notnull()) for each in (simulated > observed, simulated == observed))
    lower, upper = (simulated.quantile(q, "repeat").drop_vars("quantile") for q in INTERVAL)
    p = (above + equal / 2).where(simulated.notnull()).mean("repeat")
    return {"observed": observed, "predicted": simulated.mean("repeat"), "lower": lower, "upper": upper, "p": p}
