"""Selectivity: whether units care for one thing, for the sum of two, or for their combination."""

import numpy as np
import xarray as xr

from pfc_metarl.measures.population.conditions import Factors, condition_trials
from pfc_metarl.measures.units.encoding import unit_encoding
from pfc_metarl.settings import BadInput

KINDS = ("none", "pure", "linear mixed", "nonlinear mixed")


def mixed_selectivity(
    recording: xr.Dataset,
    factors: Factors,
    phase: str | None = None,
    variable: str = "hidden",
    level: float = 0.05,
    at_least: float = 0.0,
) -> xr.Dataset:
    """Sort units by what they respond to: one of two factors, both added up, or their interaction.

    Parameters
    ----------
    recording : Dataset
    factors : mapping of two DataArrays, dims (network, episode, trial)
        Each with two values, such as choice and reward.
    phase : str, optional
        By default the first of the recording's phases.
    variable : str
        The activity: "hidden" or "cell".
    level : float
        False discovery rate over the units of a network.
    at_least : float
        Share of a unit's variance that a factor must explain by itself to count. With thousands of trials the
        smallest effects are significant.

    Returns
    -------
    Dataset, dims (subject, unit)
        ``selectivity``: "none", "pure" (one factor), "linear mixed" (both) or "nonlinear mixed" (an interaction,
        whatever else); "" for a unit that cannot be fitted, as in ``reason``. ``unique_r_squared`` and ``p_value``
        (subject, unit, regressor); ``p_units(subject, kind)``, as share of ``n_units(subject)``; ``n_trials(subject)``.

    Raises
    ------
    BadInput
        If there are not two factors of two values each, a combination never occurs, or there is one episode only.

    Notes
    -----
    Linear regression on both factors, coded ±½, and their product, standard errors clustered by episode:
    `pfc_metarl.measures.unit_encoding`. Rigotti et al. 2013, doi:10.1038/nature12160.
    """
    if len(factors) != 2:
        raise BadInput(f"factors = {', '.join(factors)}: give two.")
    if not 0 <= at_least < 1:
        raise BadInput(f"at_least = {at_least}: must be at least 0 and below 1.")
    for name, factor in factors.items():
        n_values = len(condition_trials(recording, {name: factor}, phase, variable).levels[name])
        if n_values != 2:
            raise BadInput(f"factors[{name!r}] has {n_values} values; it must have two.")
    levels = condition_trials(recording, factors, phase, variable).levels
    coded = {name: (factor - levels[name][0]) / np.ptp(levels[name]) - 0.5 for name, factor in factors.items()}
    (one, other), both = factors, " x ".join(factors)
    regressors = {**coded, both: 2 * coded[one] * coded[other]}
    fit = unit_encoding(recording, regressors, phase, variable, clusters="episode", level=level)
    counts = fit["significant"] & (fit["unique_r_squared"] >= at_least)
    mains = counts.sel(regressor=[one, other]).sum("regressor")
    kind = xr.where(counts.sel(regressor=both, drop=True), KINDS.index("nonlinear mixed"), mains)
    names = xr.where(fit["valid"], np.array(KINDS)[kind.values], "")
    shares = xr.concat([(names == name).sum("unit") / fit["n_units"] for name in KINDS], "kind").transpose(
        "subject", ...
    )
    kept = fit[["unique_r_squared", "p_value", "reason", "n_units", "n_trials"]]
    return kept.assign(selectivity=names, p_units=shares.assign_coords(kind=list(KINDS)))
