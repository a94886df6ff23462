"""Which trials count as rewarded: where a measure needs yes or no, the values of reward must allow it."""

import numpy as np
import pandas as pd

from pfc_metarl.settings import BadInput

TWO_VALUED = (-1, 0, 1)
"""Rewards that are clear without a threshold, even where only one of them occurs."""


def rewarded(reward: pd.Series, above: float = 0.0) -> pd.Series:
    """Return 1 where a trial was rewarded and 0 where it was not; NaN where that is unknown.

    Parameters
    ----------
    reward : Series of float
    above : float
        A reward counts if it is larger.

    Raises
    ------
    BadInput
        If all rewards are on one side of `above` and are not just −1, 0 or 1: points from 1 to 9, for example.

    Examples
    --------
    >>> rewarded(pd.Series([-1.0, 1.0, np.nan])).tolist()
    [0.0, 1.0, nan]
    >>> rewarded(pd.Series([1.0, 9.0, 4.0]))
    Traceback (most recent call last):
    pfc_metarl.settings.BadInput: reward: all values, 1 to 9, lie above 0, so no trial would count as unrewarded;
    give rewarded_above=.
    >>> rewarded(pd.Series([1.0, 9.0, 4.0]), above=5).tolist()
    [0.0, 1.0, 0.0]
    """
    if not np.isfinite(above):
        raise BadInput(f"rewarded_above = {above}: must be a number.")
    known = reward.dropna()
    gain = known > above
    if len(known) and gain.nunique() == 1 and not known.isin(TWO_VALUED).all():
        side, kind = ("above", "unrewarded") if gain.iloc[0] else ("at or below", "rewarded")
        raise BadInput(
            f"reward: all values, {known.min():g} to {known.max():g}, lie {side} {above:g}, so no trial would count as "
            f"{kind}; give rewarded_above=."
        )
    return (reward > above).astype(float).where(reward.notna())
