"""Volatility in activity: which units track it, and how well it is decoded from all of them.

Where every episode has the same order of stable and volatile trials, a clock decodes volatility. So these measures need
episodes of both orders in one recording: see `pfc_metarl.data.dataset.joined`.
"""

import xarray as xr

from pfc_metarl.data.dataset import phase_names
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures.activity import previous
from pfc_metarl.measures.population.decoding import population_decoding
from pfc_metarl.measures.units.encoding import unit_encoding
from pfc_metarl.settings import BadInput

EVERY = 10
"""Successive trials are similar: every tenth is nearly as informative as all, and takes a tenth of the time."""


def volatility_units(recording: xr.Dataset, variable: str = "hidden", every: int = EVERY) -> xr.Dataset:
    """Regress the activity of each unit on volatility, given what else the world and the last trial were.

    Parameters
    ----------
    recording : Dataset
        With ``volatile`` and ``p_reward`` of two options; episodes of both orders.
    variable : str
        The activity: "hidden" or "cell".
    every : int
        Use the last of every so many trials.

    Returns
    -------
    Dataset, dims (subject, unit, regressor)
        Of `pfc_metarl.measures.unit_encoding`, with regressors volatile, p_left, previous_reward and previous_action;
        p values are clustered by episode. ``p_significant`` at ``regressor="volatile"`` is the fraction of units that
        track volatility.

    Notes
    -----
    Wang et al. 2018, doi:10.1038/s41593-018-0147-8, report 37 ± 1 % of units, with a criterion that is not known. The
    fraction depends on how many episodes are recorded, as any count of significant tests does.

    Examples
    --------
    One of two units encodes volatility, with noise.

    >>> from pfc_metarl.data.example import volatility_example
    >>> volatility_units(volatility_example())["p_significant"].sel(regressor="volatile").values.tolist()
    [0.5, 0.5]
    """
    phase = phase_names(recording)[0]
    volatile = _volatile(recording, phase, every)
    regressors = {
        "volatile": volatile,
        "p_left": trial_view(recording, "p_reward", phase).isel(option=0, drop=True),
        "previous_reward": previous(trial_view(recording, "reward", phase)),
        "previous_action": previous(trial_view(recording, "action", phase)),
    }
    return unit_encoding(recording, regressors, phase, variable, clusters="episode")


def volatility_decoding(
    recording: xr.Dataset, variable: str = "hidden", every: int = EVERY, n_shuffles: int = 20
) -> xr.Dataset:
    """Decode from each network's units whether the world is volatile.

    Parameters
    ----------
    recording : Dataset
        With ``volatile``; episodes of both orders.
    variable : str
        The activity: "hidden" or "cell".
    every : int
        Read-outs are fitted to, and tested in, the last of every so many trials; they are applied to all.
    n_shuffles : int

    Returns
    -------
    Dataset
        Of `pfc_metarl.measures.population_decoding`; ``probability`` at label 1 is the decoded volatility.

    Examples
    --------
    One of two units follows volatility by three standard deviations of its noise: Φ(1.5) = 0.93 of the trials are
    decoded.

    >>> from pfc_metarl.data.example import volatility_example
    >>> found = volatility_decoding(volatility_example(), every=2, n_shuffles=0)
    >>> bool(abs(found["score"].sel(metric="accuracy") - 0.93).max() < 0.05)
    True
    """
    phase = phase_names(recording)[0]
    target = _volatile(recording, phase, every)
    return population_decoding(recording, target, "classes", phase, variable, n_shuffles=n_shuffles)


def _volatile(recording: xr.Dataset, phase: str, every: int) -> xr.DataArray:
    if every < 1:
        raise BadInput(f"every = {every}: must be at least 1.")
    volatile = trial_view(recording, "volatile", phase)
    return volatile.where(volatile["trial"] % every == every - 1)
