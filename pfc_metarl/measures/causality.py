"""Causal roles: whether what was taken out of a network's activity was needed, and whether it alone is enough."""

import numpy as np
import xarray as xr
from scipy import stats

from pfc_metarl.data.validity import refuse_all, validity
from pfc_metarl.settings import BadInput

ROLES = ("neither", "necessary", "sufficient", "necessary and sufficient")

CONTROLS = {
    "direction": ("random directions", "displaced"),
    "direction beyond choice": ("random beyond choice",),
    "direction, cells too": ("random directions, cells too", "displaced, cells too"),
    "direction beyond choice, cells too": ("random beyond choice, cells too",),
    "top units": ("random units",),
    "bottom units": ("random units",),
}
"""Target -> the random ones that it is compared with: with the same variance where there is as much, and with the same
distance by which activity is moved. Those that were not measured do not count."""

KINDS = ("removed", "kept")
SIDES = {"removed": "less", "kept": "greater"}

ALIKE = 1e-9
"""Difference between networks below which there is no spread to test against."""


def causal_role(
    effects: xr.Dataset, effect: str = "reward_per_trial", level: float = 0.05, most: float = 0.5
) -> xr.Dataset:
    """Test whether a part of networks' activity is necessary, sufficient, both or neither for a behaviour.

    Parameters
    ----------
    effects : Dataset
        Of `pfc_metarl.mechanism.session.edited_behaviour`, for one cause.
    effect : str
        The behaviour that is tested: ``effect(subject, target, kind, draw)``, ``intact_effect(subject)`` and
        ``chance_effect(subject)`` must be there.
    level : float
        Largest p value, one-sided, of a target against the random ones.
    most : float
        Fraction of the intact effect above chance that must be lost, or kept.

    Returns
    -------
    Dataset, dims (subject, target)
        ``kept(subject, target, kind)``: effect above chance as a fraction of the intact network's, NaN where it was
        not measured; ``p_value`` (same dims): rank among the random draws, (1 + draws at least as extreme) /
        (1 + draws), so never below 1 / (1 + draws), and the largest over the target's controls; ``role``: "necessary"
        if with the target removed less than `most` is left, and less than with random ones removed; "sufficient" if
        with it alone kept more than `most` is left, and more than with random ones kept; ``n_draws`` of its controls.
        Over networks: ``t(target, kind)`` and ``p_of_networks`` of the paired t test of a target against the mean of
        its random ones, in the same direction, for the control with the largest p, and ``role_of_networks``, by it and
        by the mean fraction; NaN and "neither" for networks that are all alike, or a single one. A network that shows
        the effect no more than chance when intact has NaN and no role, ``valid(subject)`` is false and
        ``reason(subject)`` says why; what is over networks is over the others.

    Raises
    ------
    BadInput
        If the effects are not those of one cause, there are too few draws for `level`, or no intact network shows the
        effect more than chance.

    Examples
    --------
    With the direction removed a tenth of the effect is left, with random directions nine tenths.

    >>> random = np.random.default_rng(0)
    >>> effect = np.full((4, 2, 2, 19), np.nan)  # subject, target, kind, draw
    >>> effect[:, 0, :, 0] = [0.1, 0.9] + 0.01 * random.normal(size=(4, 2))
    >>> effect[:, 1] = [[0.9], [0.1]] + 0.01 * random.normal(size=(4, 2, 19))
    >>> dims = ("subject", "target", "kind", "draw")
    >>> coords = {"target": ["direction", "random directions"], "kind": ["removed", "kept"]}
    >>> intact = {"intact_reward": ("subject", np.ones(4)), "chance_reward": ("subject", np.zeros(4))}
    >>> effects = xr.Dataset({"reward": (dims, effect)} | intact, coords)
    >>> causal_role(effects, "reward")["role_of_networks"].values.tolist()
    ['necessary and sufficient']
    """
    if "cause" in effects.dims:
        raise BadInput(f"effects: give those of one cause, as effects.sel(cause={str(effects['cause'].values[0])!r}).")
    for name in (effect, f"intact_{effect}", f"chance_{effect}"):
        if name not in effects:
            raise BadInput(f"effects: there is no variable {name!r}; give what pfc_metarl.causality measured.")
    if not 0 < level < 1 or not 0 < most < 1:
        raise BadInput(f"level = {level}, most = {most}: must lie between 0 and 1.")
    above = effects[f"intact_{effect}"] - effects[f"chance_{effect}"]
    nothing = f"intact_{effect}: the network shows no more of it than chance, so nothing can be lost"
    reasons = ["" if shown else nothing for shown in (above > 0).values]
    refuse_all(reasons)
    targets = [name for name in effects["target"].values.tolist() if name in CONTROLS]
    kept = ((effects[effect] - effects[f"chance_{effect}"]) / above.where(above > 0)).sel(kind=list(KINDS))
    own = kept.sel(target=targets).isel(draw=0, drop=True)
    shown = (above > 0).values
    tested = [_against_all(kept, target, shown) for target in targets]
    n, p_value, t, p_of_networks = (xr.concat(each, own["target"]) for each in zip(*tested, strict=True))
    if (n < 1 / level - 1).any():
        raise BadInput(f"draw: {int(n.min())} random draws are too few for level = {level}.")
    p_value = p_value.transpose(*own.dims).where(above > 0)
    role = xr.where(above > 0, _role(own, p_value, level, most), "").transpose("subject", ...)
    data = {"kept": own, "p_value": p_value, "role": role, "n_draws": n, "t": t, "p_of_networks": p_of_networks}
    data["role_of_networks"] = _role(own.mean("subject"), p_of_networks, level, most)
    made = xr.Dataset(data | validity(reasons), attrs={"effect": effect, "level": level, "most": most})
    return made.drop_vars("draw", errors="ignore")


def _against_all(kept: xr.DataArray, target: str, shown: np.ndarray) -> tuple[xr.DataArray, ...]:
    """Compare a target with its controls; return the fewest draws, the largest p, and t and p over networks.

    Over networks too, the control with the largest p counts, or one to which no test applies.
    """
    measured = [name for name in CONTROLS[target] if name in kept["target"]]
    own = kept.sel(target=target, drop=True).isel(draw=0, drop=True)
    controls = kept.sel(target=measured).rename(target="control")
    n = controls.isel(subject=shown).sel(kind="removed", drop=True).notnull().all("subject").sum("draw")
    ranks = _ranked(own, controls, n).max("control")
    t, p = _across(own.isel(subject=shown), controls.isel(subject=shown))
    known = controls.notnull().any(["subject", "draw"]) & own.notnull().any("subject")
    worst = p.fillna(np.inf).where(known, -1).argmax("control")
    of_networks = [each.isel(control=worst).drop_vars("control") for each in (t, p)]
    return n.min("control"), ranks, *of_networks


def _ranked(own: xr.DataArray, control: xr.DataArray, n: xr.DataArray) -> xr.DataArray:
    """Return the rank of a target among the draws of each control; NaN where either was not measured."""
    extreme = {"removed": (control <= own).sum("draw"), "kept": (control >= own).sum("draw")}
    ranks = xr.concat([(1 + extreme[kind].sel(kind=kind)) / (1 + n) for kind in KINDS], _kinds())
    return ranks.where(own.notnull() & control.notnull().any("draw"))


def _kinds() -> xr.IndexVariable:
    return xr.IndexVariable("kind", list(KINDS))


def _across(own: xr.DataArray, control: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Return t and p of a target against the mean of the draws of each control, over networks."""
    beyond = (own - control.mean("draw")).transpose("control", "kind", "subject")
    t = np.full((2, *beyond.shape[:2]), np.nan)
    for at in np.argwhere(np.ptp(beyond.values, axis=-1) > ALIKE):
        control_at, kind = at.tolist()
        t[:, control_at, kind] = stats.ttest_1samp(beyond.values[control_at, kind], 0, alternative=SIDES[KINDS[kind]])
    found, p_value = (beyond.isel(subject=0, drop=True).copy(data=values) for values in t)
    return found, p_value


def _role(kept: xr.DataArray, p_value: xr.DataArray, level: float, most: float) -> xr.DataArray:
    necessary = (kept.sel(kind="removed") < most) & (p_value.sel(kind="removed") <= level)
    sufficient = (kept.sel(kind="kept") > most) & (p_value.sel(kind="kept") <= level)
    role = np.array(ROLES)[necessary.values.astype(int) + 2 * sufficient.values.astype(int)]
    return necessary.drop_vars("kind", errors="ignore").copy(data=role)
