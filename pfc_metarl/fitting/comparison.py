"""Several models fitted to the same trials, side by side."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.fitting.cross_validation import cross_validated
from pfc_metarl.fitting.hierarchical import hierarchical_fit, map_fit
from pfc_metarl.fitting.layout import UNIT_RANGE, checked
from pfc_metarl.fitting.maximum_likelihood import maximum_likelihood
from pfc_metarl.fitting.model_selection import model_selection
from pfc_metarl.fitting.named_models import NamedModel, named_models
from pfc_metarl.fitting.sampling import N_DRAWS, nuts_fit
from pfc_metarl.models.base import Model
from pfc_metarl.settings import BadInput

METHODS = ("ml", "map", "em", "nuts")


def fitted_models(
    data: xr.Dataset | pd.DataFrame,
    models: Sequence[str] | Mapping[str, NamedModel],
    method: str = "ml",
    p_common: float | None = None,
    n_folds: int = 0,
    n_starts: int = 4,
    reward_range: tuple[float, float] | None = UNIT_RANGE,
    n_draws: int = N_DRAWS,
) -> dict[str, xr.Dataset]:
    """Fit models to the same trials.

    Parameters
    ----------
    data : recording or trial table
    models : sequence of str, or mapping
        Names, see `pfc_metarl.fitting.named_models`, or models by name.
    method : {"ml", "map", "em", "nuts"}
        Maximum likelihood, maximum a posteriori, a group's fit by expectation-maximisation, or by sampling.
    p_common : float, optional
        Probability of the common transition, as of `named_models`.
    n_folds : int
        Parts for the likelihood of held-out choices, predicted by fits of the same method; none if it is 0.
    n_starts, reward_range
        As of `maximum_likelihood`.
    n_draws : int
        As of `nuts_fit`.

    Returns
    -------
    dict
        Name of a model -> its fit; with ``held_out`` (subject), the log-likelihood of held-out choices, if asked for.

    Raises
    ------
    BadInput
        If there is no such model or method, or the table lacks what a model needs.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> table = pd.DataFrame({"subject": np.repeat(["a", "b"], 40), "session": 0, "trial": [*range(40)] * 2})
    >>> table = table.assign(choice1=rng.integers(0, 2, 80), reward=rng.integers(0, 2, 80))
    >>> list(fitted_models(table, ["rw", "kalman"], method="map"))
    ['rw', 'kalman']
    """
    if method not in METHODS:
        raise BadInput(f"method = {method!r}: must be one of {', '.join(METHODS)}.")
    if method == "nuts" and n_folds:
        raise BadInput("n_folds: held-out choices are predicted by ml, map or em; give one of these methods.")
    table = checked(data)
    known = models if isinstance(models, Mapping) else named_models(models, table, p_common)
    found = {}
    for name, (model, free, _, bounds) in known.items():
        fit = _fitted(method, model, table, free, bounds, reward_range, n_starts, n_draws)
        if n_folds:
            held_out = cross_validated(
                model, table, free, bounds, n_folds, reward_range=reward_range, n_starts=n_starts, method=method
            )
            fit = fit.assign(held_out=held_out["log_likelihood"])
        found[name] = fit
    return found


def _fitted(
    method: str,
    model: Model,
    table: pd.DataFrame,
    free: tuple[str, ...],
    bounds: Mapping[str, tuple[float, float]],
    reward_range: tuple[float, float] | None,
    n_starts: int,
    n_draws: int,
) -> xr.Dataset:
    if method == "ml":
        return maximum_likelihood(model, table, free, bounds, reward_range=reward_range, n_starts=n_starts)
    if method == "nuts":
        return nuts_fit(model, table, free, reward_range=reward_range, n_draws=n_draws)
    by = map_fit if method == "map" else hierarchical_fit
    return by(model, table, free, reward_range=reward_range, n_starts=n_starts)


def compared(fits: Mapping[str, xr.Dataset]) -> xr.Dataset:
    """Compare fits of several models to the same subjects.

    Parameters
    ----------
    fits : mapping
        Name of a model -> its fit, as of `fitted_models`.

    Returns
    -------
    Dataset, dim model
        Sums over the subjects that every model could be fitted to: ``log_likelihood``, ``aic``, ``bic``; ``ibic`` and
        ``held_out`` where the fits have them; ``per_trial``, the geometric mean of the probability of a choice;
        ``n_parameters``; ``n_best``, the subjects that a model describes best by its evidence, or BIC; and
        ``frequency``, ``exceedance`` and ``protected_exceedance`` of `model_selection`. Attributes ``n_subjects``,
        ``n_left_out`` and ``evidence``: what decided, "log_evidence" or "bic".

    Raises
    ------
    BadInput
        If there are fewer than two models, or no subject has all of them.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> table = pd.DataFrame({"subject": np.repeat(["a", "b"], 40), "session": 0, "trial": [*range(40)] * 2})
    >>> table = table.assign(choice1=rng.integers(0, 2, 80), reward=rng.integers(0, 2, 80))
    >>> from pfc_metarl.fitting import fitted_models
    >>> found = compared(fitted_models(table, ["rw", "kalman"], method="map"))
    >>> found["n_best"].sum().item(), found.attrs["evidence"]
    (2, 'log_evidence')
    """
    if not isinstance(fits, Mapping):
        raise BadInput(f"fits must be a mapping of fits, as fitted_models returns, not {type(fits).__name__}.")
    if len(fits) < 2:
        raise BadInput("fits: a comparison needs two models or more.")
    measures = ("log_likelihood", "aic", "bic", "n_trials", "held_out", "log_evidence")
    shared = [name for name in measures if all(name in fit for fit in fits.values())]
    each = xr.concat([fit[shared] for fit in fits.values()], xr.IndexVariable("model", list(fits)))
    each = each.where(each["n_trials"] > 0)
    known = each[shared].to_dataarray().notnull().all(["variable", "model"])
    if not known.any():
        raise BadInput("fits: no subject could be fitted by every model.")
    used = each.sel(subject=known)
    by = "log_evidence" if "log_evidence" in shared else "bic"
    evidence = used[by] if by == "log_evidence" else -used[by] / 2
    selected = model_selection(evidence.transpose("subject", "model"))
    total = used.sum("subject").drop_vars(["log_evidence"], errors="ignore")
    result = total.drop_vars("n_trials").assign(
        per_trial=np.exp(total["log_likelihood"] / total["n_trials"]),
        n_parameters=("model", [fit.sizes["parameter"] for fit in fits.values()]),
        n_best=("model", np.bincount(evidence.transpose("subject", "model").argmax("model"), minlength=len(fits))),
    )
    result = result.merge(selected[["frequency", "exceedance", "protected_exceedance"]])
    if all("ibic" in fit for fit in fits.values()):
        result["ibic"] = ("model", [float(fit["ibic"]) for fit in fits.values()])
    n = int(known.sum())
    return result.assign_attrs(n_subjects=n, n_left_out=known.sizes["subject"] - n, evidence=by)
