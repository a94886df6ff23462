"""Perseveration after reversals: how long the option that was the correct one is chosen on."""

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.trial_roles import role_table
from pfc_metarl.data.validity import validity
from pfc_metarl.settings import BadInput


def perseveration(
    data: xr.Dataset | pd.DataFrame, reversing: str = "good_state", correct: str = "good_state"
) -> xr.Dataset:
    """Return how many choices of the option that was correct follow a reversal, until another one is chosen.

    Parameters
    ----------
    data : recording or trial table
        With choices and the columns named by `reversing` and `correct`.
    reversing : str
        Column whose changes from one trial to the next are the reversals.
    correct : str
        Column with the code of the correct choice.

    Returns
    -------
    Dataset, dim subject
        ``perseveration``, free choices of the option that was correct before a reversal, counted from the reversal to
        the first other choice or to the next reversal, mean over reversals; ``n_reversals`` with a free choice after
        them; ``n_trials`` with a free choice and a correct option, and ``n_left_out``; ``valid`` and ``reason``, why a
        subject has no number.

    Raises
    ------
    BadInput
        If a column is missing, or nothing ever reverses.

    Notes
    -----
    Forced and lost trials are passed over. A subject that never chooses another option before the next reversal
    counts as far as that reversal, so that the number is a lower bound.

    Examples
    --------
    Left is correct, then right; the subject notices after two trials:

    >>> table = pd.DataFrame({"subject": "rat", "session": 0, "trial": range(8), "choice1": [0, 0, 0, 0, 0, 0, 1, 0]})
    >>> table = table.assign(good_state=[0, 0, 0, 0, 1, 1, 1, 1])
    >>> perseveration(table)["perseveration"].item()
    2.0
    """
    found = role_table(data, *dict.fromkeys((reversing, correct)), two_options=False)
    used = found.target & found.rows[correct].notna()
    rows = found.rows.assign(target=used).sort_values(["subject", "session", "trial"], ignore_index=True)
    sessions = [rows["subject"], rows["session"]]
    world, best = (rows[name].groupby(sessions).ffill() for name in (reversing, correct))
    before = world.groupby(sessions).shift()
    reversal = before.notna() & (world != before)
    if not reversal.any():
        raise BadInput(f"{reversing}: it never changes from one trial to the next, so there is no reversal.")
    epoch = reversal.groupby(sessions).cumsum()
    former = best.groupby(sessions).shift().where(reversal).groupby(sessions).ffill()
    free = rows[rows["target"] & (epoch > 0) & former.notna()].assign(epoch=epoch, former=former)
    same = free["choice1"] == free["former"]
    others = (~same).groupby([free["subject"], free["session"], free["epoch"]]).cumsum()
    counts = (others == 0).groupby([free["subject"], free["session"], free["epoch"]]).sum()
    of_subjects = counts.groupby("subject")
    index = range(len(found.subjects))
    n_reversals = of_subjects.size().reindex(index, fill_value=0).to_numpy()
    reason = np.where(n_reversals > 0, "", "no reversal with a free choice after it")
    return xr.Dataset(
        {
            "perseveration": ("subject", of_subjects.mean().reindex(index).to_numpy(float), {"units": "choices"}),
            "n_reversals": ("subject", n_reversals),
            **found.counts(used),
            **validity(reason),
        },
        {"subject": found.subjects},
    )
