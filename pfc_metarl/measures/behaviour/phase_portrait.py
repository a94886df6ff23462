"""Phase portraits of choice: how a trial changes the preference for the option that was chosen in it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.trial_roles import role_table, rows_before
from pfc_metarl.data.trial_table import trials
from pfc_metarl.measures.behaviour.outcomes import rewarded
from pfc_metarl.settings import BadInput, counted

EDGES = tuple(np.arange(-4.5, 5.0, 1.0).tolist())

FEWEST = 5
"""Trials that a bin must have."""


def phase_portrait(
    data: xr.Dataset | pd.DataFrame,
    p: np.ndarray,
    p_after: np.ndarray | None = None,
    edges: Sequence[float] = EDGES,
    fewest: int = FEWEST,
) -> xr.Dataset:
    """Return the change of the log odds of the chosen option from before to after a trial, against those before.

    Parameters
    ----------
    data : recording or trial table
        ``choice1`` and ``reward``; with a column ``common``, trials are told apart by their transition too.
    p : array, shape [row, option]
        Probability of each option before the trial of each row, such as the columns ``p_0`` and ``p_1`` of
        `predictions`, or ``p`` of `tiny_network_fit`. NaN leaves a row out.
    p_after : array, shape [row, option], optional
        After the trial; by default that before the next trial of the session.
    edges : sequence of float
        Of the bins of log odds.
    fewest : int
        Trials below which a bin is NaN.

    Returns
    -------
    Dataset, dims (subject, trial_type, bin)
        ``logit`` and ``change``, means over the trials of a bin; ``n`` trials in it; coordinate ``bin``, its centre;
        ``n_trials`` and ``n_left_out`` (subject).

    Raises
    ------
    BadInput
        If a column is missing, or an array has not one row for each row of the table.

    Notes
    -----
    Ji-An, Benna & Mattar 2025, doi:10.1038/s41586-025-09142-4. A learner with rate α, inverse temperature β and
    mirrored values has straight lines: of log odds L, the change is α(β − L) after a reward, −α(β + L) without one.

    Examples
    --------
    >>> from pfc_metarl.fitting import predictions
    >>> from pfc_metarl.models import RescorlaWagner
    >>> rng = np.random.default_rng(0)
    >>> table = pd.DataFrame({"subject": 0, "session": 0, "trial": range(400), "choice1": rng.integers(0, 2, 400)})
    >>> table = table.assign(reward=rng.integers(0, 2, 400))
    >>> model = RescorlaWagner(learning_rate=0.2, inverse_temperature=4.0, unchosen="mirrored")
    >>> found = phase_portrait(table, predictions(model, table)[["p_0", "p_1"]].to_numpy()).isel(subject=0)
    >>> expected = 0.2 * (4 - found["logit"].sel(trial_type="rewarded"))
    >>> bool((abs(found["change"].sel(trial_type="rewarded") - expected).dropna("bin") < 1e-6).all())
    True
    """
    table = trials(data).reset_index(drop=True)
    if len(edges) < 2 or not (np.diff(edges) > 0).all():
        raise BadInput(f"edges = {list(edges)}: give two numbers or more, in order.")
    before = _array(p, len(table))
    after = _of_next_row(table, before) if p_after is None else _array(p_after, len(table))
    found = role_table(table, "reward", optional=("common",), two_options=False)
    logit, later = (_log_odds(each, found.rows["choice1"]) for each in (before, after))
    names, kind = _trial_types(found.rows)
    place = np.digitize(logit, edges) - 1
    used = found.target.to_numpy() & np.isfinite(logit) & np.isfinite(later) & (kind >= 0)
    used &= (place >= 0) & (place < len(edges) - 1)
    subject, shape = found.rows["subject"].to_numpy(int), (len(found.subjects), len(names), len(edges) - 1)
    cell = np.ravel_multi_index((subject[used], kind[used], place[used]), shape)
    n = np.bincount(cell, minlength=np.prod(shape))
    means = {
        name: np.where(n >= max(fewest, 1), np.bincount(cell, each[used], len(n)) / np.maximum(n, 1), np.nan)
        for name, each in (("logit", logit), ("change", later - logit))
    }
    dims = ("subject", "trial_type", "bin")
    return xr.Dataset(
        {
            **{name: (dims, each.reshape(shape), {"units": "log odds"}) for name, each in means.items()},
            "n": (dims, n.reshape(shape)),
            **found.counts(used),
        },
        coords={"subject": found.subjects, "trial_type": names, "bin": (np.array(edges[1:]) + edges[:-1]) / 2},
    )


def _of_next_row(table: pd.DataFrame, values: np.ndarray) -> np.ndarray:
    """Return values of the next trial of the session; NaN where there is none."""
    before = rows_before(table, 1)
    found = np.full_like(values, np.nan)
    found[before[before >= 0]] = values[before >= 0]
    return found


def _array(values: np.ndarray, n_rows: int) -> np.ndarray:
    array = np.asarray(values, dtype=float)
    if array.ndim != 2 or len(array) != n_rows or array.shape[1] < 2:
        raise BadInput(
            f"p: an array of shape {array.shape}; give one row for each of the {n_rows} rows of the trial table, and a "
            "column for each option."
        )
    return array


def _log_odds(p: np.ndarray, choice: pd.Series) -> np.ndarray:
    """Return the log odds of the option chosen in each row; NaN where there is none."""
    known = choice.notna().to_numpy()
    code = choice.fillna(0).to_numpy(int)
    if code.max(initial=0) >= p.shape[1]:
        raise BadInput(f"p: has {counted(p.shape[1], 'column')}, and choice1 has codes up to {code.max()}.")
    own = np.clip(p[np.arange(len(p)), code], 1e-12, 1 - 1e-12)
    return np.where(known, np.log(own) - np.log1p(-own), np.nan)


def _trial_types(rows: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """Return the kinds of trials, and the code of each row's, −1 where it is unknown."""
    outcome = rewarded(rows["reward"])
    codes = 1 - outcome
    names = ["rewarded", "unrewarded"]
    if "common" in rows:
        codes = codes + 2 * (1 - rows["common"])
        names = [f"{transition} {name}" for transition in ("common", "rare") for name in names]
    return names, codes.fillna(-1).to_numpy(int)
