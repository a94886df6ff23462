"""Units made by hand, put in the place of a network's: controls for what the measures of units find."""

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
"""Unit -> what it makes of the belief, from −1 to 1."""


def belief_units(test: xr.Dataset) -> xr.Dataset:
    """Put units in the place of a network's that carry the ideal observer's belief alone, squeezed or stretched."""
    value = test["action_value_latent_state"].values
    held = trial_view(test.assign(held=(STEP_DIMS, value[..., 1] - value[..., 0])), "held", "first_stage").values
    belief = np.repeat(held / np.abs(held).max(), test.sizes["step"] // held.shape[-1], axis=-1)  # from -1 to 1
    made = test.drop_dims("unit")
    made["hidden"] = (*STEP_DIMS, "unit"), np.stack([code(belief) for code in BELIEF.values()], axis=-1)
    return made.assign_coords(unit=list(BELIEF))


def percept(recording: xr.Dataset) -> xr.Dataset:
    """Put the last action, the last reward and their product in the place of units: what one trial alone tells."""
    told = last_trial(recording)
    steps = recording.sizes["step"] // told["last action"].sizes["trial"]
    units = np.stack([np.repeat(array.fillna(0).values, steps, axis=-1) for array in told.values()], axis=-1)
    return recording.drop_dims("unit").assign(hidden=((*STEP_DIMS, "unit"), units))
