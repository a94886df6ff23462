"""The numbers of each subject that a battery of measures is read by."""

import numpy as np
import pandas as pd
import xarray as xr

JUST_AFTER = 5
"""Trials from a reversal on that count as just after it."""


def headlines(measured: dict[str, xr.Dataset]) -> pd.DataFrame:
    """Return one row per subject with the main numbers of a battery.

    Parameters
    ----------
    measured : dict
        Results of `pfc_metarl.measures.battery`, and others by the names that are read here.

    Returns
    -------
    DataFrame
        Indexed by subject. Of the two-step task ``reward``, ``planning_index``, ``model_free_index`` and the stay
        probabilities ``stay_rewarded_common`` and so on; of bandits ``reward``, ``win_stay``, ``lose_shift``,
        ``reward_weight`` and ``choice_weight`` (last trial, log odds), ``matching_slope``, ``correct_before_reversal``
        and ``correct_after_reversal`` (first five trials), ``perseveration``, ``learning_rate`` (of a
        `pfc_metarl.fitting.rescorla_wagner_fit` named ``rescorla_wagner``) and ``regret``, as far as they were
        measured.

    Examples
    --------
    >>> from pfc_metarl.measures import battery
    >>> table = pd.DataFrame({"subject": "rat", "session": 0, "trial": range(6), "choice1": [0, 0, 1, 1, 0, 0]})
    >>> found, _ = battery(table.assign(reward=[1, 0, 1, 0, 1, 0]), "bandit")
    >>> headlines(found)[["reward", "win_stay", "lose_shift"]].round(2).to_dict("index")
    {'rat': {'reward': 0.5, 'win_stay': 1.0, 'lose_shift': 1.0}}
    """
    columns: dict[str, xr.DataArray] = {}
    if (found := measured.get("reward")) is not None:
        columns["reward"] = found["reward_per_trial"]
    if (found := measured.get("lags")) is not None:
        columns |= {name: found[name] for name in ("planning_index", "model_free_index")}
    if (found := measured.get("stay")) is not None:
        for outcome in found["outcome"].values.tolist():
            for transition in found["transition"].values.tolist():
                at = found["stay_probability"].sel(outcome=outcome, transition=transition, drop=True)
                columns[f"stay_{outcome}_{transition}"] = at
    if (found := measured.get("shift")) is not None:
        shift = found["shift_probability"]
        columns["win_stay"] = 1 - shift.sel(outcome="rewarded", drop=True)
        columns["lose_shift"] = shift.sel(outcome="unrewarded", drop=True)
    if (found := measured.get("history")) is not None:
        last = found["coefficient"].sel(lag=1, drop=True)
        columns |= {f"{name}_weight": last.sel(history=name, drop=True) for name in last["history"].values.tolist()}
    if (found := measured.get("matching")) is not None:
        columns["matching_slope"] = found["slope"]
    if (found := measured.get("reversal")) is not None:
        columns["correct_before_reversal"] = found["correct"].sel(trial=slice(None, -1)).mean("trial")
        columns["correct_after_reversal"] = found["correct"].sel(trial=slice(0, JUST_AFTER - 1)).mean("trial")
    if (found := measured.get("perseveration")) is not None:
        columns["perseveration"] = found["perseveration"]
    if (found := measured.get("rescorla_wagner")) is not None:
        columns["learning_rate"] = found["estimate"].sel(parameter="learning_rate", drop=True).where(found["valid"])
    if (found := measured.get("regret")) is not None:
        columns["regret"] = found["regret"]
    subjects = next(iter(columns.values()))["subject"].values if columns else np.array([])
    return pd.DataFrame(
        {name: values.to_series() for name, values in columns.items()}, index=pd.Index(subjects, name="subject")
    )
