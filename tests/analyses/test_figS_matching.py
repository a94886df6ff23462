import numpy as np
import pytest
import xarray as xr

from analyses import figS_matching
from analyses.claim import with_tests
from pfc_metarl.experiments import foraging


def test_it_shows_the_discounts_that_the_experiments_have():
    assert tuple(figS_matching.DISCOUNTS) == foraging.DISCOUNTS
    assert figS_matching.RUN[1:] == tuple(f"runs/{foraging.discount_name(each)}" for each in foraging.DISCOUNTS)


def test_the_slope_near_indifference_is_of_those_sessions_alone():
    x = np.linspace(-4, 4, 401)
    y = np.where(abs(x) < 1.005, 0.1 * x, x)
    found = xr.Dataset(
        {name: (("subject", "session"), v[None]) for name, v in (("reward_ratio", x), ("choice_ratio", y))}
    )
    slope = figS_matching._bounded(found)["slope"].sel(subject=0)
    np.testing.assert_allclose(slope.sel(bound=[0.5, 1.0]), 0.1, atol=1e-2)
    assert (slope.diff("bound") > -1e-9).all()
    assert slope.sel(bound=5.0) > 0.9


def test_sessions_without_a_ratio_are_a_fraction_of_all(ax):
    fraction = xr.DataArray([[0.1, 0.3]] * 4, {"who": list(figS_matching.WHO)}, ("who", "subject"))
    figS_matching.draw_left_out(fraction, ax=ax)
    np.testing.assert_allclose([bar.get_height() for bar in ax.patches], 20)


@pytest.mark.parametrize(("networks", "more"), [([0.33, 0.35, 0.37, 0.39], True), ([0.48, 0.5, 0.5, 0.52], False)])
def test_networks_that_alternate_more_than_the_observer_are_told_from_those_that_do_as_much(networks, more):
    dims = ("who", "subject", "bound")
    shape = (len(figS_matching.WHO), 4, len(figS_matching.BOUNDS))
    slope = xr.DataArray(
        np.full(shape, 0.5), {"who": list(figS_matching.WHO), "bound": list(figS_matching.BOUNDS)}, dims
    )
    slope.loc[{"who": "networks"}] = np.array(networks)[:, None]
    tables = {
        "bounded": slope.to_dataset(name="slope"),
        "local": slope.isel(bound=0).expand_dims(interval=[0]).to_dataset(name="slope"),
    }
    _, found = with_tests("figS_matching", figS_matching.CLAIMS, tables)
    assert found.mean == pytest.approx(np.mean(networks) - 0.5)
    assert found.holds is more
