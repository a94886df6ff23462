"""Whether choices are better explained by a learning rate of their own than by a fixed one."""

import numpy as np
import pandas as pd
import xarray as xr

from pfc_metarl.data.labels import subjects
from pfc_metarl.data.table_values import require
from pfc_metarl.fitting.layout import UNIT_RANGE, checked
from pfc_metarl.fitting.rescorla_wagner import Unchosen, rescorla_wagner_fit
from pfc_metarl.settings import BadInput

FREE = {"b": (), "ab": ("learning_rate",), "be": ("lapse",), "abe": ("learning_rate", "lapse")}
"""Models of the comparison: what is fitted beside the inverse temperature (β): learning rate (α), lapse (ε)."""


def rate_comparison(
    data: xr.Dataset | pd.DataFrame,
    condition: str,
    fixed_rate: float,
    sessions: int = 10,
    reward_range: tuple[float, float] = UNIT_RANGE,
    unchosen: Unchosen = "mirrored",
) -> xr.Dataset:
    """Compare Rescorla-Wagner learners with a fixed and with a fitted learning rate, in blocks of sessions.

    Parameters
    ----------
    data : recording or trial table
    condition : str
        Column of the trial table that is constant within a session; a block holds sessions of one value.
    fixed_rate : float
        Learning rate of the models that do not fit it, 0 to 1.
    sessions : int
        Sessions of a block, in their order. Sessions that fill no block are left out.
    reward_range, unchosen
        See `rescorla_wagner_fit`.

    Returns
    -------
    Dataset, dims (subject, model)
        ``bic`` of the models b, ab, be and abe, summed over blocks; ``gain(subject)``: the smaller BIC of the two with
        the fixed rate minus the smaller one of the two that fit it, above 0 where a fitted rate is preferred;
        ``n_blocks(subject)``. NaN for subjects without a whole block.

    Raises
    ------
    BadInput
        If the condition varies within a session, or an argument is outside its range.

    Notes
    -----
    The parameters of each block are fitted separately. Wang et al. 2016, arXiv:1611.05763, section 3.1.5, compare these
    models in blocks of ten episodes.

    Examples
    --------
    >>> table = pd.DataFrame({"subject": 0, "session": np.repeat([0, 1], 8), "trial": [*range(8)] * 2, "fast": 0})
    >>> table = table.assign(choice1=[0, 1, 1, 0, 1, 1, 0, 0] * 2, reward=[0, 1, 0, 1, 1, 0, 1, 0] * 2)
    >>> found = rate_comparison(table, "fast", fixed_rate=0.2, sessions=2)
    >>> found["model"].values.tolist(), found["n_blocks"].item()
    (['b', 'ab', 'be', 'abe'], 1)
    """
    if not 0 <= fixed_rate <= 1:
        raise BadInput(f"fixed_rate = {fixed_rate}: must lie between 0 and 1.")
    if sessions < 1:
        raise BadInput(f"sessions = {sessions}: a block has one session or more.")
    table = checked(data)
    require(table, condition)
    blocks, owner = _in_blocks(table, condition, sessions)
    labels = subjects(table)
    fixed = {"learning_rate": fixed_rate, "lapse": 0.0}
    bic = []
    for free in FREE.values():
        held = {name: value for name, value in fixed.items() if name not in free}
        found = rescorla_wagner_fit(blocks, fixed=held, reward_range=reward_range, unchosen=unchosen)["bic"].to_series()
        bic.append(found.groupby(owner.loc[found.index]).sum(min_count=1).reindex(labels))
    made = xr.Dataset(
        {
            "bic": (("subject", "model"), np.stack([each.to_numpy(float) for each in bic], axis=1)),
            "n_blocks": ("subject", owner.value_counts().reindex(labels, fill_value=0).to_numpy(int)),
        },
        {"subject": labels, "model": list(FREE)},
    )
    best = [made["bic"].sel(model=list(pair)).min("model") for pair in (("b", "be"), ("ab", "abe"))]
    return made.assign(gain=best[0] - best[1])


def _in_blocks(table: pd.DataFrame, condition: str, sessions: int) -> tuple[pd.DataFrame, pd.Series]:
    """Return the trials of whole blocks, each a subject of its own, and to whom each belongs."""
    keys = ["subject", "session"]
    if (table.groupby(keys, observed=True)[condition].nunique(dropna=False) > 1).any():
        raise BadInput(f"condition = {condition!r}: this column varies within a session; blocks are whole sessions.")
    of_session = table.drop_duplicates(keys)[[*keys, condition]]
    groups = of_session.groupby(["subject", condition], observed=True)
    rank, kind = groups.cumcount() // sessions, groups.ngroup()
    of_session = of_session.assign(block=kind.astype(str) + "/" + rank.astype(str))
    whole = of_session.groupby("block")["session"].transform("size") == sessions
    if not whole.any():
        few = f"no subject has as many sessions with one value of {condition!r}"
        raise BadInput(f"sessions = {sessions}: {few}; make it smaller, or record more sessions.")
    of_session = of_session[whole]
    owner = of_session.groupby("block")["subject"].first()
    merged = table.merge(of_session[[*keys, "block"]], on=keys)
    return merged.assign(subject=merged["block"]).drop(columns="block"), owner
