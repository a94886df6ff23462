"""Selectivity: whether units respond to one factor, to the sum of two, or to their combination."""

import numpy as np
import xarray as xr

from pfc_metarl.data.expected import require_named
from pfc_metarl.measures.activity import of_trials
from pfc_metarl.measures.population.conditions import Factors, condition_trials
from pfc_metarl.measures.units.encoding import unit_encoding
from pfc_metarl.settings import BadInput, counted

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
        Fraction of a unit's variance that a factor must explain by itself to count. With thousands of trials the
        smallest effects are significant.

    Returns
    -------
    Dataset, dims (subject, unit)
        ``selectivity``: "none", "pure" (one factor), "linear mixed" (both) or "nonlinear mixed" (an interaction,
        whatever else); "" for a unit that cannot be tested, as in ``reason``. ``unique_r_squared`` and ``p_value``
        (subject, unit, regressor); ``p_units(subject, kind)``, as fraction of the ``n_units(subject)`` that could be
        tested; ``valid(subject, unit)`` as of `unit_encoding`; ``n_trials(subject)``.

    Raises
    ------
    BadInput
        If there are not two factors of two values each, or a combination never occurs.

    Notes
    -----
    Linear regression on both factors, coded ±½, and their product, standard errors clustered by episode:
    `pfc_metarl.measures.unit_encoding`, which needs 20 of them. Rigotti et al. 2013, doi:10.1038/nature12160.

    Examples
    --------
    >>> from pfc_metarl.data.example import example_recording
    >>> from pfc_metarl.data.trial_table import trial_view
    >>> recording = example_recording(n_networks=1)
    >>> factors = {
    ...     "choice": trial_view(recording, "action", "choice"),
    ...     "reward": trial_view(recording, "reward", "outcome"),
    ... }
    >>> found = mixed_selectivity(recording, factors, phase="outcome", at_least=0.02)
    >>> for unit in ("choice", "sum", "product", "noise"):
    ...     print(unit, found["selectivity"].sel(unit=unit).item(), sep=": ")
    choice: pure
    sum: linear mixed
    product: nonlinear mixed
    noise: none
    """
    require_named(factors, "factors")
    if len(factors) != 2:
        raise BadInput(f"factors = {', '.join(factors)}: give two.")
    if not 0 <= at_least < 1:
        raise BadInput(f"at_least = {at_least}: must be at least 0 and below 1.")
    fit = unit_encoding(recording, _regressors(recording, factors, phase, variable), phase, variable, level=level)
    *mains, both = fit["regressor"].values
    counts = fit["significant"] & (fit["unique_r_squared"] >= at_least)
    kind = xr.where(
        counts.sel(regressor=both, drop=True),
        KINDS.index("nonlinear mixed"),
        counts.sel(regressor=mains).sum("regressor"),
    )
    tested = fit["p_value"].notnull().all("regressor")
    names = xr.where(tested, np.array(KINDS)[kind.values], "")
    n_units = tested.sum("unit")
    fractions = [(names == name).sum("unit") / n_units.where(n_units > 0) for name in KINDS]
    p_units = xr.concat(fractions, xr.IndexVariable("kind", list(KINDS))).transpose("subject", ...)
    found = fit[["unique_r_squared", "p_value", "valid", "reason", "n_trials"]]
    return found.assign(selectivity=names, p_units=p_units, n_units=n_units)


def _regressors(recording: xr.Dataset, factors: Factors, phase: str | None, variable: str) -> dict[str, xr.DataArray]:
    """Return both factors, coded ±½, and their product, coded likewise."""
    for name, factor in factors.items():
        n_values = len(condition_trials(recording, {name: factor}, phase, variable).levels[name])
        if n_values != 2:
            raise BadInput(f"factors[{name!r}] has {counted(n_values, 'value')}; it must have two.")
    levels = condition_trials(recording, factors, phase, variable).levels
    ordered = {name: of_trials(factor, recording, f"factors[{name!r}]") for name, factor in factors.items()}
    coded = {name: (factor - levels[name][0]) / np.ptp(levels[name]) - 0.5 for name, factor in ordered.items()}
    one, other = coded.values()
    return {**coded, " x ".join(coded): one.copy(data=2 * one.values * other.values)}
