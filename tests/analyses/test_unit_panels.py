import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

from analyses import unit_panels
from analyses.significance import different
from pfc_metarl.measures.units.signatures import MOMENTS, SIGNATURES

N_SUBJECTS = 6


@pytest.fixture(scope="module")
def strength():
    """Medians of two kinds of networks, far apart for the first signature and alike for the others."""
    rng = np.random.default_rng(0)
    values = xr.DataArray(
        0.3 + 0.01 * rng.normal(size=(2, N_SUBJECTS, len(SIGNATURES))),
        {"who": ["trained", "untrained"], "regressor": list(SIGNATURES)},
        ("who", "subject", "regressor"),
    )
    values.loc[{"who": "untrained", "regressor": SIGNATURES[0]}] -= 0.2
    return values


def drawn(container):
    """Return the heights of the markers of error bars."""
    return np.asarray(container[0].get_ydata(), dtype=float)


def test_means_of_networks_are_drawn_and_missing_ones_are_named(strength, ax):
    strength = strength.where(strength["regressor"] != "next choice")
    unit_panels.draw_strength(strength, unit_panels.NETWORKS, ax=ax)
    (trained, untrained) = (np.asarray(container[0].get_xdata(), dtype=float) for container in ax.containers)
    np.testing.assert_allclose(trained[:-1], strength.sel(who="trained").mean("subject")[:-1])
    np.testing.assert_allclose(untrained[:-1], strength.sel(who="untrained").mean("subject")[:-1])
    assert [text.get_text() for text in ax.texts] == ["not known yet"]
    assert ax.texts[0].get_position()[1] == 0
    assert [text.get_text() for text in ax.get_yticklabels()] == list(SIGNATURES)


def test_stars_mark_significant_values(strength, ax):
    unit_panels.star_rows(different(strength), ax=ax)
    assert [text.get_position()[1] for text in ax.texts] == [len(SIGNATURES) - 1]
    unit_panels.star_columns(np.array([1.0, 3.0]), xr.DataArray([False, True]), ax)
    assert ax.texts[1].get_position() == (3.0, 1.0)


@pytest.mark.parametrize("draw", [unit_panels.draw_fractions, unit_panels.draw_unique])
def test_columns_are_means_over_networks(strength, ax, draw):
    fraction = xr.concat([strength, strength.isel(who=[0]).assign_coords(who=["shuffled"])], "who")
    draw(fraction, unit_panels.NETWORKS, ax=ax)
    np.testing.assert_allclose(drawn(ax.containers[1]), fraction.sel(who="untrained").mean("subject"))


def test_the_past_is_drawn_over_chance_and_filled_where_it_is_above(ax):
    rng = np.random.default_rng(2)
    score = 0.5 + 0.001 * rng.normal(size=(2, N_SUBJECTS, 2, 3)) + [0.3, 0.1, 0.0]
    dims = ("who", "subject", "past", "lag")
    coords = {"who": ["trained", "percept"], "past": ["choice", "reward"], "lag": [1, 2, 3]}
    decoded = xr.Dataset({"score": (dims, score), "chance": (dims, np.full(score.shape, 0.5))}, coords)
    unit_panels.draw_past(decoded, "reward", ax=ax)
    np.testing.assert_allclose(drawn(ax.containers[0]), (score - 0.5)[0, :, 1].mean(0))
    filled = [line for line in ax.lines if line.get_marker() == "o" and line.get_markerfacecolor() != "white"]
    assert filled[0].get_xdata().tolist() == [1, 2]


def test_numbers_and_areas_are_drawn_by_target(ax):
    values = np.random.default_rng(3).random((2, 3, 2))
    coords = {"who": ["trained", "untrained"], "target": ["value", "belief"]}
    score = xr.DataArray(values, coords, ("who", "subject", "target"))
    unit_panels.draw_targets(xr.Dataset({"score": score, "chance": score * 0}), ax=ax)
    np.testing.assert_allclose(drawn(ax.containers[1]), values[1].mean(0))
    assert [text.get_text() for text in ax.get_xticklabels()] == ["value", "belief"]
    plt.cla()
    looks = {"a": ("first", "black", "o"), "b": ("second", "black", "D")}
    unit_panels.draw_areas(score.expand_dims(at=["a", "b"]) * xr.DataArray([1, 0.5], dims="at"), "at", looks, ax=ax)
    assert [made.get_label() for made in ax.containers[::2]] == ["first", "second"]
    np.testing.assert_allclose(drawn(ax.containers[2]), values[0].mean(0) / 2)


def test_a_unit_is_a_column_of_the_image(ax):
    partial = xr.DataArray(np.eye(3), {"regressor": [*MOMENTS, "third"]}, ("unit", "regressor"))
    unit_panels.draw_units(partial * [1, -1, 1], ax=ax)
    np.testing.assert_array_equal(ax.images[0].get_array(), np.diag([1, -1, 1]))
