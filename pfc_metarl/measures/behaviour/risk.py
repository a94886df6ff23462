"""Risky choice: how often the risky lever is chosen, and how far dopamine shifts it."""

import numpy as np
import pandas as pd
import xarray as xr
from scipy import stats

from pfc_metarl.data.labels import whole_numbers
from pfc_metarl.data.trial_roles import role_table
from pfc_metarl.settings import BadInput


def risky_choice(data: xr.Dataset | pd.DataFrame) -> xr.Dataset:
    """Return how often the risky lever was taken in free trials.

    Parameters
    ----------
    data : recording or trial table
        The table's columns: ``response`` (0 left, 1 right, anything else no lever), ``risky_side`` (0 or 1) and
        ``forced`` (1 where one lever alone was shown; all trials are free if there is no such column).

    Returns
    -------
    Dataset, dims (subject) and (subject, trial)
        ``risky_choice``: fraction of the free trials with a pull that took the risky lever, NaN without any;
        ``risky_choice_by_trial``: the same for each free trial of a session, ``omissions``: fraction of the free trials
        without a pull; ``n_trials``: free trials with a pull, ``n_left_out``: all others.

    Raises
    ------
    BadInput
        If a column is missing or no trial is free.

    Examples
    --------
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(4), "forced": [1, 0, 0, 0],
    ...                       "response": [1, 1, 1, 0], "risky_side": 1})
    >>> risky_choice(table)["risky_choice"].values.round(2).tolist()
    [0.67]
    """
    found = role_table(data, "response", "risky_side", response=None)
    side = found.rows["risky_side"].dropna()
    if not side.isin([0, 1]).all():
        raise BadInput(f"risky_side = {side[~side.isin([0, 1])].iloc[0]:g} in the trial table: must be 0 or 1.")
    if not found.target.any():
        raise BadInput("The trial table has no free trial: forced is 1 in all of them.")
    pulled = found.target & found.rows["response"].isin([0, 1]) & found.rows["risky_side"].notna()
    risky = (found.rows["response"] == found.rows["risky_side"]).astype(float).where(pulled)
    free = found.rows.assign(risky=risky, omitted=~pulled)[found.target]
    means = free.groupby("subject")[["risky", "omitted"]].mean().reindex(range(len(found.subjects)))
    by_trial = free.groupby(["subject", "trial"])["risky"].mean().unstack("trial").reindex(means.index)
    return xr.Dataset(
        {
            "risky_choice": ("subject", means["risky"].to_numpy(dtype=float)),
            "risky_choice_by_trial": (("subject", "trial"), by_trial.to_numpy()),
            "omissions": ("subject", means["omitted"].to_numpy(dtype=float)),
            **found.counts(pulled),
        },
        coords={"subject": found.subjects, "trial": whole_numbers(by_trial.columns.to_numpy())},
    )


def risk_shift(perturbed: xr.Dataset, control: xr.Dataset) -> xr.Dataset:
    """Return how far a perturbation moves each subject's risky choice, and whether it moves all of them.

    Parameters
    ----------
    perturbed, control : Dataset
        Of `risky_choice`, the same subjects.

    Returns
    -------
    Dataset
        ``shift``, dim subject: risky choice when perturbed minus in control; ``t`` and ``p_value`` of a paired t-test
        over subjects, two-sided (NaN with one subject); ``n_up`` and ``n_down``: subjects that increased or decreased.

    Raises
    ------
    BadInput
        If the subjects are not the same.

    Examples
    --------
    >>> control = xr.Dataset({"risky_choice": ("subject", [0.5, 0.6, 0.7])}, {"subject": [0, 1, 2]})
    >>> shift = risk_shift(control + 0.1, control)["shift"]
    >>> shift.values.round(2).tolist()
    [0.1, 0.1, 0.1]
    """
    before, after = control["risky_choice"], perturbed["risky_choice"]
    if not np.array_equal(before["subject"].values, after["subject"].values):
        raise BadInput("risk_shift: perturbed and control must be of the same subjects, in the same order.")
    shift = after - before
    spread = shift.size > 1 and bool(np.ptp(shift.values) > 0)
    test = stats.ttest_rel(after.values, before.values) if spread else None
    return xr.Dataset(
        {
            "shift": shift,
            "t": np.nan if test is None else float(test.statistic),
            "p_value": np.nan if test is None else float(test.pvalue),
            "n_up": int((shift > 0).sum()),
            "n_down": int((shift < 0).sum()),
        }
    )
