"""What noise of choices costs an observer who knows hard arms: on easy arms, more than knowing nothing of them."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from analyses import style
from pfc_metarl.models.exact_regret import softmax_regret

HARD = (0.4, 0.6)
DIFFERENCE = 0.04
"""Expected rewards of hard arms after a balance of one outcome differ by so much: 0.2 tanh(log(0.6/0.4)/2)."""
EARLY = 10
"""Trials in which choices against the evidence are counted."""


def against_evidence(recording: xr.Dataset) -> xr.Dataset:
    """Return the fraction of choices against a balance of one outcome, in trials 2 to 10, dim subject.

    A rewarded choice of an arm, and an unrewarded one of the other, is an outcome in favour of the arm.
    """
    left = recording["action"].transpose("network", "episode", "step") == 0
    outcome = xr.where(left == (recording["reward"] > 0), 1, -1)
    balance = outcome.cumsum("step").shift(step=1, fill_value=0)
    early = recording["step"] < EARLY
    against = xr.where(balance > 0, ~left, left).where((abs(balance) == 1) & early)
    return against.mean(("episode", "step")).rename(network="subject").to_dataset(name="against")


def noisy_observer(against: xr.DataArray, tests: dict[str, tuple[float, float]]) -> xr.Dataset:
    """Return the exact regret of an observer who knows hard arms and chooses with the noise of networks.

    Parameters
    ----------
    against : DataArray, dims (subject)
        Fraction of choices of networks against a balance of one outcome.
    tests : dict of str to pair of float
        Name of a distribution of anticorrelated arms -> its payoffs.

    Returns
    -------
    Dataset, dims (tested)
        ``regret`` in 100 trials; without dimension ``inverse_temperature``: that of the softmax that chooses against
        a balance of one outcome as often as the networks do.

    Examples
    --------
    >>> noisy_observer(xr.DataArray([0.2, 0.3], dims="subject"), {"easy": (0.1, 0.9)}).round(2)["regret"].values
    array([1.36])
    """
    fraction = np.clip(float(against.mean()), 1e-6, 0.5)
    inverse_temperature = np.log(1 / fraction - 1) / DIFFERENCE
    regret = [softmax_regret(HARD, arms, inverse_temperature)[-1] for arms in tests.values()]
    found = {"regret": ("tested", regret), "inverse_temperature": inverse_temperature}
    return xr.Dataset(found, {"tested": list(tests)})


def draw_noisy_observer(observer: xr.Dataset, ideal: xr.DataArray, ax: Axes) -> Axes:
    """Draw the regret of the noisy observer against that of the ideal one with the same prior, dim tested."""
    ax.plot(
        ideal.sel(tested=observer["tested"]),
        observer["regret"],
        "D",
        markerfacecolor="none",
        markeredgecolor=style.OPTIMUM,
        markersize=3.5,
        markeredgewidth=0.7,
        label="hard, exact, with noise",
    )
    return ax
