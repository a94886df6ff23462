"""Causal roles: whether what was taken out of a network's activity was needed, and whether it alone is enough."""

import numpy as np
import xarray as xr

from pfc_metarl.settings import BadInput

ROLES = ("neither", "necessary", "sufficient", "necessary and sufficient")

CONTROLS = {"direction": "random directions", "top units": "random units", "bottom units": "random units"}
"""Target -> the random ones that it is held against."""


def causal_role(effects: xr.Dataset, level: float = 0.05, most: float = 0.5) -> xr.Dataset:
    """Say of each network whether a part of its activity is necessary, sufficient, both or neither for its reward.

    Parameters
    ----------
    effects : Dataset
        Of `pfc_metarl.causality.edited_behaviour`: ``reward_per_trial(subject, target, kind, draw)``,
        ``intact_reward_per_trial(subject)`` and ``chance(subject)``.
    level : float
        Largest p value, one-sided, of a target against the random ones.
    most : float
        Share of the intact reward above chance that must be lost, or kept.

    Returns
    -------
    Dataset, dims (subject, target)
        ``reward_kept(subject, target, kind)``: reward above chance as share of the intact network's; ``p_value``
        (same dims): rank among the random draws, (1 + draws at least as extreme) / (1 + draws), so never below
        1 / (1 + draws); ``role``: "necessary" if with the target removed less than the share `most` is left, and less
        than with random ones removed; "sufficient" if with it alone kept more than `most` is left, and more than with
        random ones kept; ``n_draws`` of its control.

    Raises
    ------
    BadInput
        If there are too few draws for `level`, or an intact network earns no more than chance.
    """
    for name in ("reward_per_trial", "intact_reward_per_trial", "chance"):
        if name not in effects:
            raise BadInput(f"effects: there is no variable {name!r}; give what pfc_metarl.causality measured.")
    if not 0 < level < 1 or not 0 < most < 1:
        raise BadInput(f"level = {level}, most = {most}: must lie between 0 and 1.")
    above = effects["intact_reward_per_trial"] - effects["chance"]
    if not bool((above > 0).all()):
        raise BadInput("intact_reward_per_trial: a network earns no more than chance, so nothing can be lost.")
    targets = [name for name in effects["target"].values.tolist() if name in CONTROLS]
    kept = (effects["reward_per_trial"] - effects["chance"]) / above
    own = kept.sel(target=targets).isel(draw=0, drop=True)
    control = kept.sel(target=[CONTROLS[name] for name in targets]).assign_coords(target=targets)
    n = control.notnull().all(["subject", "kind"]).sum("draw")
    if (n < 1 / level - 1).any():
        raise BadInput(f"draw: {int(n.min())} random draws are too few for level = {level}.")
    below, beyond = (control <= own).sum("draw"), (control >= own).sum("draw")
    extreme = xr.concat(
        [below.sel(kind="removed"), beyond.sel(kind="kept")], xr.IndexVariable("kind", ["removed", "kept"])
    )
    p_value = ((1 + extreme) / (1 + n)).transpose(*own.dims)
    necessary = (own.sel(kind="removed") < most) & (p_value.sel(kind="removed") <= level)
    sufficient = (own.sel(kind="kept") > most) & (p_value.sel(kind="kept") <= level)
    role = np.array(ROLES)[necessary.values.astype(int) + 2 * sufficient.values.astype(int)]
    data = {"reward_kept": own, "p_value": p_value, "role": (("subject", "target"), role), "n_draws": n}
    return xr.Dataset(data, attrs={"level": level, "most": most}).drop_vars("draw", errors="ignore")
