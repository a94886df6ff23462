"""Activity made by hand: what each unit does in which condition is known."""

import numpy as np
import xarray as xr

from pfc_metarl.measures.activity import TRIAL_DIMS
from tests.handmade import recording

PHASES = ("choice", "outcome")


def coins(rng, *names, networks=2, episodes=20, trials=20):
    """Independent factors of two values, 0 and 1, by name."""
    shape = (networks, episodes, trials)
    return {name: xr.DataArray(rng.integers(0, 2, shape).astype(float), dims=TRIAL_DIMS) for name in names}


def lived(activity, phases=PHASES):
    """A recording from activity [network, episode, trial, phase, unit]."""
    activity = np.asarray(activity)
    networks, episodes, trials, n, units = activity.shape
    shape = (networks, episodes, trials * n)
    trial = np.broadcast_to(np.repeat(np.arange(trials), n), shape)
    phase = np.broadcast_to(np.tile(np.arange(n), trials), shape)
    return recording(phases[:n], trial=trial, phase=phase, hidden=activity.reshape(*shape, units))


def signs(factor):
    """A factor as −1 and 1, with an axis for units."""
    return (2 * factor.values - 1)[..., None]
