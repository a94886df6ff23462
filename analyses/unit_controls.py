"""Artificial units in place of those of a network: controls for the measures of units."""

from collections.abc import Callable

import numpy as np
import xarray as xr

from pfc_metarl.data.dataset import STEP_DIMS
from pfc_metarl.data.trial_table import trial_view
from pfc_metarl.measures.units.regressors import last_trial

BELIEF: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "squeezed belief": lambda belief: np.tanh(4 * belief),
    "log odds of belief": lambda belief: np.arctanh(0.999 * belief),
}
"""Unit -> its activity as a function of the belief, from −1 to 1."""


def belief_units(test: xr.Dataset) -> xr.Dataset:
    """Replace a network's units by units that encode only the ideal observer's belief, by nonlinear functions."""
    value = test["action_value_latent_state"].values
    with_difference = test.assign(difference=(STEP_DIMS, value[..., 1] - value[..., 0]))
    by_trial = trial_view(with_difference, "difference", "first_stage").values
    steps = test.sizes["step"] // by_trial.shape[-1]
    belief = np.repeat(by_trial / np.abs(by_trial).max(), steps, axis=-1)  # from -1 to 1
    made = test.drop_dims("unit")
    made["hidden"] = (*STEP_DIMS, "unit"), np.stack([code(belief) for code in BELIEF.values()], axis=-1)
    return made.assign_coords(unit=list(BELIEF))


def percept(recording: xr.Dataset) -> xr.Dataset:
    """Replace units by last action, last reward and their product: the information of one trial."""
    last = last_trial(recording)
    steps = recording.sizes["step"] // last["last action"].sizes["trial"]
    units = np.stack([np.repeat(array.fillna(0).values, steps, axis=-1) for array in last.values()], axis=-1)
    return recording.drop_dims("unit").assign(hidden=((*STEP_DIMS, "unit"), units))
