import numpy as np
import pytest
import xarray as xr
from scipy import stats

from pfc_metarl.measures import causal_role
from pfc_metarl.settings import BadInput

TARGETS = ["direction", "random directions", "top units", "bottom units", "random units"]


def effects(removed, kept, n_draws=20, random_removed=0.68, random_kept=0.51):
    """Two networks that earn 0.7, where chance is 0.5; reward with the direction removed, and alone kept."""
    reward = np.full((2, 5, 2, n_draws), np.nan)
    spread = np.linspace(-0.005, 0.005, n_draws)
    reward[:, 1::3, 0], reward[:, 1::3, 1] = random_removed + spread, random_kept + spread
    reward[:, 2, :, 0], reward[:, 3, :, 0] = (0.6, 0.58), (0.7, 0.5)
    reward[:, 0, 0, 0], reward[:, 0, 1, 0] = removed, kept
    coords = {"subject": [0, 1], "target": TARGETS, "kind": ["removed", "kept"], "draw": range(n_draws)}
    return xr.Dataset(
        {
            "reward_per_trial": (("subject", "target", "kind", "draw"), reward),
            "intact_reward_per_trial": ("subject", [0.7, 0.7]),
            "chance_reward_per_trial": ("subject", [0.5, 0.5]),
        },
        coords,
    )


@pytest.mark.parametrize(
    ("removed", "kept", "role"),
    [
        (0.52, 0.65, "necessary and sufficient"),
        (0.52, 0.55, "necessary"),
        (0.69, 0.65, "sufficient"),
        (0.69, 0.51, "neither"),
        (0.62, 0.55, "neither"),
    ],
)
def test_roles_are_named_correctly(removed, kept, role):
    got = causal_role(effects(removed, kept))
    assert got["role"].sel(target="direction").values.tolist() == [role] * 2
    np.testing.assert_allclose(got["kept"].sel(target="direction", kind="removed"), (removed - 0.5) / 0.2)
    assert got["role"].sel(target="bottom units").values.tolist() == ["neither"] * 2
    assert got["target"].values.tolist() == ["direction", "top units", "bottom units"]


def test_an_effect_of_random_targets_too_is_no_evidence():
    got = causal_role(effects(0.52, 0.65, random_removed=0.52, random_kept=0.65))
    assert got["role"].sel(target="direction").values.tolist() == ["neither"] * 2
    np.testing.assert_allclose(got["p_value"].sel(target="direction"), 11 / 21)


def test_p_is_the_rank_among_the_draws():
    got = causal_role(effects(0.52, 0.65))["p_value"]
    np.testing.assert_allclose(got.sel(target="direction"), 1 / 21)
    np.testing.assert_allclose(got.sel(target="bottom units", kind="removed"), 1)


@pytest.mark.parametrize(
    ("removed", "kept", "role"),
    [
        ((0.52, 0.55), (0.66, 0.64), "necessary and sufficient"),
        ((0.52, 0.55), (0.56, 0.54), "necessary"),
        ((0.69, 0.68), (0.66, 0.64), "sufficient"),
        ((0.52, 0.80), (0.66, 0.40), "neither"),
    ],
)
def test_networks_together_have_the_role_that_a_paired_t_test_gives(removed, kept, role):
    made = effects(0.5, 0.6)
    made["reward_per_trial"][:, 0, :, 0] = np.transpose([removed, kept])
    made["reward_per_trial"][0, 1] += 0.001  # networks whose random ones differ
    got = causal_role(made).sel(target="direction")
    assert got["role_of_networks"] == role
    control = made["reward_per_trial"].sel(target="random directions").mean("draw")
    for kind, own, tail in (("removed", removed, stats.t.cdf), ("kept", kept, stats.t.sf)):
        difference = (own - control.sel(kind=kind).values) / 0.2
        t = difference.mean() / (difference.std(ddof=1) / np.sqrt(2))
        np.testing.assert_allclose(got["t"].sel(kind=kind), t)
        np.testing.assert_allclose(got["p_of_networks"].sel(kind=kind), tail(t, 1))


def test_a_single_network_has_no_statistics_over_networks():
    got = causal_role(effects(0.52, 0.65).isel(subject=[0]))
    assert got["p_of_networks"].isnull().all()
    assert set(got["role_of_networks"].values) == {"neither"}


def test_a_network_that_shows_no_effect_is_marked_and_the_others_are_judged_without_it():
    good = effects(0.52, 0.65)
    third = good.isel(subject=[0]).assign_coords(subject=[2]).assign(chance_reward_per_trial=("subject", [0.7]))
    got, alone = causal_role(xr.concat([good, third], "subject")), causal_role(good)
    assert got["valid"].values.tolist() == [True, True, False]
    said = "intact_reward_per_trial: the network shows no more of it than chance, so nothing can be lost"
    assert got["reason"].values.tolist() == ["", "", said]
    assert set(got["role"].sel(subject=2).values) == {""}
    assert got[["kept", "p_value"]].sel(subject=2).to_array().isnull().all()
    xr.testing.assert_identical(got.drop_sel(subject=2)[list(alone)].drop_vars("reason"), alone.drop_vars("reason"))


def test_the_control_that_differs_least_decides():
    """Displaced as far along random directions, networks lose as much as with the direction removed."""
    made = effects(0.52, 0.65)
    made["reward_per_trial"][0, 1] += 0.001  # so that networks are not all alike
    displaced = made.sel(target=["random directions"]).assign_coords(target=["displaced"])
    displaced["reward_per_trial"][:, 0, 0] = 0.51 + np.linspace(0, 0.02, 20)
    displaced["reward_per_trial"][:, 0, 1] = np.nan
    got = causal_role(xr.concat([made, displaced], "target", data_vars="minimal"))
    assert got["role"].sel(target="direction").values.tolist() == ["sufficient"] * 2
    below = int((0.51 + np.linspace(0, 0.02, 20) <= 0.52).sum())
    np.testing.assert_allclose(got["p_value"].sel(target="direction", kind="removed"), (1 + below) / 21)
    np.testing.assert_allclose(got["p_value"].sel(target="direction", kind="kept"), 1 / 21)
    p = got["p_of_networks"].sel(target="direction")
    assert p.sel(kind="kept") < 0.05
    assert p.sel(kind="removed").isnull(), "with the direction removed and displaced, networks are alike"


def test_what_was_not_kept_alone_is_not_sufficient():
    made = effects(0.52, 0.65)
    renamed = {"direction": "direction beyond choice", "random directions": "random beyond choice"}
    made["target"] = [renamed.get(name, name) for name in TARGETS]
    made["reward_per_trial"][:, :2, 1] = np.nan
    got = causal_role(made).sel(target="direction beyond choice")
    assert got["role"].values.tolist() == ["necessary"] * 2
    assert got["p_value"].sel(kind="kept").isnull().all()


def test_any_behaviour_can_judge():
    made = effects(0.52, 0.65)
    renamed = made.rename({name: str(name).replace("reward_per_trial", "slope") for name in made.data_vars})
    assert causal_role(renamed, "slope").drop_attrs().equals(causal_role(made).drop_attrs())


def test_what_cannot_be_tested_is_refused():
    with pytest.raises(BadInput, match="18 random draws are too few"):
        causal_role(effects(0.5, 0.6, n_draws=18))
    with pytest.raises(BadInput, match="shows no more of it than chance"):
        causal_role(effects(0.5, 0.6).assign(chance_reward_per_trial=("subject", [0.7, 0.75])))
    with pytest.raises(BadInput, match="no variable 'chance_reward_per_trial'"):
        causal_role(effects(0.5, 0.6).drop_vars("chance_reward_per_trial"))
    with pytest.raises(BadInput, match="level = 0"):
        causal_role(effects(0.5, 0.6), level=0)
    with pytest.raises(BadInput, match=r"those of one cause, as effects.sel\(cause='good state'\)"):
        causal_role(effects(0.5, 0.6).expand_dims(cause=["good state"]))
