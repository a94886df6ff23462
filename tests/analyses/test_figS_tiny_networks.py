import numpy as np
import pytest
import xarray as xr

from analyses import derived, figS_tiny_networks, folders


@pytest.fixture(scope="module")
def tables():
    return derived.load(folders.TABLES / "figS_tiny_networks.nc")[0]


def test_every_group_has_a_portrait_and_a_likelihood(tables):
    assert tables["likelihood"]["who"].values.tolist() == list(figS_tiny_networks.GROUPS)
    for who in figS_tiny_networks.GROUPS:
        assert tables[f"portrait_{who}"]["change"].notnull().any()


def test_lines_are_means_over_subjects_of_bins_that_enough_of_them_have(ax):
    change = [[[1.0, 2.0]], [[2.0, 4.0]], [[3.0, np.nan]]]
    logit = [[[-1.0, 1.0]], [[-1.0, 1.0]], [[-1.0, np.nan]]]
    dims = ("subject", "trial_type", "bin")
    portrait = xr.Dataset(
        {"change": (dims, change), "logit": (dims, logit)}, {"trial_type": ["rewarded"], "bin": [-1, 1]}
    )
    figS_tiny_networks.draw_portrait(portrait, ax=ax)
    x, y = (np.asarray(values, float) for values in ax.containers[0].lines[0].get_data())
    np.testing.assert_array_equal(x[np.isfinite(y)], [-1.0])
    np.testing.assert_array_equal(y[np.isfinite(y)], [2.0])


def test_bars_are_the_fitted_model_networks_of_each_size_and_of_the_size_that_was_chosen(tables, ax):
    figS_tiny_networks.draw_likelihood(tables["likelihood"], ax=ax)
    expected = tables["likelihood"]["per_trial"].sel(who="networks", units=1).mean()
    assert len(ax.patches) == 6 * len(figS_tiny_networks.GROUPS)
    (bar,) = [each for each in ax.containers if each.get_label() == "one unit"]
    np.testing.assert_allclose(bar.patches[0].get_height(), expected)
    of_chosen = ax.patches[-len(figS_tiny_networks.GROUPS) :]
    expected = tables["likelihood"]["nested_per_trial"].mean("subject")
    np.testing.assert_allclose([bar.get_height() for bar in of_chosen], expected)


def test_every_group_has_networks_of_one_to_four_units(tables):
    found = tables["likelihood"]["per_trial"]
    assert found["units"].values.tolist() == [1, 2, 3, 4]
    assert found.notnull().any("subject").all()
    nested = tables["likelihood"]["nested_per_trial"]
    assert (nested.notnull() == found.notnull().all("units")).all()
    assert (found.min("units").mean("subject") < nested.mean("subject")).all()
